"""Webhooks of the organization's own: added, changed, tested, paused, resumed and removed."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.db import transaction
from django.db.models import QuerySet

from core.encryption import encrypt
from core.errors import NotFoundError, ProblemError
from notifications.deliveries import Draft, want_again, want_deliveries
from notifications.models import (
    Channel,
    Delivery,
    DeliveryKind,
    OutgoingWebhook,
    WebhookState,
)
from notifications.webhook_health import PAUSED
from tenants.audit import Actor, record_audit_event
from tenants.jobs import JobStatus
from tenants.models import Project

MOST_WEBHOOKS = 50


class TooManyWebhooksError(ProblemError):
    """The organization has as many webhooks as it may have."""

    code = "too_many_webhooks"
    status = HTTPStatus.CONFLICT


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedWebhook:
    """What an admin entered; `secret` is None where the stored one stays, and blank for none."""

    name: str
    url: str
    sends_scans: bool
    sends_findings: bool
    project: Project | None
    tag: str
    secret: str | None


def webhooks_of_organization() -> QuerySet[OutgoingWebhook]:
    """Return the webhooks, by name."""
    rows: QuerySet[OutgoingWebhook] = OutgoingWebhook.objects.select_related("project")
    return rows.order_by("name", "id")


def get_webhook(webhook_id: int) -> OutgoingWebhook:
    """Return a webhook; raise NotFoundError for a stranger's."""
    found: OutgoingWebhook | None = webhooks_of_organization().filter(id=webhook_id).first()
    if found is None:
        raise NotFoundError(f"There is no webhook {webhook_id} in this organization.")
    return found


@transaction.atomic
def add_webhook(*, wanted: WantedWebhook, actor: Actor) -> OutgoingWebhook:
    """Store a new webhook, which is called from now on. Raises TooManyWebhooksError."""
    if OutgoingWebhook.objects.count() >= MOST_WEBHOOKS:
        raise TooManyWebhooksError(
            f"There are {MOST_WEBHOOKS} webhooks already; remove one that is not needed any more."
        )
    row: OutgoingWebhook = OutgoingWebhook.objects.create(**_columns(wanted))
    record_audit_event(
        actor=actor, action="webhook.added", object_label=row.name, after=_audited(row)
    )
    return row


@transaction.atomic
def change_webhook(*, webhook_id: int, wanted: WantedWebhook, actor: Actor) -> OutgoingWebhook:
    """Change a webhook; what waits to be sent goes to the new address. Raises NotFoundError."""
    row = _locked(webhook_id)
    before, columns = _audited(row), _columns(wanted)
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=[*columns])
    record_audit_event(
        actor=actor,
        action="webhook.changed",
        object_label=row.name,
        before=before,
        after=_audited(row),
    )
    return row


@transaction.atomic
def pause_webhook(*, webhook_id: int, actor: Actor) -> OutgoingWebhook:
    """Call a webhook no more until it is resumed. Raises NotFoundError."""
    row = _locked(webhook_id)
    if row.state == WebhookState.ACTIVE:
        _set_state(row, WebhookState.PAUSED)
        record_audit_event(actor=actor, action="webhook.paused", object_label=row.name)
    return row


@transaction.atomic
def resume_webhook(*, webhook_id: int, actor: Actor, now: datetime) -> int:
    """Call a webhook again, and send what was held back; return how many messages that are.

    Raises NotFoundError.
    """
    row = _locked(webhook_id)
    if row.state == WebhookState.ACTIVE:
        return 0
    row.failure_count, row.failing_since, row.last_error = 0, None, ""
    row.save(update_fields=["failure_count", "failing_since", "last_error"])
    _set_state(row, WebhookState.ACTIVE)
    held = list(held_back(row).values_list("id", flat=True))
    want_again(delivery_ids=held, at=now)
    record_audit_event(actor=actor, action="webhook.resumed", object_label=row.name)
    return len(held)


@transaction.atomic
def remove_webhook(*, webhook_id: int, actor: Actor) -> str:
    """Delete a webhook with its secret and its log; return its name. Raises NotFoundError."""
    row = _locked(webhook_id)
    name, before = row.name, _audited(row)
    row.delete()
    record_audit_event(actor=actor, action="webhook.removed", object_label=name, before=before)
    return name


def want_trial(*, webhook_id: int, now: datetime) -> int:
    """Have a webhook called with a test message, paused or not; return the message's id.

    Raises NotFoundError.
    """
    row = get_webhook(webhook_id)
    draft = Draft(
        channel=Channel.WEBHOOK,
        kind=DeliveryKind.TEST,
        key=f"test:webhook:{row.pk}:{uuid4()}",
        recipient=row.name,
        webhook=row,
    )
    (delivery_id,) = want_deliveries([draft], now=now)
    return delivery_id


def held_back(webhook: OutgoingWebhook) -> QuerySet[Delivery]:
    """Return the messages that were not sent because their webhook was paused."""
    rows: QuerySet[Delivery] = Delivery.objects.filter(
        webhook=webhook, status=JobStatus.FAILED, error=PAUSED
    )
    return rows


def _locked(webhook_id: int) -> OutgoingWebhook:
    rows = OutgoingWebhook.objects.select_for_update().filter(id=webhook_id)
    found: OutgoingWebhook | None = rows.first()
    if found is None:
        raise NotFoundError(f"There is no webhook {webhook_id} in this organization.")
    return found


def _set_state(row: OutgoingWebhook, state: WebhookState) -> None:
    row.state = state
    row.save(update_fields=["state"])


def _columns(wanted: WantedWebhook) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "name": wanted.name,
        "url": wanted.url,
        "sends_scans": wanted.sends_scans,
        "sends_findings": wanted.sends_findings,
        "project": wanted.project,
        "tag": wanted.tag,
    }
    if wanted.secret is not None:
        columns["encrypted_secret"] = encrypt(wanted.secret) if wanted.secret else ""
    return columns


def _audited(row: OutgoingWebhook) -> dict[str, Any]:
    """Return what may be written down: paths of such addresses are often secrets."""
    return {
        "name": row.name,
        "host": urlsplit(row.url).netloc,
        "sends_scans": row.sends_scans,
        "sends_findings": row.sends_findings,
        "project_id": row.project_id,
        "tag": row.tag,
        "is_signed": bool(row.encrypted_secret),
    }
