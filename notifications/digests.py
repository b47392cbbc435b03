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

    Those of a scan's verdicts count together, whenever they came; any others count together
    that wait for the end of the same quiet hours. Return the ids of those that are new.
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
    key = _digest_key(subscription, row, now)
    if key is None:
        return
    group = _group_of(subscription, row)
    digest: Delivery | None = Delivery.objects.filter(key=key).first()
    if digest is None and group.count() <= DIGEST_ABOVE:
        return
    untried = group.filter(status=JobStatus.WAITING, claims=0)
    if digest is None:
        digest = _make(subscription, row, key, now)
    else:
        want_again(delivery_ids=[digest.pk], at=when_allowed(subscription, now + GATHER))
    untried.update(status=JobStatus.DONE, finished_at=now, digest=digest)


def _digest_key(subscription: Subscription, row: Delivery, now: datetime) -> str | None:
    """Return the key of the one digest that a message may become part of; None: of none."""
    if row.kind == DeliveryKind.VERDICT:
        return f"digest:verdict:{row.scan_id}:{subscription.pk}"
    if row.next_attempt_at > now:
        return f"digest:{row.kind}:{subscription.pk}:{row.next_attempt_at:%Y%m%dT%H%M%S}"
    return None


def _group_of(subscription: Subscription, row: Delivery) -> QuerySet[Delivery]:
    """Return the messages that count together with one, those that were sent among them."""
    is_sibling = Q(subscription=subscription, kind=row.kind, digest=None)
    if row.kind == DeliveryKind.VERDICT:
        is_sibling &= Q(scan=row.scan_id)
    else:
        is_sibling &= Q(status=JobStatus.WAITING, claims=0, next_attempt_at=row.next_attempt_at)
    return Delivery.objects.filter(is_sibling)


def _make(subscription: Subscription, row: Delivery, key: str, now: datetime) -> Delivery:
    scan: Scan | None = row.scan if row.kind == DeliveryKind.VERDICT else None
    digest: Delivery = Delivery.objects.create(
        channel=row.channel,
        kind=DeliveryKind.DIGEST,
        key=key,
        recipient=row.recipient,
        subscription=subscription,
        scan=scan,
        facts={"of": row.kind},
        created_at=now,
        next_attempt_at=row.next_attempt_at,
    )
    announce(delivery_wanted, delivery_ids=[digest.pk])
    return digest
