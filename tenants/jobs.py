"""Work that outlives its message: a row that says what is to be done is the queue itself.

A worker claims a row for a time; a message only says that there is something to claim, and the
sweep finds rows whose message or worker was lost. A row may be wanted again after it was done.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import ClassVar, TypeVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Least
from django.utils import timezone

from tenants.models import TenantModel

CLAIM_LAPSES_AFTER = timedelta(seconds=settings.CLAIM_LAPSES_AFTER_SECONDS)


class JobStatus(models.TextChoices):
    """How far a job has come."""

    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


LIVE = (JobStatus.WAITING, JobStatus.RUNNING)


class Job(TenantModel):
    """Something that is to be done; each child says what, and by whom."""

    status = models.CharField(max_length=10, choices=JobStatus.choices, default=JobStatus.WAITING)
    is_wanted_again = models.BooleanField(
        default=False, help_text="Asked for anew while it ran: once over, it begins again."
    )
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="Since it was last wanted; what grows the pause between tries."
    )
    claims = models.PositiveIntegerField(
        default=0, help_text="Ever; a worker whose number is not the newest has lost its claim."
    )
    next_attempt_at = models.DateTimeField(
        default=timezone.now, help_text="While running: when the claim lapses."
    )
    error = models.CharField(max_length=1000, blank=True, help_text="For people.")
    finished_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        abstract = True

    due_condition: ClassVar[Q] = Q(status__in=[status.value for status in LIVE])


AnyJob = TypeVar("AnyJob", bound=Job)


@transaction.atomic
def want(kind: type[Job], *, job_ids: Collection[int], at: datetime) -> None:
    """Ask for jobs to be done at `at`, or earlier where that was asked for already."""
    # Locked: one that is claimed, or ends, in between would slip through.
    rows = kind.objects.select_for_update().filter(id__in=job_ids).order_by("id")
    found = defaultdict(list)
    for job_id, status in rows.values_list("id", "status"):
        found[status].append(job_id)
    for status, ids in found.items():
        kind.objects.filter(id__in=ids).update(**_wanted(JobStatus(status), at))


def _wanted(status: JobStatus, at: datetime) -> dict[str, object]:
    """Return what changes in a job that is asked for."""
    if status == JobStatus.RUNNING:
        return {"is_wanted_again": True}
    if status == JobStatus.WAITING:
        return {"next_attempt_at": Least(F("next_attempt_at"), at)}
    return {
        "status": JobStatus.WAITING,
        "attempts": 0,
        "error": "",
        "next_attempt_at": at,
        "finished_at": None,
    }


@transaction.atomic
def claim(kind: type[AnyJob], *, job_id: int, now: datetime) -> AnyJob | None:
    """Take a job to work on; None where it is not due, done, or another's claim holds."""
    claimed = kind.objects.filter(id=job_id, status__in=LIVE, next_attempt_at__lte=now).update(
        status=JobStatus.RUNNING,
        attempts=F("attempts") + 1,
        claims=F("claims") + 1,
        is_wanted_again=False,
        next_attempt_at=now + CLAIM_LAPSES_AFTER,
    )
    return kind.objects.get(id=job_id) if claimed else None


@transaction.atomic
def finish(job: Job, *, now: datetime, error: str = "") -> bool:
    """End a claimed job, as failed where `error` says why; say whether it begins again.

    One that has ended already, or is claimed by another, stays as it is.
    """
    running = type(job).objects.filter(status=JobStatus.RUNNING)
    mine = running.select_for_update().filter(id=job.pk, claims=job.claims).first()
    if mine is None:
        return False
    status = JobStatus.FAILED if error else JobStatus.DONE
    if mine.is_wanted_again:
        status = JobStatus.WAITING
    type(job).objects.filter(id=mine.id).update(
        status=status,
        attempts=0 if mine.is_wanted_again else mine.attempts,
        is_wanted_again=False,
        error=error[:1000],
        next_attempt_at=now,
        finished_at=None if mine.is_wanted_again else now,
    )
    return bool(mine.is_wanted_again)


def postpone(job: Job, *, at: datetime, error: str) -> None:
    """Let a claimed job wait for another try; `error` says why it did not work."""
    type(job).objects.filter(id=job.pk, claims=job.claims).update(
        status=JobStatus.WAITING, error=error[:1000], next_attempt_at=at
    )


def due_jobs(kind: type[Job], *, now: datetime, limit: int) -> list[int]:
    """Return the ids of jobs that somebody should look at, the longest waiting first."""
    due = kind.objects.filter(status__in=LIVE, next_attempt_at__lte=now)
    return list(due.order_by("next_attempt_at", "id").values_list("id", flat=True)[:limit])
