"""Which findings are judged."""

import pytest

from findings.models import Conclusion, Confidence, ScanKind, Severity, State, TriageState
from pipeline.plan import findings_to_judge, why_not_judged
from tests.factories import FindingFactory, InstanceFactory, RefFactory, ScanFactory


@pytest.fixture
def ref(acme):
    return RefFactory()


def a_finding(ref, **fields):
    fields = {"severity": Severity.HIGH, "confidence": Confidence.HIGH, **fields}
    finding = FindingFactory(project=ref.project, ref=ref, **fields)
    InstanceFactory(finding=finding, ref=ref, last_scan=None)
    return finding


def test_offline_every_open_finding_is_judged_the_most_severe_first(ref):
    low = a_finding(ref, severity=Severity.LOW)
    critical = a_finding(ref, severity=Severity.CRITICAL)
    scan = ScanFactory(ref=ref)

    assert findings_to_judge(scan=scan, is_offline=True) == [critical.id, low.id]


def test_a_model_judges_the_sure_and_severe_of_a_full_scan(ref):
    chosen = a_finding(ref, severity=Severity.HIGH, confidence=Confidence.MEDIUM)
    a_finding(ref, severity=Severity.HIGH, confidence=Confidence.LOW)
    a_finding(ref, severity=Severity.MEDIUM, confidence=Confidence.HIGH)

    assert findings_to_judge(scan=ScanFactory(ref=ref), is_offline=False) == [chosen.id]


def test_a_model_judges_the_first_ten_of_a_change_request_and_all_sure_and_severe(ref):
    minor = [a_finding(ref, severity=Severity.LOW) for _ in range(12)]
    severe = [a_finding(ref, severity=Severity.CRITICAL) for _ in range(11)]
    scan = ScanFactory(ref=ref, kind=ScanKind.DIFF)

    chosen = findings_to_judge(scan=scan, is_offline=False)

    assert set(chosen) == {finding.id for finding in severe}
    assert not set(chosen) & {finding.id for finding in minor}


def test_fewer_than_ten_of_a_change_request_are_all_judged(ref):
    minor = a_finding(ref, severity=Severity.LOW)
    severe = a_finding(ref)
    scan = ScanFactory(ref=ref, kind=ScanKind.DIFF)

    assert findings_to_judge(scan=scan, is_offline=False) == [severe.id, minor.id]


@pytest.mark.parametrize(
    "fields",
    [
        {"state": State.FIXED},
        {"state": State.MUTED},
        {"triage_state": TriageState.IGNORED},
        {"product": "sca"},
        {"verdict": Conclusion.TRUE_POSITIVE},
    ],
)
def test_what_is_decided_is_not_judged(ref, fields):
    a_finding(ref, **fields)

    assert findings_to_judge(scan=ScanFactory(ref=ref), is_offline=True) == []


@pytest.mark.parametrize("verdict", [Conclusion.FALSE_POSITIVE, Conclusion.NEEDS_REVIEW])
def test_a_full_scan_looks_again_at_verdicts_that_could_hide_something(ref, verdict):
    finding = a_finding(ref, verdict=verdict)

    assert findings_to_judge(scan=ScanFactory(ref=ref), is_offline=True) == [finding.id]
    diff = ScanFactory(ref=ref, kind=ScanKind.DIFF)
    assert findings_to_judge(scan=diff, is_offline=True) == []


def test_findings_of_another_ref_are_left_alone(ref):
    a_finding(ref)
    other = RefFactory(project=ref.project, name="feature")

    assert findings_to_judge(scan=ScanFactory(ref=other), is_offline=True) == []


def test_a_finding_below_the_trigger_says_so(ref):
    finding = a_finding(ref, severity=Severity.LOW)
    finding.refresh_from_db()

    assert why_not_judged(finding, is_offline=True) == ""
    assert "severity is high or critical" in why_not_judged(finding, is_offline=False)
