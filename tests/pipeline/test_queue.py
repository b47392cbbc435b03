"""The durable queue: rows are claimed once, lapse, and are found again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pipeline.models import Stage, StageRun, StageStatus
from pipeline.queue import (
    CLAIM_LAPSES_AFTER,
    Occasion,
    add_runs,
    claim,
    claim_together,
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
    assert due_runs(now=NOW + timedelta(days=1), limit=10) == []


def test_a_failed_row_keeps_its_reason(run):
    fail(run=claim(stage_run_id=run.id, now=NOW), error="The model refused.", now=NOW)

    run.refresh_from_db()
    assert (run.status, run.error) == (StageStatus.FAILED, "The model refused.")


def test_a_postponed_row_is_due_after_its_delay(run):
    claimed = claim(stage_run_id=run.id, now=NOW)
    postpone(run=claimed, delay=timedelta(seconds=30), error="busy", now=NOW)

    assert due_runs(now=NOW, limit=10) == []
    later = NOW + timedelta(seconds=31)
    assert due_runs(now=later, limit=10) == [(run.id, Stage.JUDGE)]


def test_change_requests_come_before_the_backlog(acme):
    scan = ScanFactory()
    backlog, urgent = FindingFactory(), FindingFactory()
    add_runs(
        stage=Stage.JUDGE,
        occasion=Occasion(scan_id=scan.id, priority=0),
        finding_ids=[backlog.id],
        now=NOW,
    )
    add_runs(
        stage=Stage.JUDGE,
        occasion=Occasion(scan_id=scan.id, priority=10),
        finding_ids=[urgent.id],
        now=NOW,
    )

    due = due_runs(now=NOW, limit=10)

    by_id = dict(StageRun.objects.values_list("id", "finding_id"))
    assert [by_id[run_id] for run_id, _stage in due] == [urgent.id, backlog.id]


def test_a_finding_under_way_is_not_queued_twice(acme):
    scan, finding = ScanFactory(), FindingFactory()

    for _time in range(2):
        add_runs(
            stage=Stage.JUDGE,
            occasion=Occasion(scan_id=scan.id, priority=0),
            finding_ids=[finding.id],
            now=NOW,
        )

    assert StageRun.objects.count() == 1


def some_runs(count, **fields):
    return [
        StageRun.objects.create(
            finding=FindingFactory(), stage=Stage.PROVE, next_attempt_at=NOW, **fields
        )
        for _ in range(count)
    ]


def test_rows_of_a_stage_are_claimed_together_up_to_a_limit(acme):
    first, second, third = some_runs(3)
    other = StageRun.objects.create(
        finding=FindingFactory(), stage=Stage.JUDGE, next_attempt_at=NOW
    )

    taken = claim_together(stage_run_id=second.id, limit=2, now=NOW)
    rest = claim_together(stage_run_id=third.id, limit=9, now=NOW)

    assert [run.id for run in taken] == [second.id, first.id]
    assert [run.id for run in rest] == [third.id]
    assert claim_together(stage_run_id=first.id, limit=9, now=NOW) == []
    other.refresh_from_db()
    assert other.status == StageStatus.WAITING


def test_a_row_that_was_tried_before_is_taken_alone(acme):
    (tried,) = some_runs(1, attempts=1)
    (fresh,) = some_runs(1)

    assert [run.id for run in claim_together(stage_run_id=tried.id, limit=9, now=NOW)] == [tried.id]
    assert [run.id for run in claim_together(stage_run_id=fresh.id, limit=9, now=NOW)] == [fresh.id]


def test_only_rows_of_named_findings_are_looked_at_where_some_are_named(acme):
    first, second = some_runs(2)

    assert due_runs(now=NOW, limit=9, finding_ids=[second.finding_id]) == [(second.id, Stage.PROVE)]
    assert due_runs(now=NOW, limit=9, finding_ids=[]) == []
    assert len(due_runs(now=NOW, limit=9)) == 2
    assert first.stage == Stage.PROVE


def asked(finding, *, stage=Stage.REMEDY, is_fresh=True):
    occasion = Occasion(scan_id=None, priority=20, is_fresh=is_fresh)
    add_runs(stage=stage, occasion=occasion, finding_ids=[finding.id], now=NOW)


def rows_of(finding):
    rows = StageRun.objects.filter(finding=finding).order_by("id")
    return [(Stage(row.stage), StageStatus(row.status), row.is_fresh) for row in rows]


def test_what_is_asked_while_it_runs_is_done_once_more_afterwards(acme):
    finding = FindingFactory()
    asked(finding, is_fresh=False)
    running = claim(stage_run_id=StageRun.objects.get().id, now=NOW)

    asked(finding)
    assert len(rows_of(finding)) == 1
    finish(run=running, now=NOW)

    assert [status for _stage, status, _is_fresh in rows_of(finding)] == [
        StageStatus.DONE,
        StageStatus.WAITING,
    ]
    again = StageRun.objects.get(status=StageStatus.WAITING)
    assert (again.is_fresh, again.priority, again.attempts) == (True, 20, 0)


def test_what_is_asked_while_it_runs_is_done_even_where_that_run_failed(acme):
    finding = FindingFactory()
    asked(finding)
    running = claim(stage_run_id=StageRun.objects.get().id, now=NOW)

    asked(finding)
    fail(run=running, error="The model refused.", now=NOW)

    assert rows_of(finding) == [
        (Stage.REMEDY, StageStatus.FAILED, True),
        (Stage.REMEDY, StageStatus.WAITING, True),
    ]


def test_a_row_that_begins_after_it_was_asked_for_is_done_once(acme):
    finding = FindingFactory()
    asked(finding)
    asked(finding)
    first = claim(stage_run_id=StageRun.objects.get().id, now=NOW)
    asked(finding)
    postpone(run=first, delay=timedelta(0), error="busy", now=NOW)

    second = claim(stage_run_id=first.id, now=NOW)
    finish(run=second, now=NOW)

    assert rows_of(finding) == [(Stage.REMEDY, StageStatus.DONE, True)]


def test_a_waiting_row_takes_on_what_a_person_asks(acme):
    finding = FindingFactory()
    scan = ScanFactory()
    for_scan = Occasion(scan_id=scan.id, priority=0, follow_up=False)
    add_runs(stage=Stage.JUDGE, occasion=for_scan, finding_ids=[finding.id], now=NOW)

    asked(finding, stage=Stage.JUDGE)

    row = StageRun.objects.get()
    assert (row.scan_id, row.priority, row.is_fresh, row.follow_up) == (None, 20, True, True)


def test_a_scan_takes_nothing_from_what_a_person_asked(acme):
    finding = FindingFactory()
    asked(finding, stage=Stage.JUDGE)

    for_scan = Occasion(scan_id=ScanFactory().id, priority=10, follow_up=False)
    add_runs(stage=Stage.JUDGE, occasion=for_scan, finding_ids=[finding.id], now=NOW)

    row = StageRun.objects.get()
    assert (row.scan_id, row.priority, row.is_fresh, row.follow_up) == (None, 20, True, True)
