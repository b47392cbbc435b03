"""Holding a review while it is told: whoever has lost it writes nothing more."""

import contextlib
from collections.abc import Iterator

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Now

from notifications.models import Review
from tenants.jobs import CLAIM_LAPSES_AFTER, JobStatus


class ClaimLostError(Exception):
    """Another worker has taken the review over, because this one took too long."""


def hold(review: Review) -> None:
    """Keep a claimed review for some more time. Raises ClaimLostError.

    Many comments take longer than a claim lasts: it is kept before each call that writes.
    """
    mine = Review.objects.filter(pk=review.pk, claims=review.claims, status=JobStatus.RUNNING)
    lapses_at = Greatest(F("next_attempt_at"), Now() + CLAIM_LAPSES_AFTER)
    if not mine.update(next_attempt_at=lapses_at):
        raise ClaimLostError


@contextlib.contextmanager
def holding(review: Review) -> Iterator[None]:
    """Write in a transaction during which nobody can take the review over."""
    with transaction.atomic():
        hold(review)
        yield
