"""Telling a change request what there is to say: wanted, told once, or given up."""

import logging
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from core.numbers import id_of
from findings.models import ChangeRequest, ChangeRequestState, Instance, Scan, ScanKind
from notifications.announcements import review_wanted
from notifications.claims import ClaimLostError, holding
from notifications.comment_rows import doubt
from notifications.models import CommentState, Review, ReviewComment
from notifications.tellers import Teller
from tenants import jobs
from tenants.announcements import announce

logger = logging.getLogger(__name__)
OBSTACLE_LIMIT = 1000


@transaction.atomic
def want_review(*, change_request_id: int, at: datetime) -> Review:
    """Ask for a change request to be told at `at` what there is to say by then."""
    review: Review
    review, is_new = Review.objects.get_or_create(
        change_request_id=change_request_id, defaults={"next_attempt_at": at, "created_at": at}
    )
    if is_new:
        announce(review_wanted, review_ids=[review.pk])
    else:
        want_reviews(review_ids=[review.pk], at=at)
    return review


@transaction.atomic
def want_reviews(*, review_ids: Collection[int], at: datetime) -> None:
    """Ask for reviews to be told at `at`, or earlier where that was asked for, in few queries."""
    if review_ids:
        jobs.want(Review, job_ids=review_ids, at=at)
        announce(review_wanted, review_ids=sorted(review_ids))


def want_kept_reviews(*, at: datetime) -> None:
    """Ask for open change requests to be told of what was kept here."""
    kept = Review.objects.filter(
        change_request__state=ChangeRequestState.OPEN,
        comments__state=CommentState.KEPT_HERE,
    )
    want_reviews(review_ids=set(kept.values_list("id", flat=True)), at=at)


def reviews_of_findings(finding_ids: Collection[int]) -> list[int]:
    """Return the ids of the reviews that speak of these findings, or should, in four queries."""
    ref_ids = set(
        Instance.objects.filter(finding_id__in=finding_ids).values_list("ref_id", flat=True)
    )
    scanned = set(
        Scan.objects.filter(ref_id__in=ref_ids, kind=ScanKind.DIFF)
        .exclude(change_request="")
        .values_list("project_id", "change_request")
        .distinct()
    )
    known = ChangeRequest.objects.filter(project_id__in={project for project, _ in scanned})
    numbers = {id_of(number) for _, number in scanned} - {None}
    named = [
        row_id
        for row_id, *name in known.filter(number__in=numbers).values_list(
            "id", "project_id", "number"
        )
        if (name[0], str(name[1])) in scanned
    ]
    # Joined with OR, all comments of the organization would be read, after each stage.
    standing = Review.objects.filter(change_request_id__in=named).values_list("id", flat=True)
    told = ReviewComment.objects.filter(finding_id__in=finding_ids)
    return sorted(set(standing.union(told.values_list("review_id", flat=True))))


def tell(*, review: Review, now: datetime, is_analyzing: bool) -> None:
    """Bring the code host to show what there is to say; `review` is claimed.

    `is_analyzing`: findings of it are still being judged, which the status then says. What the
    code host refuses for good ends in words for people. Raises TransientError for another try.
    """
    told = Teller.of(review=review, now=now)
    try:
        obstacle = told.tell(is_analyzing=is_analyzing)
        with holding(review):
            Review.objects.filter(pk=review.pk).update(obstacle=obstacle[:OBSTACLE_LIMIT])
    except ClaimLostError:
        # Another worker tells it by now, and may have posted what this one did too.
        doubt(review=review, keys=told.sent)
        want_review(change_request_id=review.change_request_id, at=now)
        logger.warning("notifications.review.claim_lost review=%s", review.pk)


def give_up_telling(*, review: Review, reason: str) -> None:
    """Note why a claimed review did not come through, for people.

    What was posted stays; the next time that something changes, the rest is tried again.
    """
    Review.objects.filter(pk=review.pk, claims=review.claims).update(
        obstacle=reason[:OBSTACLE_LIMIT]
    )
