"""When a change request is spoken in: soon after its scan, and again when something changes.

The first words wait for the analysis, but not for long: a developer looks at her change request
within the minute. What changes later is gathered for a moment, so that one edit says it all.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings

from findings.change_requests import change_request_of, scans_of
from findings.models import ChangeRequest, Scan, ScanKind
from notifications.models import Review
from notifications.reviews import reviews_of_findings, want_review, want_reviews
from pipeline.models import StageRun
from pipeline.queue import LIVE
from tenants.jobs import JobStatus

WAIT_FOR_ANALYSIS = timedelta(seconds=settings.TELL_AFTER_SECONDS)
GATHER = timedelta(seconds=5)


def after_plan(*, scan: Scan, now: datetime) -> None:
    """Ask for a scan's findings to be told: at once where nothing is analyzed, else a bit later."""
    change_request = change_request_of(scan)
    if change_request is None:
        return
    at = now + WAIT_FOR_ANALYSIS if _is_under_way([scan.pk]) else now
    want_review(change_request_id=change_request.pk, at=at)


def after_stages(*, runs: Sequence[StageRun], now: datetime) -> None:
    """Ask for what stages came to to be told, and for the first words once all of them are over.

    Call it in the transaction that ends them: then nobody can die in between.
    """
    after_findings_changed(
        finding_ids=[run.finding_id for run in runs if run.finding_id is not None], now=now
    )
    scan_ids = {run.scan_id for run in runs if run.scan_id is not None}
    for scan in Scan.objects.filter(id__in=scan_ids, kind=ScanKind.DIFF):
        change_request = change_request_of(scan)
        if change_request is not None and not _is_under_way([scan.pk]):
            want_review(change_request_id=change_request.pk, at=now)


def after_findings_changed(*, finding_ids: Collection[int], now: datetime) -> None:
    """Ask for change requests that speak of these findings to be brought up to date.

    One that waits already, for the analysis of its scan or for its code host, is left to wait: it
    will say how things are by then.
    """
    ended = Review.objects.filter(id__in=reviews_of_findings(finding_ids)).exclude(
        status=JobStatus.WAITING
    )
    want_reviews(review_ids=set(ended.values_list("id", flat=True)), at=now + GATHER)


def after_change_request_changed(*, change_request_id: int, now: datetime) -> None:
    """Bring what is said up to date with a change request that was pushed to, closed or merged."""
    known = Review.objects.filter(change_request=change_request_id)
    want_reviews(review_ids=set(known.values_list("id", flat=True)), at=now + GATHER)


def after_connection_changed(*, connection_id: int, now: datetime) -> None:
    """Try again what could not be said through a connection that was mended."""
    waiting = Review.objects.filter(
        change_request__project__repository__connection=connection_id
    ).exclude(obstacle="", error="")
    want_reviews(review_ids=set(waiting.values_list("id", flat=True)), at=now)


def is_analyzing(change_request: ChangeRequest) -> bool:
    """Say whether findings of a change request's scans are being looked at."""
    return _is_under_way(scans_of(change_request).values_list("id", flat=True))


def _is_under_way(scan_ids: Iterable[int]) -> bool:
    live = StageRun.objects.filter(scan_id__in=scan_ids, finding__isnull=False, status__in=LIVE)
    return bool(live.exists())
