"""What triage concluded, noted on findings and files."""

from datetime import UTC, datetime

import pytest

from core.errors import NotFoundError
from findings.judgments import note_verdict, tag_file
from findings.models import Activity, FindingCount
from tenants.scope import organization_scope
from tests.factories import FindingFactory

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_conclusion_is_noted_counted_and_changes_no_status(acme):
    finding = FindingFactory()

    note_verdict(
        finding_id=finding.id, conclusion="false_positive", title="False positive", now=NOW
    )

    finding.refresh_from_db()
    assert (finding.verdict, finding.status) == ("false_positive", "open")
    assert list(FindingCount.objects.order_by("verdict").values_list("verdict", "count")) == [
        ("", 0),
        ("false_positive", 1),
    ]
    assert Activity.objects.get().kind == "AUTOTRIAGE"


def test_a_strangers_finding_cannot_be_judged(acme, rival):
    finding = FindingFactory()

    with organization_scope(rival.id), pytest.raises(NotFoundError):
        note_verdict(finding_id=finding.id, conclusion="false_positive", title="x", now=NOW)

    finding.refresh_from_db()
    assert finding.verdict == ""


def test_a_tag_stands_in_the_log_of_each_finding_of_its_file_once(acme):
    finding = FindingFactory()
    FindingFactory(project=finding.project, file=finding.file)

    for _ in range(2):
        tag_file(file_id=finding.file_id, tag="payments", risk="high", now=NOW)

    finding.file.refresh_from_db()
    assert (finding.file.component, finding.file.component_risk) == ("payments", "high")
    assert (
        list(Activity.objects.values_list("kind", "title"))
        == [("AI_TAG", "Component: payments")] * 2
    )


def test_a_file_without_a_marker_says_so(acme):
    finding = FindingFactory()

    tag_file(file_id=finding.file_id, tag="", risk="neutral", now=NOW)

    finding.file.refresh_from_db()
    assert finding.file.component_risk == "neutral"
    assert Activity.objects.get().title.startswith("Component: no marker")
