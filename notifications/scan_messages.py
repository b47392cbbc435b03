"""What is written down to be sent after a scan, a verdict or a decision.

What a message tells is read when it is sent. Its facts hold only what that needs:
a scan's new findings: `finding_ids`, the worst first, at most MOST_NAMED, and their `count`;
findings as data: `finding_ids`, at most MOST_A_CALL; a digest: `of`, the kind of its parts.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from findings.models import Conclusion, Finding, ProblemKind, Scan, ScanStatus, UploadStatus
from llm.configuration import assistant_settings
from notifications.audience import subscriptions_for, target_of, webhooks_for
from notifications.deliveries import Draft, want_again, want_deliveries
from notifications.digests import GATHER, want_gathered
from notifications.models import (
    Channel,
    Delivery,
    DeliveryKind,
    OutgoingWebhook,
    Subscription,
    ToldScan,
)
from notifications.news import News, news_of, wanted_by
from tenants.jobs import JobStatus

MOST_NAMED = 200
MOST_A_CALL = 100
BROKEN = (ScanStatus.ERROR, ScanStatus.NEVER_FINISHED)
LOOK_BACK = timedelta(days=2)
SWEEP_LIMIT = 500


@transaction.atomic
def after_scan(*, scan_id: int, now: datetime) -> None:
    """Write down what a scan that is over leads to, once; one that is not over, nothing."""
    scan: Scan | None = (
        Scan.objects.filter(id=scan_id).select_related("project", "ref", "organization").first()
    )
    if scan is None or not _is_over(scan):
        return
    has_failed = _has_failed(scan)
    if has_failed and _note_told(scan, is_failure=True, now=now):
        _want_failure(scan, now)
    if scan.completed_at is None and scan.ingested_at is None:
        return
    if _note_told(scan, is_failure=False, now=now):
        news = news_of(scan)
        _want_scan(scan, news, now)
        _call_webhooks(scan, news, now)


def untold_scans(*, now: datetime) -> list[int]:
    """Return the ids of scans whose announcement was lost, for the sweep."""
    told = ToldScan.objects.filter(scan=OuterRef("id"))
    rows = Scan.objects.filter(
        ~Exists(told),
        Q(completed_at__lte=now) | Q(status__in=BROKEN),
        started_at__gte=now - LOOK_BACK,
    )
    return list(rows.order_by("id").values_list("id", flat=True)[:SWEEP_LIMIT])


@transaction.atomic
def after_verdict(*, finding_id: int, now: datetime) -> None:
    """Write down who should agree that a finding is none; bring up to date what was said of it.

    Slack hears of findings of change requests and other branches that may be safe to ignore.
    """
    finding: Finding | None = (
        Finding.objects.filter(id=finding_id)
        .select_related("first_scan__project", "first_scan__ref", "rule")
        .first()
    )
    if finding is None:
        return
    _refresh(Q(finding=finding), now)
    scan = finding.first_scan
    is_asked = finding.verdict == Conclusion.FALSE_POSITIVE and scan is not None
    if scan is None or not is_asked or not _judges_in_slack():
        return
    news = news_of(scan, [finding.pk])
    hearing = _one_a_target(
        one
        for one in subscriptions_for(scan)
        if one.channel == Channel.SLACK and one.tells_verdicts and wanted_by(one, news)
    )
    want_gathered([_verdict(one, finding, scan, now) for one in hearing], now=now)


@transaction.atomic
def after_decisions(*, finding_ids: Collection[int], now: datetime) -> None:
    """Bring messages that ask for a decision up to date, whoever has decided, and where."""
    _refresh(Q(finding__in=finding_ids), now)


def _is_over(scan: Scan) -> bool:
    if scan.uploads.filter(status=UploadStatus.STORED).exists():
        return False
    return scan.completed_at is not None or scan.status in BROKEN


def _has_failed(scan: Scan) -> bool:
    if scan.status in BROKEN:
        return True
    # Its scanner may have ended well all the same.
    refused = scan.problems.filter(kind=ProblemKind.REFUSED_UPLOAD)
    return scan.ingested_at is None and refused.exists()


def _note_told(scan: Scan, *, is_failure: bool, now: datetime) -> bool:
    """Say whether this is the first time."""
    _row, is_new = ToldScan.objects.get_or_create(
        scan=scan, is_failure=is_failure, defaults={"at": now}
    )
    return bool(is_new)


def _want_failure(scan: Scan, now: datetime) -> None:
    hearing = _one_a_target(one for one in subscriptions_for(scan) if one.tells_failed_scans)
    drafts = [_draft(one, DeliveryKind.FAILED_SCAN, scan, {}) for one in hearing]
    want_gathered(drafts, now=now)


def _want_scan(scan: Scan, news: list[News], now: datetime) -> None:
    """Tell each channel and address once what its subscriptions ask for together."""
    wanted: dict[str, tuple[Subscription, dict[int, None]]] = {}
    for one in subscriptions_for(scan):
        if one.tells_scans:
            _first, ids = wanted.setdefault(target_of(one), (one, {}))
            ids.update(dict.fromkeys(wanted_by(one, news)))
    order = {one.finding_id: place for place, one in enumerate(news)}
    drafts = []
    for subscription, ids in wanted.values():
        ordered = sorted(ids, key=order.__getitem__)
        facts: dict[str, object] = {"finding_ids": ordered[:MOST_NAMED], "count": len(ordered)}
        if ordered:
            drafts.append(_draft(subscription, DeliveryKind.SCAN, scan, facts))
    want_gathered(drafts, now=now)


def _call_webhooks(scan: Scan, news: list[News], now: datetime) -> None:
    ids = [one.finding_id for one in news]
    drafts = []
    for webhook in webhooks_for(scan):
        if webhook.sends_scans:
            drafts.append(_call(webhook, DeliveryKind.SCAN, scan, f"scan:{scan.pk}", {}))
        if webhook.sends_findings:
            for number, start in enumerate(range(0, len(ids), MOST_A_CALL)):
                facts: dict[str, object] = {"finding_ids": ids[start : start + MOST_A_CALL]}
                key = f"findings:{scan.pk}:{number}"
                drafts.append(_call(webhook, DeliveryKind.FINDINGS, scan, key, facts))
    want_deliveries(drafts, now=now)


def _one_a_target(subscriptions: Iterable[Subscription]) -> list[Subscription]:
    """Return one subscription for each channel and address: the oldest."""
    first: dict[str, Subscription] = {}
    for one in subscriptions:
        first.setdefault(target_of(one), one)
    return list(first.values())


def _judges_in_slack() -> bool:
    settings = assistant_settings()
    return bool(settings.judges and settings.judges_in_slack)


def _refresh(of_findings: Q, now: datetime) -> None:
    """Bring messages up to date where they stand, also after an earlier change was given up."""
    asking = Delivery.objects.filter(of_findings, kind=DeliveryKind.VERDICT)
    # What is being sent at this moment may have been written before.
    ended = Q(sent_at__isnull=False, status__in=(JobStatus.DONE, JobStatus.FAILED))
    written = ended | Q(status=JobStatus.RUNNING)
    digests = Delivery.objects.filter(written, id__in=asking.values("digest_id"))
    want_again(delivery_ids=set(asking.filter(written).values_list("id", flat=True)), at=now)
    want_again(delivery_ids=set(digests.values_list("id", flat=True)), at=now + GATHER)


def _draft(
    subscription: Subscription, kind: DeliveryKind, scan: Scan, facts: dict[str, object]
) -> Draft:
    return Draft(
        channel=Channel(subscription.channel),
        kind=kind,
        key=f"{kind.value}:{scan.pk}:{target_of(subscription)}",
        recipient=str(subscription),
        subscription=subscription,
        scan=scan,
        facts=facts,
    )


def _verdict(subscription: Subscription, finding: Finding, scan: Scan, now: datetime) -> Draft:
    return Draft(
        channel=Channel.SLACK,
        kind=DeliveryKind.VERDICT,
        key=f"verdict:{finding.pk}:{target_of(subscription)}",
        recipient=str(subscription),
        subscription=subscription,
        scan=scan,
        finding=finding,
        # One by one the judge ends: many together are better read as one message.
        not_before=now + GATHER,
    )


def _call(
    webhook: OutgoingWebhook, kind: DeliveryKind, scan: Scan, key: str, facts: dict[str, object]
) -> Draft:
    return Draft(
        channel=Channel.WEBHOOK,
        kind=kind,
        key=f"{key}:webhook:{webhook.pk}",
        recipient=webhook.name,
        webhook=webhook,
        scan=scan,
        facts=facts,
    )
