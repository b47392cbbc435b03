"""What Slack sends: whose it is, whether it is genuine, and kept once where work follows."""

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.errors import InvalidInputError, PermissionRefusedError, ProblemError
from integrations.announcements import webhook_received
from integrations.deliveries import Headers
from integrations.events import Passed
from integrations.models import SlackWorkspace, WebhookEndpoint, WebhookReceipt
from integrations.receipts import keep_once
from integrations.slack import events
from integrations.slack.signatures import check_signature
from integrations.slack_workspaces import signing_secret_of
from integrations.webhooks import note_received, note_refusal
from tenants.announcements import announce

_TRIGGERS = ("trigger_id", "response_url", "token")


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """A genuine event, read, with the form in which it would be kept."""

    endpoint: WebhookEndpoint
    workspace: SlackWorkspace
    name: str
    body: Mapping[str, Any]
    event: events.SlackEvent
    sha256: str


def read_request(
    *, endpoint: WebhookEndpoint, headers: Headers, body: bytes, now: datetime
) -> Came:
    """Return what Slack says at an endpoint, whose organization is in scope.

    Raises SignatureRefusedError, PermissionRefusedError for another workspace, and
    InvalidInputError; each is noted at the endpoint, for the people who set it up.
    """
    workspace = endpoint.workspace
    if workspace is None:
        raise InvalidInputError("This address is not of a Slack workspace.")
    try:
        secret = signing_secret_of(workspace)
        check_signature(headers=headers, body=body, secret=secret, now=now)
        name, told = events.unpacked(body)
        event = events.read(name=name, body=told)
        _check_team(workspace, event)
    except ProblemError as refusal:
        note_refusal(endpoint=endpoint, detail=refusal.detail, now=now)
        raise
    note_received(endpoint=endpoint, now=now)
    digest = hashlib.sha256(name.encode() + b"\0" + body).hexdigest()
    return Came(
        endpoint=endpoint, workspace=workspace, name=name, body=told, event=event, sha256=digest
    )


def keep(came: Came, *, now: datetime) -> bool:
    """Keep an event for a worker, once; say whether it is new.

    What opens windows or answers in our name is left out: it is of no use later.
    """
    body = {name: value for name, value in came.body.items() if name not in _TRIGGERS}
    kept = keep_once(
        WebhookReceipt(
            endpoint=came.endpoint,
            sha256=came.sha256,
            event=came.name[:60],
            body=zlib.compress(json.dumps(body).encode()),
            received_at=now,
            next_attempt_at=now,
        )
    )
    if kept.is_new:
        announce(webhook_received, receipt_id=kept.receipt_id)
    return kept.is_new


def _check_team(workspace: SlackWorkspace, event: events.SlackEvent) -> None:
    if isinstance(event, Passed):
        return
    if event.team_id != workspace.team_id:
        raise PermissionRefusedError(
            "team_id: this comes from another workspace than the one that is connected."
        )
