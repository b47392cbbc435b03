"""The outbox: what is to be sent, written down once before it is sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from core.errors import NotFoundError
from findings.models import Finding, Scan
from notifications.announcements import delivery_wanted
from notifications.models import (
    Channel,
    Delivery,
    DeliveryKind,
    OutgoingWebhook,
    Subscription,
)
from notifications.quiet_hours import when_due
from tenants import jobs
from tenants.announcements import announce
from tenants.audit import Actor, record_audit_event
from tenants.jobs import JobStatus
from tenants.models import Membership


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message that somebody should get; `key` is the same however often it is asked for."""

    channel: Channel
    kind: DeliveryKind
    key: str
    recipient: str
    subscription: Subscription | None = None
    webhook: OutgoingWebhook | None = None
    member: Membership | None = None
    scan: Scan | None = None
    finding: Finding | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    not_before: datetime | None = None


@transaction.atomic
def want_deliveries(drafts: Sequence[Draft], *, now: datetime) -> list[int]:
    """Write down what is to be sent, each key once; return the ids of those that are new.

    What falls into the quiet hours of its subscription waits for their end.
    """
    if not drafts:
        return []
    keys = [draft.key for draft in drafts]
    known = set(Delivery.objects.filter(key__in=keys).values_list("key", flat=True))
    fresh = {draft.key: draft for draft in drafts if draft.key not in known}
    Delivery.objects.bulk_create(
        [_row(draft, now) for draft in fresh.values()], ignore_conflicts=True
    )
    ids = list(Delivery.objects.filter(key__in=fresh).values_list("id", flat=True))
    if ids:
        announce(delivery_wanted, delivery_ids=ids)
    return ids


@transaction.atomic
def want_again(*, delivery_ids: Collection[int], at: datetime) -> None:
    """Ask for messages that were sent to be brought up to date where they stand."""
    if delivery_ids:
        jobs.want(Delivery, job_ids=delivery_ids, at=at)
        announce(delivery_wanted, delivery_ids=sorted(delivery_ids))


@transaction.atomic
def retry(*, delivery_id: int, actor: Actor, now: datetime) -> Delivery:
    """Send a dead letter once more; one that is not dead stays as it is.

    What an earlier try may have left is looked for first; only where nobody can tell, the decision
    to send it all the same stands. Raises NotFoundError.
    """
    row: Delivery | None = Delivery.objects.select_for_update().filter(id=delivery_id).first()
    if row is None:
        raise NotFoundError("There is no such message in this organization.")
    if row.status == JobStatus.FAILED:
        Delivery.objects.filter(id=row.pk).update(may_repeat=row.is_in_doubt)
        want_again(delivery_ids=[row.pk], at=now)
        record_audit_event(actor=actor, action="delivery.retried", object_label=row.key)
    return row


def _row(draft: Draft, now: datetime) -> Delivery:
    return Delivery(
        channel=draft.channel,
        kind=draft.kind,
        key=draft.key,
        recipient=draft.recipient[:320],
        subscription=draft.subscription,
        webhook=draft.webhook,
        member=draft.member,
        scan=draft.scan,
        finding=draft.finding,
        facts=draft.facts,
        created_at=now,
        next_attempt_at=when_due(
            kind=draft.kind, subscription=draft.subscription, at=draft.not_before or now
        ),
    )
