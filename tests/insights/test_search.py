"""Which findings a filter shows, and how the list is paged and counted."""

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import InvalidInputError
from findings.models import (
    ComponentRisk,
    Conclusion,
    Confidence,
    Severity,
    State,
    Status,
    TriageState,
)
from insights.filters import FindingFilter
from insights.search import count_by, page_of_findings, search
from tenants.scope import organization_scope
from tests.factories import (
    FindingFactory,
    InstanceFactory,
    ProjectFactory,
    RefFactory,
    ReportedRuleFactory,
    SourceFileFactory,
    VerdictFactory,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def ids(**fields):
    return [finding.id for finding in search(FindingFilter(**fields))]


def test_the_newest_come_first_and_equals_by_id(acme):
    old = FindingFactory(relevant_since=NOON - timedelta(days=1))
    first, second = FindingFactory(relevant_since=NOON), FindingFactory(relevant_since=NOON)

    assert ids() == [second.id, first.id, old.id]


def test_removed_findings_are_never_shown(acme):
    FindingFactory(state=State.REMOVED)
    shown = FindingFactory(state=State.FIXED)

    assert ids() == [shown.id]
    assert ids(statuses=("fixed",)) == [shown.id]


def test_each_field_narrows_the_list(acme):
    rule = ReportedRuleFactory(check_id="python.sql-injection", severity=Severity.CRITICAL)
    file = SourceFileFactory(
        project=ProjectFactory(name="acme/shop"),
        path="app/payments/charge.py",
        component="payments",
        component_risk=ComponentRisk.HIGH,
    )
    wanted = FindingFactory(
        project=file.project,
        rule=rule,
        file=file,
        confidence=Confidence.HIGH,
        relevant_since=NOON,
        verdict=Conclusion.TRUE_POSITIVE,
    )
    FindingFactory(relevant_since=NOON - timedelta(days=9), triage_state=TriageState.IGNORED)

    for fields in (
        {"statuses": ("open",)},
        {"severities": (Severity.CRITICAL, Severity.LOW)},
        {"confidences": (Confidence.HIGH,)},
        {"project_ids": (file.project.id,)},
        {"project_names": ("acme/shop", "acme/none")},
        {"verdicts": ("true_positive",)},
        {"components": ("payments", "tests")},
        {"risks": ("high",)},
        {"rules": ("python.sql-injection",)},
        {"since": NOON},
        {"path": "PAYMENTS/"},
        {"text": "Sql charge"},
    ):
        assert ids(**fields) == [wanted.id], fields


def test_a_component_or_its_group_is_enough(acme):
    tagged = SourceFileFactory(component="tests", component_risk=ComponentRisk.LOW)
    other = SourceFileFactory(component="payments", component_risk=ComponentRisk.HIGH)
    first = FindingFactory(file=tagged, project=tagged.project, relevant_since=NOON)
    second = FindingFactory(file=other, project=other.project, relevant_since=NOON)

    assert ids(risks=("low",), components=("payments",)) == [second.id, first.id]


def test_findings_without_a_verdict_can_be_asked_for(acme):
    judged, waiting = FindingFactory(), FindingFactory()
    VerdictFactory(finding=judged, conclusion=Conclusion.NEEDS_REVIEW)

    assert ids(verdicts=("none",)) == [waiting.id]
    assert ids(verdicts=("needs_review",)) == [judged.id]


def test_wildcards_in_a_text_are_plain_characters(acme):
    FindingFactory()

    assert ids(text="%") == []
    assert ids(path="_%_") == []


def test_a_branch_shows_the_status_that_findings_have_on_it(acme):
    project = ProjectFactory()
    branch = RefFactory(project=project, name="feature")
    fixed_there = FindingFactory(project=project)
    InstanceFactory(finding=fixed_there)
    InstanceFactory(finding=fixed_there, ref=branch, state=State.FIXED)
    only_main = FindingFactory(project=project)
    InstanceFactory(finding=only_main)

    assert ids(ref="refs/heads/feature", statuses=("fixed",)) == [fixed_there.id]
    assert ids(ref="feature", statuses=("open",)) == []
    assert ids(ref="main", statuses=("open",)) == [only_main.id, fixed_there.id]
    assert ids(ref="nowhere") == []


def test_a_triaged_finding_is_ignored_on_every_branch(acme):
    finding = FindingFactory(triage_state=TriageState.IGNORED)
    InstanceFactory(finding=finding)

    assert ids(ref="main", statuses=("ignored",)) == [finding.id]


def test_rivals_findings_are_not_found(acme, rival):
    with organization_scope(rival.id):
        FindingFactory()

    assert ids() == []


def test_pages_follow_each_other_in_both_directions(acme):
    made = [FindingFactory(relevant_since=NOON).id for _ in range(5)]
    newest_first = made[::-1]

    first = page_of_findings(FindingFilter(), size=2)
    second = page_of_findings(FindingFilter(), first.next_cursor, size=2)
    third = page_of_findings(FindingFilter(), second.next_cursor, size=2)
    back = page_of_findings(FindingFilter(), third.previous_cursor, size=2)

    assert [[one.id for one in page.items] for page in (first, second, third, back)] == [
        newest_first[:2],
        newest_first[2:4],
        newest_first[4:],
        newest_first[2:4],
    ]
    assert first.previous_cursor == third.next_cursor == ""
    assert page_of_findings(FindingFilter(), back.previous_cursor, size=2).previous_cursor == ""


def test_a_page_stays_what_it_is_while_new_findings_arrive(acme):
    made = [FindingFactory(relevant_since=NOON + timedelta(minutes=n)).id for n in range(4)]
    first = page_of_findings(FindingFilter(), size=2)
    FindingFactory(relevant_since=NOON + timedelta(days=1))

    second = page_of_findings(FindingFilter(), first.next_cursor, size=2)

    assert [one.id for one in second.items] == [made[1], made[0]]
    assert second.previous_cursor != ""


@pytest.mark.parametrize(
    "cursor",
    ["x", "older-1", "older--1-1", "older-1-1-1", "sideways-1-1", "older-" + "9" * 30 + "-1"],
)
def test_a_cursor_that_is_not_ours_is_refused(acme, cursor):
    with pytest.raises(InvalidInputError) as refusal:
        page_of_findings(FindingFilter(), cursor)

    assert refusal.value.field == "cursor"


def test_a_cursor_far_outside_is_an_empty_page(acme):
    FindingFactory()

    assert (
        page_of_findings(FindingFilter(), "newer-99999999999999999-999999999999999999").items == []
    )


def test_counts_leave_their_own_field_out(acme, django_assert_num_queries):
    project = ProjectFactory()
    high, low = (
        ReportedRuleFactory(severity=Severity.HIGH),
        ReportedRuleFactory(severity=Severity.LOW),
    )
    for rule in (high, high, low):
        FindingFactory(rule=rule, project=project, file=SourceFileFactory(project=project))
    FindingFactory(rule=high, state=State.FIXED, verdict=Conclusion.FALSE_POSITIVE)
    FindingFactory(rule=high, state=State.REMOVED)

    with django_assert_num_queries(1):
        counts = count_by(FindingFilter(statuses=("open",), severities=(Severity.HIGH,)))

    assert counts.statuses == {Status.OPEN: 2, Status.FIXED: 1}
    assert counts.severities == {"2": 2, "0": 1}
    assert counts.verdicts == {"none": 2}
    assert counts.projects == {str(project.id): 2}
