"""Jobs: wanted once, claimed by one worker, begun anew when asked for meanwhile."""

import itertools
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from findings.models import ChangeRequest
from notifications.models import Review
from tenants.jobs import (
    CLAIM_LAPSES_AFTER,
    JobStatus,
    claim,
    due_jobs,
    finish,
    postpone,
    want,
)
from tenants.scope import organization_scope
from tests.factories import OrganizationFactory, ProjectFactory

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
LAPSED = NOW + CLAIM_LAPSES_AFTER


@pytest.fixture
def job(acme):
    request = ChangeRequest.objects.create(project=ProjectFactory(), number=7)
    return Review.objects.create(change_request=request, next_attempt_at=NOW)


def take(job, now=NOW):
    return claim(Review, job_id=job.pk, now=now)


def now_of(job):
    job.refresh_from_db()
    return (job.status, job.attempts, job.next_attempt_at, job.error)


def test_a_job_is_taken_by_one_worker_at_a_time(job):
    first, second = take(job), take(job)

    assert (first.status, first.attempts, first.claims) == (JobStatus.RUNNING, 1, 1)
    assert second is None


def test_a_job_is_not_taken_before_its_time(job):
    want(Review, job_ids=[job.pk], at=NOW)
    Review.objects.update(next_attempt_at=LATER)

    assert take(job) is None
    assert take(job, LATER) is not None


def test_a_claim_lapses_when_its_worker_died_and_the_late_worker_ends_nothing(job):
    slow = take(job)
    quick = take(job, LAPSED)

    finish(slow, now=LAPSED, error="Too late.")

    assert (quick.attempts, quick.claims) == (2, 2)
    assert now_of(job)[0] == JobStatus.RUNNING
    postpone(slow, at=LATER, error="Too late.")
    assert now_of(job)[0] == JobStatus.RUNNING


def test_an_end_is_an_end_with_or_without_an_error(job):
    assert finish(take(job), now=NOW) is False
    assert now_of(job) == (JobStatus.DONE, 1, NOW, "")

    want(Review, job_ids=[job.pk], at=LATER)
    assert now_of(job) == (JobStatus.WAITING, 0, LATER, "")
    assert finish(take(job, LATER), now=LATER, error="It is gone.") is False
    assert now_of(job) == (JobStatus.FAILED, 1, LATER, "It is gone.")


def test_a_claim_of_an_earlier_round_is_not_taken_for_the_newest(job):
    slow = take(job)
    finish(take(job, LAPSED), now=LAPSED)
    want(Review, job_ids=[job.pk], at=LAPSED)
    newest = take(job, LAPSED)

    finish(slow, now=LAPSED)

    assert (slow.attempts, newest.attempts) == (1, 1)
    assert now_of(job)[0] == JobStatus.RUNNING


def test_what_is_wanted_while_it_runs_is_done_once_more(job):
    running = take(job)

    want(Review, job_ids=[job.pk], at=LATER)

    assert take(job) is None
    assert finish(running, now=LATER) is True
    assert now_of(job) == (JobStatus.WAITING, 0, LATER, "")
    again = take(job, LATER)
    assert finish(again, now=LATER) is False


def test_a_waiting_job_is_moved_forward_and_never_back(job):
    Review.objects.update(next_attempt_at=LATER)

    want(Review, job_ids=[job.pk], at=LATER + timedelta(hours=1))
    assert now_of(job)[2] == LATER
    want(Review, job_ids=[job.pk], at=NOW)
    assert now_of(job)[2] == NOW


def test_what_is_due_comes_longest_waiting_first(job):
    request = ChangeRequest.objects.create(project=job.change_request.project, number=8)
    older = Review.objects.create(
        change_request=request, next_attempt_at=NOW - timedelta(minutes=1)
    )
    ended = ChangeRequest.objects.create(project=job.change_request.project, number=9)
    Review.objects.create(change_request=ended, next_attempt_at=NOW, status=JobStatus.DONE)

    assert due_jobs(Review, now=NOW, limit=9) == [older.pk, job.pk]
    assert due_jobs(Review, now=NOW, limit=1) == [older.pk]
    assert due_jobs(Review, now=NOW - timedelta(seconds=1), limit=9) == [older.pk]


def somebody_waits_for_us():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return cursor.fetchone()[0] > 0


@pytest.mark.django_db(transaction=True)
def test_a_job_that_is_claimed_while_it_is_wanted_begins_again():
    organization = OrganizationFactory()
    with organization_scope(organization.id):
        request = ChangeRequest.objects.create(project=ProjectFactory(), number=7)
        job = Review.objects.create(change_request=request, next_attempt_at=NOW)

        def ask():
            with organization_scope(organization.id):
                want(Review, job_ids=[job.pk], at=NOW)
            connection.close()

        thread = threading.Thread(target=ask)
        with transaction.atomic():
            claimed = take(job)
            thread.start()
            next(filter(None, (somebody_waits_for_us() for _ in itertools.count())))
        thread.join()

        assert finish(claimed, now=NOW)
