"""Holding a review or delivery while it is told: whoever has lost it writes nothing more."""

import contextlib
from collections.abc import Iterator

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Now

from tenants.jobs import CLAIM_LAPSES_AFTER, Job, JobStatus


class ClaimLostError(Exception):
    """Another worker has taken the job over, because this one took too long."""


def hold(job: Job) -> None:
    """Keep a claimed job for some more time. Raises ClaimLostError.

    Many comments take longer than a claim lasts: it is kept before each call that writes.
    """
    running = type(job).objects.filter(status=JobStatus.RUNNING)
    mine = running.filter(pk=job.pk, claims=job.claims)
    lapses_at = Greatest(F("next_attempt_at"), Now() + CLAIM_LAPSES_AFTER)
    if not mine.update(next_attempt_at=lapses_at):
        raise ClaimLostError


@contextlib.contextmanager
def holding(job: Job) -> Iterator[None]:
    """Write in a transaction during which nobody can take the job over."""
    with transaction.atomic():
        hold(job)
        yield
