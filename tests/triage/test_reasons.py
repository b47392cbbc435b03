"""Why a finding has no verdict, and why it cannot be given one."""

import pytest

from findings.models import Confidence, Severity
from llm.models import AssistantSettings
from pipeline.models import Stage, StageRun, StageStatus
from tests.factories import (
    FindingFactory,
    InstanceFactory,
    ProjectFactory,
    RepositoryLinkFactory,
    ScanFactory,
)
from triage.models import Analysis, AnalysisRequest, AnalysisStatus
from triage.panels import verdict_context
from triage.reasons import analyzable, why_not_judged

pytestmark = pytest.mark.usefixtures("acme")
SURE_AND_SEVERE = {"severity": Severity.HIGH, "confidence": Confidence.MEDIUM}


def stored(**fields):
    """Make a finding and read it again: the database derives its status."""
    finding = FindingFactory(**fields)
    finding.refresh_from_db()
    return finding


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (SURE_AND_SEVERE, ""),
        ({"product": "sca"}, "Only findings in code are analyzed."),
        ({"triage_state": "ignored"}, "It was decided before it was analyzed."),
        ({"state": "fixed"}, "It was decided before it was analyzed."),
    ],
)
@pytest.mark.parametrize("is_offline", [True, False])
def test_what_is_decided_or_not_code_gets_no_verdict(fields, sentence, is_offline):
    assert why_not_judged(stored(**fields), is_offline=is_offline) == sentence


@pytest.mark.parametrize(
    "fields",
    [
        {"severity": Severity.MEDIUM, "confidence": Confidence.HIGH},
        {"severity": Severity.CRITICAL, "confidence": Confidence.LOW},
        {"severity": Severity.CRITICAL, "confidence": Confidence.UNKNOWN},
    ],
)
def test_only_with_a_model_is_a_finding_below_the_trigger(fields):
    finding = stored(**fields)

    assert why_not_judged(finding, is_offline=True) == ""
    assert "this finding is below that" in why_not_judged(finding, is_offline=False)


def test_switched_off_verdicts_say_so():
    AssistantSettings.objects.create(judges=False)

    assert "switched off" in why_not_judged(stored(**SURE_AND_SEVERE), is_offline=True)


def test_what_the_cap_of_a_scan_left_out_says_so():
    AssistantSettings.objects.create(findings_per_scan=3)
    finding = stored(**SURE_AND_SEVERE, first_scan=ScanFactory())
    assert why_not_judged(finding, is_offline=False) == ""

    StageRun.objects.create(scan=finding.first_scan, stage=Stage.PLAN, status=StageStatus.DONE)

    assert "ends after 3 findings" in why_not_judged(finding, is_offline=False)


@pytest.mark.parametrize("status", [StageStatus.WAITING, StageStatus.RUNNING])
def test_a_finding_whose_verdict_is_under_way_says_so_and_not_why_it_has_none(status):
    finding = stored()
    before = verdict_context(finding)

    StageRun.objects.create(finding=finding, stage=Stage.JUDGE, status=status)

    assert "is_being_judged" not in before
    assert verdict_context(finding) == {"verdict": None, "is_being_judged": True}


@pytest.mark.parametrize(
    ("wanted", "status", "is_said"),
    [
        ([Analysis.JUDGE, Analysis.REMEDY], AnalysisStatus.WAITING, True),
        ([Analysis.REMEDY], AnalysisStatus.WAITING, False),
        ([Analysis.JUDGE], AnalysisStatus.DONE, False),
    ],
)
def test_a_verdict_that_was_asked_for_is_to_come(wanted, status, is_said):
    finding = stored()

    AnalysisRequest.objects.create(finding_ids=[finding.pk], wanted=wanted, status=status)

    assert ("is_being_judged" in verdict_context(finding)) is is_said


def test_what_can_be_analyzed_is_told_from_what_cannot():
    linked = RepositoryLinkFactory().project

    def a_finding(project=linked, commit="a" * 40, **fields):
        finding = FindingFactory(project=project, **fields)
        InstanceFactory(finding=finding, last_scan=ScanFactory(ref=finding.ref, commit=commit))
        return finding

    low, critical = a_finding(severity=Severity.LOW), a_finding(severity=Severity.CRITICAL)
    others = [
        a_finding(product="sca"),
        a_finding(state="fixed"),
        a_finding(project=ProjectFactory()),
        a_finding(project=ProjectFactory()),
        a_finding(commit=""),
        a_finding(),
    ]
    StageRun.objects.create(finding=others[-1], scan=ScanFactory(), stage=Stage.JUDGE)

    found = analyzable([low.id, critical.id, *(one.id for one in others), 999_999])

    assert found.finding_ids == (critical.id, low.id)
    assert {one.sentence: one.count for one in found.obstacles} == {
        "The project has no connected repository, so its code cannot be read.": 2,
        "Only findings in code are analyzed.": 1,
        "The match is no longer in the code.": 1,
        "The scan named no commit, so we cannot know which code it saw.": 1,
        "The analysis is already under way.": 1,
    }


def test_nothing_is_analyzed_where_verdicts_are_switched_off():
    AssistantSettings.objects.create(judges=False)
    finding = FindingFactory(project=RepositoryLinkFactory().project)
    InstanceFactory(finding=finding, last_scan=ScanFactory(ref=finding.ref))

    found = analyzable([finding.id])

    assert found.finding_ids == ()
    assert [one.sentence for one in found.obstacles] == [
        "Verdicts are switched off in the assistant's settings."
    ]


@pytest.mark.parametrize("count", [1, 12])
def test_many_findings_take_as_many_queries_as_one(count, django_assert_num_queries):
    ids = [InstanceFactory().finding_id for _ in range(count)]

    with django_assert_num_queries(5):
        analyzable(ids)
