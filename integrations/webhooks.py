"""Events as they come in: whose they are, whether they are genuine, and kept once each."""

import enum
import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.db.models import Q
from django.utils.datastructures import CaseInsensitiveMapping
from pydantic_core import from_json

from core.encryption import decrypt, encrypt
from core.errors import InvalidInputError, NotFoundError, ProblemError
from integrations.announcements import webhook_received
from integrations.deliveries import Envelope, Headers
from integrations.events import ReadEvent
from integrations.models import (
    Connection,
    GitHubApp,
    SlackWorkspace,
    WebhookEndpoint,
    WebhookReceipt,
)
from integrations.receipts import keep_once
from integrations.webhook_keys import (
    find_endpoint,
    hash_key,
    make_key,
    organization_of,
    url_of_key,
)
from integrations.webhook_registry import (
    ENVELOPES,
    EVENT_FILTERS,
    EVENT_READERS,
    KEPT_NAMES,
    SIGNATURES,
)
from tenants.announcements import announce
from tenants.jobs import JobStatus, want
from tenants.scope import organization_scope

NOTED_EVERY = timedelta(minutes=1)
RECEIPTS_KEPT = timedelta(days=30)
JSON_TYPE = "application/json"
FORGOTTEN = (
    "The event came more than 30 days ago, and its text is no longer kept; have the code host"
    " deliver it again."
)


class UnknownEndpointError(NotFoundError):
    """No webhook has this address."""

    def __init__(self) -> None:
        super().__init__(
            "There is no webhook of this address; copy it anew from Settings, Connections."
        )


class WebhookBodyError(ProblemError):
    """The event is genuine, but not one JSON object."""

    code = "invalid_webhook_body"
    status = HTTPStatus.BAD_REQUEST


class Reception(enum.Enum):
    """What became of an event at the door."""

    STORED = "stored"
    KNOWN = "known"
    NOT_NEEDED = "not needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The answer to a genuine event; without a receipt where nothing was kept."""

    reception: Reception
    receipt_id: int | None = None


def make_endpoint(
    *,
    kind: str,
    app: GitHubApp | None = None,
    connection: Connection | None = None,
    workspace: SlackWorkspace | None = None,
    key: str = "",
    secret: str = "",
) -> WebhookEndpoint:
    """Make the address at which we are called, for an app, a connection by token, or a workspace.

    Where the code host had to know the address before there was an app, or chose the secret
    itself, they are given; otherwise they are made here.
    """
    key = key or make_key()
    endpoint: WebhookEndpoint = WebhookEndpoint.objects.create(
        kind=kind,
        app=app,
        connection=connection,
        workspace=workspace,
        key_hash=hash_key(key),
        encrypted_key=encrypt(key),
        encrypted_secret=encrypt(secret or make_key()),
    )
    return endpoint


def endpoint_url(endpoint: WebhookEndpoint) -> str:
    """Return the address to enter at the code host. Raises CredentialUnreadableError."""
    return url_of_key(kind=endpoint.kind, key=decrypt(endpoint.encrypted_key))


def endpoint_secret(endpoint: WebhookEndpoint) -> str:
    """Return the secret to enter at the code host. Raises CredentialUnreadableError."""
    return decrypt(endpoint.encrypted_secret)


def receive(*, kind: str, key: str, headers: Headers, body: bytes, now: datetime) -> Received:
    """Keep a genuine event once, and announce it; needs no scope and reads no more than it must.

    Raises UnknownEndpointError, SignatureRefusedError or WebhookBodyError; the latter two are
    noted at the endpoint, for the people who set it up.
    """
    endpoint = find_endpoint(kind=kind, key=key)
    if endpoint is None:
        raise UnknownEndpointError
    headers = CaseInsensitiveMapping(headers)
    with organization_scope(organization_of(endpoint)):
        try:
            SIGNATURES[kind](headers=headers, body=body, secret=endpoint_secret(endpoint))
            envelope = ENVELOPES[kind](headers)
            is_needed = envelope.event in KEPT_NAMES[kind] and EVENT_FILTERS[kind](
                name=envelope.event, body=_parse(headers=headers, body=body)
            )
        except ProblemError as refusal:
            note_refusal(endpoint=endpoint, detail=refusal.detail, now=now)
            raise
        note_received(endpoint=endpoint, now=now)
        if not is_needed:
            return Received(reception=Reception.NOT_NEEDED)
        return _keep(endpoint=endpoint, envelope=envelope, body=body, now=now)


def read_receipt(receipt: WebhookReceipt) -> ReadEvent:
    """Return what a kept event says; raise InvalidInputError where it is not as documented."""
    if not receipt.body:
        raise InvalidInputError(FORGOTTEN)
    body: Mapping[str, Any] = from_json(zlib.decompress(bytes(receipt.body)))
    return EVENT_READERS[receipt.endpoint.kind](name=receipt.event, body=body)


def process_again(*, receipt_id: int, now: datetime) -> None:
    """Have a failed event processed once more; what did not fail stays as it is.

    Raises NotFoundError, or InvalidInputError where its text is no longer kept.
    """
    receipt = WebhookReceipt.objects.filter(id=receipt_id).first()
    if receipt is None:
        raise NotFoundError("There is no such event in this organization.")
    if receipt.status != JobStatus.FAILED:
        return
    if not receipt.body:
        raise InvalidInputError(FORGOTTEN)
    _want_again(receipt_id=receipt_id, now=now)


def forget_old_receipts(now: datetime) -> int:
    """Remove done receipts after 30 days, and say how many; of failed ones the text alone goes."""
    old = WebhookReceipt.objects.filter(received_at__lt=now - RECEIPTS_KEPT)
    old.filter(status=JobStatus.FAILED).exclude(body=b"").update(body=b"")
    removed, _by_table = old.filter(status=JobStatus.DONE).delete()
    return int(removed)


def _parse(*, headers: Headers, body: bytes) -> dict[str, Any]:
    content_type = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if content_type != JSON_TYPE:
        raise WebhookBodyError(
            "Content-Type: the event does not come as application/json; choose this content type"
            " in the webhook's settings at the code host."
        )
    try:
        parsed = from_json(body)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise WebhookBodyError("The body is not one JSON object; have the code host send it again.")
    return parsed


def _keep(*, endpoint: WebhookEndpoint, envelope: Envelope, body: bytes, now: datetime) -> Received:
    packed = zlib.compress(body)
    receipt = WebhookReceipt(
        endpoint=endpoint,
        sha256=hashlib.sha256(envelope.event.encode() + b"\0" + body).hexdigest(),
        event=envelope.event,
        delivery_id=_printable(envelope.delivery_id)[:100],
        body=packed,
        received_at=now,
        next_attempt_at=now,
    )
    kept = keep_once(receipt)
    if kept.is_new:
        announce(webhook_received, receipt_id=kept.receipt_id)
    elif kept.status == JobStatus.FAILED:
        # Somebody had it delivered again, and wants another try.
        WebhookReceipt.objects.filter(id=kept.receipt_id).update(body=packed)
        _want_again(receipt_id=kept.receipt_id, now=now)
    reception = Reception.STORED if kept.is_new else Reception.KNOWN
    return Received(reception=reception, receipt_id=kept.receipt_id)


def _want_again(*, receipt_id: int, now: datetime) -> None:
    want(WebhookReceipt, job_ids=[receipt_id], at=now)
    announce(webhook_received, receipt_id=receipt_id)


def note_received(*, endpoint: WebhookEndpoint, now: datetime) -> None:
    """Note at an endpoint that something genuine came."""
    if _is_worth_a_note(endpoint.last_received_at, now):
        # Of many at the same moment, the first writes and the others see that.
        WebhookEndpoint.objects.filter(
            Q(last_received_at__isnull=True) | Q(last_received_at__lte=now - NOTED_EVERY),
            id=endpoint.pk,
        ).update(last_received_at=now)


def note_refusal(*, endpoint: WebhookEndpoint, detail: str, now: datetime) -> None:
    """Note at an endpoint why something was refused, for the people who set it up."""
    if _is_worth_a_note(endpoint.last_refused_at, now):
        WebhookEndpoint.objects.filter(
            Q(last_refused_at__isnull=True) | Q(last_refused_at__lte=now - NOTED_EVERY),
            id=endpoint.pk,
        ).update(last_refused_at=now, last_refusal=detail[:300])


def _is_worth_a_note(last: datetime | None, now: datetime) -> bool:
    return last is None or now - last >= NOTED_EVERY


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())
