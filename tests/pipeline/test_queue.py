"""The durable queue: rows are claimed once, lapse, and are found again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pipeline.models import Stage, StageRun, StageStatus
from pipeline.queue import (
    CLAIM_LAPSES_AFTER,
    add_runs,
    claim,
    due_runs,
    fail,
    finish,
    postpone,
)
from tests.factories import FindingFactory, ScanFactory

NOW = timezone.now()


@pytest.fixture
def run(acme):
    return StageRun.objects.create(finding=FindingFactory(), stage=Stage.JUDGE, next_attempt_at=NOW)


def test_a_row_is_claimed_by_one_worker_at_a_time(run):
    first = claim(stage_run_id=run.id, now=NOW)
    second = claim(stage_run_id=run.id, now=NOW)

    assert (first.status, first.attempts) == (StageStatus.RUNNING, 1)
    assert second is None


def test_a_claim_lapses_when_its_worker_died(run):
    claim(stage_run_id=run.id, now=NOW)

    again = claim(stage_run_id=run.id, now=NOW + CLAIM_LAPSES_AFTER)

    assert again.attempts == 2


def test_a_worker_that_lost_its_claim_cannot_close_the_row(run):
    slow = claim(stage_run_id=run.id, now=NOW)
    claim(stage_run_id=run.id, now=NOW + CLAIM_LAPSES_AFTER)

    finish(run=slow, now=NOW)

    run.refresh_from_db()
    assert run.status == StageStatus.RUNNING


def test_a_finished_row_is_never_claimed_again(run):
    finish(run=claim(stage_run_id=run.id, now=NOW), now=NOW)

    assert claim(stage_run_id=run.id, now=NOW + timedelta(days=1)) is None
    assert due_runs(stage=Stage.JUDGE, now=NOW + timedelta(days=1), limit=10) == []


def test_a_failed_row_keeps_its_reason(run):
    fail(run=claim(stage_run_id=run.id, now=NOW), error="The model refused.", now=NOW)

    run.refresh_from_db()
    assert (run.status, run.error) == (StageStatus.FAILED, "The model refused.")


def test_a_postponed_row_is_due_after_its_delay(run):
    claimed = claim(stage_run_id=run.id, now=NOW)
    postpone(run=claimed, delay=timedelta(seconds=30), error="busy", now=NOW)

    assert due_runs(stage=Stage.JUDGE, now=NOW, limit=10) == []
    later = NOW + timedelta(seconds=31)
    assert due_runs(stage=Stage.JUDGE, now=later, limit=10) == [run.id]


def test_change_requests_come_before_the_backlog(acme):
    scan = ScanFactory()
    backlog, urgent = FindingFactory(), FindingFactory()
    add_runs(stage=Stage.JUDGE, scan_id=scan.id, finding_ids=[backlog.id], priority=0, now=NOW)
    add_runs(stage=Stage.JUDGE, scan_id=scan.id, finding_ids=[urgent.id], priority=10, now=NOW)

    due = due_runs(stage=Stage.JUDGE, now=NOW, limit=10)

    by_id = dict(StageRun.objects.values_list("id", "finding_id"))
    assert [by_id[run_id] for run_id in due] == [urgent.id, backlog.id]


def test_a_finding_under_way_is_not_queued_twice(acme):
    scan, finding = ScanFactory(), FindingFactory()

    for _time in range(2):
        add_runs(stage=Stage.JUDGE, scan_id=scan.id, finding_ids=[finding.id], priority=0, now=NOW)

    assert StageRun.objects.count() == 1
