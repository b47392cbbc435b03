"""Stages: work is done once, tried again when that may help, and ends with a person."""

from datetime import UTC, datetime, timedelta

import pytest

from findings.models import Conclusion, ScanKind
from llm.models import AssistantSettings, Outcome
from llm.providers.base import ProviderError, Retry
from notifications.models import Review
from pipeline.models import Stage, StageRun, StageStatus
from pipeline.plan import ASKED_PRIORITY
from pipeline.queue import claim
from pipeline.stages import MAX_ATTEMPTS, plan, plan_request, run_stage
from remediation.models import FixStatus
from tenants.jobs import JobStatus
from tests.factories import ChangeRequestFactory, FixAttemptFactory
from triage.models import AnalysisRequest
from triage.selectors import latest_verdict

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
BUSY = ProviderError(
    outcome=Outcome.RATE_LIMITED, detail="Wait.", retry=Retry.LATER, retry_after_seconds=90
)


def claimed(finding, *, attempts=0):
    run = StageRun.objects.create(
        finding=finding, stage=Stage.JUDGE, attempts=attempts, next_attempt_at=NOW
    )
    return claim(stage_run_id=run.id, now=NOW)


def test_planning_writes_down_what_is_to_be_judged_once(scan, finding):
    assert plan(scan=scan, now=NOW)
    assert not plan(scan=scan, now=NOW)

    runs = StageRun.objects.filter(stage=Stage.JUDGE)
    assert [(run.finding_id, run.status) for run in runs] == [(finding.id, StageStatus.WAITING)]


def of_change_request(scan):
    ChangeRequestFactory(project=scan.project, number=7)
    scan.kind, scan.change_request = ScanKind.DIFF, "7"
    scan.save()
    return scan


def test_planning_asks_once_for_the_change_request_to_be_told(scan, finding):
    of_change_request(scan)

    assert plan(scan=scan, now=NOW)
    assert Review.objects.get().change_request.number == 7

    Review.objects.all().delete()
    assert not plan(scan=scan, now=NOW)
    assert not Review.objects.exists()


def test_a_stage_that_ends_asks_for_its_finding_to_be_told(scan, finding):
    of_change_request(scan)
    plan(scan=scan, now=NOW)
    Review.objects.update(status=JobStatus.DONE)
    run = StageRun.objects.get(finding=finding)

    assert run_stage(run=claim(stage_run_id=run.id, now=NOW), now=NOW) is None

    assert Review.objects.get().status == JobStatus.WAITING


def test_a_judged_finding_ends_its_row(finding):
    run = claimed(finding)

    assert run_stage(run=run, now=NOW) is None

    run.refresh_from_db()
    assert (run.status, run.finished_at) == (StageStatus.DONE, NOW)
    assert latest_verdict(finding.id).conclusion == Conclusion.TRUE_POSITIVE


def test_a_busy_model_is_asked_again_when_it_said(finding, script_model):
    script_model(BUSY)
    run = claimed(finding)

    assert run_stage(run=run, now=NOW) == 90

    run.refresh_from_db()
    assert (run.status, run.next_attempt_at) == (
        StageStatus.WAITING,
        NOW + timedelta(seconds=90),
    )
    assert latest_verdict(finding.id) is None


def test_a_model_that_stays_busy_leaves_the_finding_to_a_person(finding, script_model):
    script_model(BUSY)
    run = claimed(finding, attempts=MAX_ATTEMPTS - 1)

    assert run_stage(run=run, now=NOW) is None

    run.refresh_from_db()
    assert run.status == StageStatus.FAILED
    assert latest_verdict(finding.id).conclusion == Conclusion.NEEDS_REVIEW


def test_a_crash_is_no_verdict_and_the_worker_lives_on(finding, script_model):
    script_model()  # no reply at all: the stand-in breaks
    run = claimed(finding)

    assert run_stage(run=run, now=NOW) == 15

    run.refresh_from_db()
    assert run.status == StageStatus.WAITING
    assert run.error == "The analysis failed; the server's log says why."


def test_a_finding_that_kills_its_worker_each_time_is_left_to_a_person(finding):
    run = claimed(finding, attempts=MAX_ATTEMPTS)

    assert run_stage(run=run, now=NOW) is None

    run.refresh_from_db()
    assert run.status == StageStatus.FAILED
    assert latest_verdict(finding.id).conclusion == Conclusion.NEEDS_REVIEW


def follow_ups(finding):
    runs = StageRun.objects.filter(finding=finding, status=StageStatus.WAITING)
    return [(Stage(run.stage), run.scan_id, run.priority) for run in runs.order_by("id")]


def test_a_true_positive_leads_on_to_its_remedy(finding):
    run_stage(run=claimed(finding), now=NOW)

    assert follow_ups(finding) == [(Stage.REMEDY, None, 0)]


def test_a_request_is_planned_once(finding):
    request = AnalysisRequest.objects.create(finding_ids=[finding.id], wanted=["judge", "remedy"])

    assert plan_request(request_id=request.id, now=NOW) == [finding.id]
    assert plan_request(request_id=request.id, now=NOW) == []

    assert follow_ups(finding) == [(Stage.JUDGE, None, ASKED_PRIORITY)]


def test_a_request_for_a_remedy_alone_asks_for_no_verdict(finding):
    request = AnalysisRequest.objects.create(
        finding_ids=[finding.id], wanted=["remedy"], is_fresh=True
    )

    plan_request(request_id=request.id, now=NOW)

    run = StageRun.objects.get(finding=finding)
    assert (run.stage, run.is_fresh) == (Stage.REMEDY, True)


def test_a_request_is_planned_although_one_of_its_findings_is_gone(finding):
    request = AnalysisRequest.objects.create(
        finding_ids=[finding.id + 1000, finding.id], wanted=["judge"]
    )

    assert plan_request(request_id=request.id, now=NOW) == [finding.id]

    request.refresh_from_db()
    assert request.status == "done"
    assert follow_ups(finding) == [(Stage.JUDGE, None, ASKED_PRIORITY)]


@pytest.mark.parametrize(
    ("asked_after", "is_fresh", "again"),
    [
        (timedelta(seconds=-1), False, False),  # a second click: what runs began after it
        (timedelta(seconds=1), False, True),
        (timedelta(seconds=-1), True, True),  # what runs may give an earlier answer
    ],
)
def test_what_began_after_a_request_is_not_done_again_for_it(finding, asked_after, is_fresh, again):
    running = claimed(finding)
    request = AnalysisRequest.objects.create(
        finding_ids=[finding.id],
        wanted=["judge"],
        is_fresh=is_fresh,
        created_at=NOW + asked_after,
    )

    plan_request(request_id=request.id, now=NOW + timedelta(seconds=5))

    running.refresh_from_db()
    assert running.is_wanted_again is again


@pytest.mark.parametrize(
    ("wanted", "stages"), [(["judge"], []), (["judge", "remedy"], [Stage.REMEDY])]
)
def test_no_request_asks_for_a_verdict_where_they_are_switched_off(finding, wanted, stages):
    AssistantSettings.objects.create(judges=False)
    request = AnalysisRequest.objects.create(finding_ids=[finding.id], wanted=wanted)

    plan_request(request_id=request.id, now=NOW)

    assert [stage for stage, _scan_id, _priority in follow_ups(finding)] == stages


def test_what_was_proposed_before_a_second_try_broke_is_still_proven(finding):
    FixAttemptFactory(finding=finding, status=FixStatus.PROPOSED)
    run = StageRun.objects.create(
        finding=finding, stage=Stage.RETRY, attempts=MAX_ATTEMPTS, next_attempt_at=NOW
    )

    run_stage(run=claim(stage_run_id=run.id, now=NOW), now=NOW)

    assert follow_ups(finding) == [(Stage.PROVE, None, 0)]
