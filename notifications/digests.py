"""One message instead of many: what would go out at once to one place becomes a digest.

Its parts stay as rows, so that each key is still there once; they are never sent themselves.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from findings.models import Scan
from notifications.announcements import delivery_wanted
from notifications.deliveries import Draft, want_again, want_deliveries
from notifications.models import Delivery, DeliveryKind, Subscription
from notifications.quiet_hours import when_allowed
from tenants.announcements import announce
from tenants.jobs import JobStatus

DIGEST_ABOVE = 10
# A digest that was sent grows by what came in a while, not by each single one.
GATHER = timedelta(seconds=20)


@transaction.atomic
def want_gathered(drafts: Sequence[Draft], *, now: datetime) -> list[int]:
    """Write down messages of one kind from one scan; what is too many becomes a digest.

    Those count together that wait for the end of the same quiet hours, and by day those of one
    scan's verdicts, whenever they came. Return the ids of those that are new.
    """
    keys = [draft.key for draft in drafts]
    known = set(Delivery.objects.filter(key__in=keys).values_list("key", flat=True))
    fresh = [draft for draft in drafts if draft.key not in known]
    subscription_ids = {one.subscription.pk for one in fresh if one.subscription is not None}
    # Who counts its messages waits for others that add to them; in one order, so none waits twice.
    locked = Subscription.objects.select_for_update(of=("self",)).select_related("organization")
    subscriptions = list(locked.filter(id__in=subscription_ids).order_by("id"))
    ids = want_deliveries(fresh, now=now)
    for subscription in subscriptions:
        rows = Delivery.objects.filter(id__in=ids, subscription=subscription)
        for row in rows.order_by("next_attempt_at", "id").distinct("next_attempt_at"):
            _gather(subscription, row, now)
    return ids


def _gather(subscription: Subscription, row: Delivery, now: datetime) -> None:
    """Fold a message into the digest of its group, where there is one or is need of one."""
    scan = _scan_to_count(subscription, row, now)
    if scan is None and row.next_attempt_at <= now:
        return
    key = _digest_key(subscription, row, scan)
    group = _group_of(subscription, row, scan)
    digest: Delivery | None = Delivery.objects.filter(key=key).first()
    if digest is None and group.count() <= DIGEST_ABOVE:
        return
    untried = group.filter(status=JobStatus.WAITING, claims=0)
    if digest is None:
        digest = _make(subscription, row, scan, now)
    else:
        want_again(delivery_ids=[digest.pk], at=when_allowed(subscription, now + GATHER))
    untried.update(status=JobStatus.DONE, finished_at=now, digest=digest)


def _scan_to_count(subscription: Subscription, row: Delivery, now: datetime) -> Scan | None:
    """Return the scan whose messages count together; None: those that wait for the same moment."""
    if row.kind != DeliveryKind.VERDICT or row.scan is None:
        return None
    scan: Scan = row.scan
    waits = row.next_attempt_at > now + GATHER
    has_digest = Delivery.objects.filter(key=_digest_key(subscription, row, scan)).exists()
    return None if waits and not has_digest else scan


def _digest_key(subscription: Subscription, row: Delivery, scan: Scan | None) -> str:
    """Return the key of the one digest that a message may become part of."""
    if scan is not None:
        return f"digest:{row.kind}:{scan.pk}:{subscription.pk}"
    return f"digest:{row.kind}:{subscription.pk}:{row.next_attempt_at:%Y%m%dT%H%M%S}"


def _group_of(subscription: Subscription, row: Delivery, scan: Scan | None) -> QuerySet[Delivery]:
    """Return the messages that count together with one, a scan's that were sent among them."""
    is_sibling = Q(subscription=subscription, kind=row.kind, digest=None)
    if scan is not None:
        is_sibling &= Q(scan=scan)
    else:
        is_sibling &= Q(status=JobStatus.WAITING, claims=0, next_attempt_at=row.next_attempt_at)
    return Delivery.objects.filter(is_sibling)


def _make(subscription: Subscription, row: Delivery, scan: Scan | None, now: datetime) -> Delivery:
    digest: Delivery = Delivery.objects.create(
        channel=row.channel,
        kind=DeliveryKind.DIGEST,
        key=_digest_key(subscription, row, scan),
        recipient=row.recipient,
        subscription=subscription,
        scan=scan,
        facts={"of": row.kind},
        created_at=now,
        next_attempt_at=row.next_attempt_at,
    )
    announce(delivery_wanted, delivery_ids=[digest.pk])
    return digest
