"""Jobs outside the analysis: done, tried again, given up with a reason."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import InvalidInputError, TransientError
from notifications.models import Review
from pipeline.jobs import FIRST_DELAY_SECONDS, MAX_ATTEMPTS, MAX_DELAY_SECONDS, Trade, run_job
from tenants.jobs import CLAIM_LAPSES_AFTER, JobStatus, claim, want
from tests.factories import ReviewFactory

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@dataclass
class Worker:
    """Does what a test says, and remembers what it was asked."""

    deed: object = None
    done: list = field(default_factory=list)
    given_up: list = field(default_factory=list)

    @property
    def trade(self):
        return Trade(kind=Review, do=self.do, give_up=self.give_up)

    def do(self, job, now):
        self.done.append(job.pk)
        if isinstance(self.deed, Exception):
            raise self.deed
        if self.deed:
            self.deed(job)

    def give_up(self, job, reason, now):
        self.given_up.append((job.pk, reason))

    def run(self, job, now=NOW):
        return run_job(trade=self.trade, job_id=job.pk, now=now)


@pytest.fixture
def job(acme):
    return ReviewFactory(next_attempt_at=NOW)


def after(job):
    job.refresh_from_db()
    return (job.status, job.error, job.next_attempt_at - NOW)


def test_a_job_is_done_once(job):
    worker = Worker()

    assert worker.run(job) is None
    assert worker.run(job) is None

    assert worker.done == [job.pk]
    assert after(job) == (JobStatus.DONE, "", timedelta(0))


def test_what_is_wanted_meanwhile_is_done_at_once_again(job):
    worker = Worker(deed=lambda one: want(Review, job_ids=[one.pk], at=NOW))

    assert worker.run(job) == 0
    worker.deed = None
    assert worker.run(job) is None

    assert worker.done == [job.pk, job.pk]


@pytest.mark.parametrize(
    ("said", "delay"), [(None, FIRST_DELAY_SECONDS), (90, 90), (7200, MAX_DELAY_SECONDS), (1, 10)]
)
def test_trouble_that_passes_is_waited_for(job, said, delay):
    worker = Worker(deed=TransientError("Try later.", retry_after_seconds=said))

    assert worker.run(job) == delay

    assert after(job) == (JobStatus.WAITING, "Try later.", timedelta(seconds=delay))
    assert worker.given_up == []


def test_pauses_grow_up_to_an_hour(job):
    worker, pauses, now = Worker(deed=TransientError("Try later.")), [], NOW
    while (pause := worker.run(job, now)) is not None:
        pauses.append(pause)
        now += timedelta(seconds=pause)

    assert pauses[:4] == [10, 20, 40, 80]
    assert pauses[-1] == MAX_DELAY_SECONDS
    assert len(worker.done) == MAX_ATTEMPTS
    assert worker.given_up == [(job.pk, "Try later.")]
    assert after(job)[:2] == (JobStatus.FAILED, "Try later.")


def test_a_refusal_is_the_end(job):
    worker = Worker(deed=InvalidInputError("number: it is none.", field="number"))

    assert worker.run(job) is None

    assert worker.given_up == [(job.pk, "number: it is none.")]
    assert after(job)[:2] == (JobStatus.FAILED, "number: it is none.")


def test_a_crash_is_tried_again_and_its_words_stay_in_the_log(job, caplog):
    worker = Worker(deed=RuntimeError("token ghp_secret"))

    assert worker.run(job) == FIRST_DELAY_SECONDS

    assert after(job)[:2] == (JobStatus.WAITING, "It failed; the server's log says why.")
    assert f"pipeline.job.crashed kind=Review id={job.pk}" in caplog.text


def test_a_job_whose_workers_keep_dying_is_given_up(job):
    now = NOW
    for _ in range(MAX_ATTEMPTS):
        claim(Review, job_id=job.pk, now=now)
        now += CLAIM_LAPSES_AFTER
    worker = Worker()

    assert worker.run(job, now) is None

    assert worker.done == []
    assert worker.given_up == [(job.pk, "It did not end, however often it began.")]
    assert after(job)[0] == JobStatus.FAILED
