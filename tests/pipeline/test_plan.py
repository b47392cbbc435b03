"""Which findings are judged."""

import pytest

from findings.models import Conclusion, Confidence, ScanKind, Severity, State, TriageState
from llm.models import AssistantSettings
from pipeline.models import Stage, StageRun
from pipeline.plan import findings_to_guide, findings_to_judge, stages_after_verdict
from tests.factories import (
    FindingFactory,
    GuidanceFactory,
    InstanceFactory,
    RefFactory,
    ScanFactory,
)


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


def test_a_cap_leaves_out_the_least_severe(ref):
    AssistantSettings.objects.create(findings_per_scan=1)
    a_finding(ref, severity=Severity.HIGH, confidence=Confidence.HIGH)
    worst = a_finding(ref, severity=Severity.CRITICAL, confidence=Confidence.HIGH)

    assert findings_to_judge(scan=ScanFactory(ref=ref), is_offline=False) == [worst.id]


def test_an_organization_that_switched_verdicts_off_gets_none(ref):
    AssistantSettings.objects.create(judges=False)
    a_finding(ref)

    assert findings_to_judge(scan=ScanFactory(ref=ref), is_offline=True) == []


def a_change(ref, finding, mode):
    return ScanFactory(ref=ref, kind=ScanKind.DIFF, served_modes={finding.rule.check_id: mode})


@pytest.mark.parametrize(
    ("mode", "is_told"), [("monitor", False), ("comment", True), ("block", True)]
)
def test_what_will_be_commented_on_gets_guidance(ref, mode, is_told):
    finding = a_finding(ref, severity=Severity.LOW)
    scan = a_change(ref, finding, mode)

    assert findings_to_guide(scan=scan, but_not=set()) == ([finding.id] if is_told else [])
    assert findings_to_guide(scan=scan, but_not={finding.id}) == []


def test_a_full_scan_guides_true_positives_that_have_no_guidance(ref):
    bare, guided = (a_finding(ref, verdict="true_positive") for _ in range(2))
    GuidanceFactory(finding=guided)
    a_finding(ref, verdict="needs_review")

    assert findings_to_guide(scan=ScanFactory(ref=ref), but_not=set()) == [bare.id]


def test_judging_and_guiding_share_one_cap(ref):
    AssistantSettings.objects.create(findings_per_scan=3)
    for _ in range(2):
        a_finding(ref, verdict="true_positive")

    assert len(findings_to_guide(scan=ScanFactory(ref=ref), but_not={1, 2})) == 1
    assert findings_to_guide(scan=ScanFactory(ref=ref), but_not={1, 2, 3, 4}) == []


def test_a_full_scan_guides_nobody_unasked(ref):
    finding = a_finding(ref)
    scan = ScanFactory(ref=ref, served_modes={finding.rule.check_id: "block"})

    assert findings_to_guide(scan=scan, but_not=set()) == []


@pytest.mark.parametrize(
    ("verdict", "mode", "follows"),
    [
        ("true_positive", "monitor", True),
        ("needs_review", "monitor", False),
        ("needs_review", "comment", True),
        ("false_positive", "comment", False),
    ],
)
def test_a_verdict_leads_on_to_guidance_where_somebody_reads_it(ref, verdict, mode, follows):
    finding = a_finding(ref, verdict=verdict)
    run = StageRun(finding=finding, scan=a_change(ref, finding, mode), stage=Stage.JUDGE)

    assert stages_after_verdict(finding, run) == ([Stage.REMEDY] if follows else [])


def test_who_asks_gets_guidance_unless_only_a_verdict_was_wanted(ref):
    finding = a_finding(ref, verdict="needs_review")

    asked = StageRun(finding=finding, stage=Stage.JUDGE)
    verdict_alone = StageRun(finding=finding, stage=Stage.JUDGE, follow_up=False)

    assert stages_after_verdict(finding, asked) == [Stage.REMEDY]
    assert stages_after_verdict(finding, verdict_alone) == []
