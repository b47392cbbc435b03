"""Stages: work is done once, tried again when that may help, and ends with a person."""

from datetime import UTC, datetime, timedelta

from findings.models import Conclusion
from llm.models import Outcome
from llm.providers.base import ProviderError, Retry
from pipeline.models import Stage, StageRun, StageStatus
from pipeline.queue import claim
from pipeline.stages import MAX_ATTEMPTS, plan, run_judge
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


def test_a_judged_finding_ends_its_row(finding):
    run = claimed(finding)

    assert run_judge(run=run, now=NOW) is None

    run.refresh_from_db()
    assert (run.status, run.finished_at) == (StageStatus.DONE, NOW)
    assert latest_verdict(finding.id).conclusion == Conclusion.TRUE_POSITIVE


def test_a_busy_model_is_asked_again_when_it_said(finding, script_model):
    script_model(BUSY)
    run = claimed(finding)

    assert run_judge(run=run, now=NOW) == 90

    run.refresh_from_db()
    assert (run.status, run.next_attempt_at) == (
        StageStatus.WAITING,
        NOW + timedelta(seconds=90),
    )
    assert latest_verdict(finding.id) is None


def test_a_model_that_stays_busy_leaves_the_finding_to_a_person(finding, script_model):
    script_model(BUSY)
    run = claimed(finding, attempts=MAX_ATTEMPTS - 1)

    assert run_judge(run=run, now=NOW) is None

    run.refresh_from_db()
    assert run.status == StageStatus.FAILED
    assert latest_verdict(finding.id).conclusion == Conclusion.NEEDS_REVIEW


def test_a_crash_is_no_verdict_and_the_worker_lives_on(finding, script_model):
    script_model()  # no reply at all: the stand-in breaks
    run = claimed(finding)

    assert run_judge(run=run, now=NOW) == 15

    run.refresh_from_db()
    assert run.status == StageStatus.WAITING
    assert run.error == "The analysis failed; the server's log says why."


def test_a_finding_that_kills_its_worker_each_time_is_left_to_a_person(finding):
    run = claimed(finding, attempts=MAX_ATTEMPTS)

    assert run_judge(run=run, now=NOW) is None

    run.refresh_from_db()
    assert run.status == StageStatus.FAILED
    assert latest_verdict(finding.id).conclusion == Conclusion.NEEDS_REVIEW
