"""What people decide on findings."""

from datetime import UTC, datetime

import pytest

from core.errors import InvalidInputError
from findings.models import Activity, Finding, FindingCount
from findings.signals import findings_triaged
from findings.triage_states import TriageChange, triage_findings
from tenants.audit import Actor
from tenants.scope import organization_scope
from tests.factories import FindingFactory, ProjectFactory

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def decide(actor, *findings, **change):
    return triage_findings(
        finding_ids=[one.id for one in findings],
        change=TriageChange(**change),
        actor=Actor.person(actor),
        now=NOW,
    )


def test_a_decision_is_kept_with_who_when_and_why(mel):
    finding = FindingFactory()

    assert decide(
        mel, finding, state="ignored", reason="acceptable_risk", note="behind the VPN"
    ) == [finding.id]

    finding.refresh_from_db()
    assert (finding.status, finding.triage_reason, finding.triage_note) == (
        "ignored",
        "acceptable_risk",
        "behind the VPN",
    )
    assert (finding.triaged_at, finding.triaged_by) == (NOW, mel)
    activity = Activity.objects.get()
    assert (activity.kind, activity.title, activity.actor) == ("TRIAGE", "Set to ignored", mel)
    assert (activity.triage_reason, activity.note) == ("acceptable_risk", "behind the VPN")


def test_ignoring_without_a_reason_says_so(mel):
    finding = FindingFactory()

    decide(mel, finding, state="ignored")

    finding.refresh_from_db()
    assert finding.triage_reason == "no_triage_reason"


def test_reopening_takes_the_reason_away_and_beats_a_mute(mel):
    finding = FindingFactory(state="muted")
    decide(mel, finding, state="ignored", reason="no_time")

    decide(mel, finding, state="reopened")

    finding.refresh_from_db()
    assert (finding.status, finding.triage_reason) == ("open", "")


def test_a_note_alone_changes_no_state(mel):
    finding = FindingFactory(triage_state="fixing")

    decide(mel, finding, note="see the ticket")

    finding.refresh_from_db()
    assert (finding.triage_state, finding.triaged_at) == ("fixing", None)
    assert Activity.objects.get().kind == "NOTE"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"state": "provisionally_ignored"}, "state"),
        ({"state": "untriaged"}, "state"),
        ({"state": "gone"}, "state"),
        ({}, "state"),
        ({"note": "  "}, "state"),
        ({"state": "fixing", "reason": "no_time"}, "reason"),
        ({"note": "with a reason", "reason": "no_time"}, "reason"),
        ({"state": "ignored", "note": "x" * 3001}, "note"),
        ({"state": "ignored", "note": "\0"}, "note"),
        ({"state": "ignored", "note": "\ud800"}, "note"),
        ({"state": "ignored", "reason": "because"}, "reason"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(mel, change, field):
    finding = FindingFactory()

    with pytest.raises(InvalidInputError) as refusal:
        decide(mel, finding, **change)

    assert refusal.value.field == field
    finding.refresh_from_db()
    assert finding.triage_state == "untriaged"
    assert not Activity.objects.exists()


def test_findings_of_others_are_left_out(mel, rival):
    with organization_scope(rival.id):
        theirs = FindingFactory()
    ours = FindingFactory()

    assert decide(mel, ours, theirs, state="fixing") == [ours.id]

    with organization_scope(rival.id):
        assert Finding.objects.get().triage_state == "untriaged"


def test_many_are_decided_in_as_many_statements_as_few(mel, django_assert_num_queries):
    project = ProjectFactory()
    few = FindingFactory.create_batch(2, project=project)
    many = FindingFactory.create_batch(30, project=project)

    with django_assert_num_queries(7):
        decide(mel, *few, state="fixing")
    with django_assert_num_queries(7):
        decide(mel, *many, state="fixing")

    assert list(FindingCount.objects.exclude(count=0).values_list("status", "count")) == [
        ("fixing", 32)
    ]


def test_it_is_announced_after_commit(mel, django_capture_on_commit_callbacks):
    heard = []

    def listen(finding_ids, organization_id, **_announcement):
        heard.append((organization_id, finding_ids))

    findings_triaged.connect(listen)
    finding = FindingFactory()

    with django_capture_on_commit_callbacks(execute=True):
        decide(mel, finding, state="fixing")
        assert heard == []

    findings_triaged.disconnect(listen)
    assert heard == [(finding.organization_id, [finding.id])]
