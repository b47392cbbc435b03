"""The Dashboard's figures, and that each list holds what its number counts."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from console.dashboard_query import DashboardQuery, Links
from findings.guardrails import note_gone_early, note_shown_early
from findings.models import (
    Confidence,
    ScanKind,
    Severity,
    State,
    TriageState,
)
from insights.dashboard import dashboard
from insights.dashboard_figures import Adoption, OpenAge
from insights.filters import FindingFilter
from insights.periods import PERIODS, window_of
from insights.search import search
from tenants.scope import organization_scope
from tests.factories import (
    FindingFactory,
    InstanceFactory,
    ProjectFactory,
    RefFactory,
    ReportedRuleFactory,
    ScanFactory,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WINDOW = window_of(PERIODS["7d"], now=NOW, time_zone="UTC")
QUERIES = 6


def ago(days):
    return NOW - timedelta(days=days)


def a_finding(*, opened=3.0, closed=None, **fields):
    """One of high priority, opened and closed so many days ago."""
    moments = {"relevant_since": ago(opened), "state_updated_at": ago(opened)}
    if closed is not None and fields.get("triage_state") is None:
        moments["state_updated_at"] = ago(closed)
        fields.setdefault("state", State.FIXED)
    elif closed is not None:
        moments["triaged_at"] = ago(closed)
    fields.setdefault("severity", Severity.HIGH)
    fields.setdefault("confidence", Confidence.HIGH)
    return FindingFactory(**{**moments, **fields})


def figures(wanted=None, window=WINDOW):
    return dashboard(wanted or FindingFilter(), window=window, now=NOW)


@pytest.fixture
def history(acme):
    """Findings of every fate, those behind the numbers and those that must not count."""
    shop = ProjectFactory(name="acme/shop")
    site = ProjectFactory(name="acme/site")
    ignored = {"triage_state": TriageState.IGNORED}
    return {
        "old": a_finding(project=shop, opened=40, severity=Severity.CRITICAL),
        "new": a_finding(project=shop, opened=2),
        "old_fixed": a_finding(project=shop, opened=30, closed=1),
        "new_fixed": a_finding(project=site, opened=3, closed=1),
        "long_fixed": a_finding(project=site, opened=30, closed=20),
        "ignored": a_finding(project=site, opened=10, closed=2, **ignored),
        "muted": a_finding(project=site, opened=4, state=State.MUTED),
        "long_ignored": a_finding(project=shop, opened=60, closed=50, **ignored),
        "reviewing": a_finding(project=site, opened=5, triage_state=TriageState.REVIEWING),
        "came_back_ignored": a_finding(project=site, opened=1, closed=30, **ignored),
        "removed": a_finding(project=shop, opened=2, state=State.REMOVED),
        "elsewhere": a_finding(project=shop, ref=RefFactory(project=shop, name="feature")),
    }


def test_what_was_opened_fixed_and_ignored_is_counted(history):
    found = figures()

    assert (found.opened, found.fixed, found.ignored) == (5, 2, 3)
    assert found.net == 0
    assert found.backlog == 3


def test_the_backlog_of_the_past_follows_from_what_happened_since(history):
    found = figures()

    assert [part.backlog for part in found.parts] == [3, 4, 4, 5, 5, 3, 3]
    for part in found.parts:
        asked = FindingFilter(moment="backlog", until=part.until, lifecycle="production")
        assert part.backlog == search(asked).count()


def test_each_part_counts_what_happened_in_it(history):
    found = figures()

    assert [(part.opened, part.fixed, part.ignored) for part in found.parts] == [
        (0, 0, 0),
        (1, 0, 0),
        (1, 0, 1),
        (1, 0, 0),
        (1, 0, 1),
        (1, 2, 1),
        (0, 0, 0),
    ]


@pytest.mark.parametrize(
    "name", ["opened", "fixed", "ignored", "backlog", "found", "shown", "fixed_early"]
)
def test_every_number_is_as_long_as_the_list_behind_it(history, name):
    a_pull_request(shown=True)
    query = DashboardQuery(period_key="7d", is_everything=True)
    found = figures(query.findings)
    links = Links(query=query, window=WINDOW)

    asked = FindingFilter.from_query(QueryDict(getattr(links, name)[1:]))

    assert search(asked).count() == getattr(found, name)
    for part, addresses in zip(found.parts, links.of_parts(found.parts), strict=True):
        asked = FindingFilter.from_query(QueryDict(addresses[name][1:]))
        assert search(asked).count() == getattr(part, name)


def test_net_new_leads_to_everything_that_moved(history):
    links = Links(query=DashboardQuery(period_key="7d"), window=WINDOW)

    moved = search(FindingFilter.from_query(QueryDict(links.changed[1:])))

    names = ["new", "old_fixed", "new_fixed", "ignored", "muted", "reviewing", "came_back_ignored"]
    assert set(moved) == {history[name] for name in names}


def test_the_recommended_priority_leaves_out_the_rest(acme):
    a_finding(confidence=Confidence.MEDIUM)
    a_finding(severity=Severity.MEDIUM)
    a_finding(severity=Severity.CRITICAL)

    assert figures(DashboardQuery().findings).backlog == 1
    assert figures(DashboardQuery(is_everything=True).findings).backlog == 3


def test_projects_are_ordered_by_their_undecided_findings(history):
    found = figures()

    assert [(one.name, one.total) for one in found.projects] == [("acme/shop", 2), ("acme/site", 1)]
    assert found.projects[0].severities == {Severity.CRITICAL: 1, Severity.HIGH: 1}
    assert found.projects[0].products == {"sast": 2}
    assert found.project_count == 2


def test_one_project_alone_can_be_asked_for(history):
    found = figures(FindingFilter(project_names=("acme/site",)))

    assert (found.opened, found.fixed, found.ignored, found.backlog) == (4, 1, 3, 1)


def test_ages_are_medians_by_severity_and_of_all(history):
    assert figures().ages == [
        OpenAge(severity=Severity.CRITICAL, count=1, days=40.0),
        OpenAge(severity=Severity.HIGH, count=2, days=3.5),
        OpenAge(severity=None, count=3, days=5.0),
    ]


def a_pull_request(*, shown=False, gone=False, number="7", **fields):
    """A finding of a change request; where it is gone, a second scan did not see it any more."""
    project = fields.pop("project", None) or ProjectFactory()
    ref = RefFactory(project=project, name=f"refs/pull/{number}/merge")
    scan = ScanFactory(
        ref=ref, kind=ScanKind.DIFF, change_request=number, ingested_at=ago(3), started_at=ago(3)
    )
    finding = a_finding(project=project, ref=ref, first_scan=scan, **fields)
    InstanceFactory(finding=finding, last_scan=scan)
    if gone:
        ScanFactory(
            ref=ref,
            kind=ScanKind.DIFF,
            change_request=number,
            ingested_at=ago(2),
            started_at=ago(2),
        )
    if shown:
        note_shown_early([finding.pk])
    note_gone_early([ref.pk])
    return finding


def test_guardrails_count_what_was_found_shown_and_fixed_before_merge(acme):
    a_pull_request()
    a_pull_request(shown=True)
    a_pull_request(shown=True, gone=True)
    a_pull_request(shown=True, opened=30)
    found = figures()

    assert (found.found, found.shown, found.fixed_early) == (3, 2, 1)
    assert found.backlog == 0


def test_what_reached_the_primary_branch_was_not_fixed_before(acme):
    finding = a_pull_request(shown=True, gone=True)
    finding.ref = RefFactory(project=finding.project, name="main")
    finding.is_on_primary = True
    finding.save(update_fields=["ref", "is_on_primary"])

    found = figures()

    assert (found.found, found.fixed_early) == (1, 0)


def test_a_scan_that_broke_off_proves_no_fix(acme):
    finding = a_pull_request()
    ScanFactory(ref=finding.ref, kind=ScanKind.DIFF, status="error", ingested_at=ago(1))
    note_gone_early([finding.ref_id])

    assert figures().fixed_early == 0


def test_adoption_is_the_share_of_projects_whose_change_requests_are_scanned(acme):
    project = ProjectFactory()
    a_pull_request(project=project)
    ScanFactory(ref=RefFactory(project=project), started_at=ago(1))
    ScanFactory(started_at=ago(1))
    ScanFactory(started_at=ago(1), ref__project__is_archived=True)
    ScanFactory(started_at=ago(20))

    assert figures().adoption == Adoption(scanned=2, guarded=1)


def test_an_organization_without_findings_has_zeros(acme):
    found = figures()

    assert found.is_quiet
    assert len(found.parts) == 7
    assert found.adoption.ratio is None


def test_figures_take_the_same_queries_for_any_number_of_findings(
    history, django_assert_num_queries
):
    with django_assert_num_queries(QUERIES):
        figures()


def test_figures_are_read_from_one_index_alone(history):
    with CaptureQueriesContext(connection) as captured:
        figures(DashboardQuery(product="sast").findings)
    asked = [one["sql"] for one in captured if 'FROM "findings_finding"' in one["sql"]]
    with connection.cursor() as cursor:
        # A table this small is read as a whole, if that is allowed, or through any index.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute("DROP INDEX finding_newest, finding_project_rule, finding_file")
        for sql in asked:
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Index Only Scan using finding_on_primary on findings_finding" in plan or (
                "Index Only Scan using finding_found_early on findings_finding" in plan
            )
    assert len(asked) == 4


def test_another_organization_sees_none_of_it(history, rival):
    with organization_scope(rival.id):
        assert figures().is_quiet


def test_the_rules_confidence_is_not_what_counts_but_the_findings(acme):
    rule = ReportedRuleFactory(confidence=Confidence.LOW)
    a_finding(rule=rule)

    assert figures(DashboardQuery().findings).backlog == 1
