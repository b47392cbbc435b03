"""Sending to channels of Slack: found again after a lost answer, and changed where it stands.

`client_msg_id` is for Slack's own apps alone (slackapi/java-slack-sdk#852); what makes a message
ours is its metadata, which the channel's history gives back.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.urls import reverse

from integrations.models import SlackWorkspace
from integrations.slack.client import Message, Posted
from integrations.slack.failures import (
    SlackAccessLostError,
    SlackNotReachedError,
    SlackRefusedError,
)
from integrations.slack_workspaces import note_trouble, slack_of
from notifications.channels.slack import probe_message, render
from notifications.models import Delivery, DeliveryKind
from notifications.senders.protocol import NotSentError, RefusedError, Sent, UnknownOutcomeError
from notifications.slack_facts import AskedVerdict, Digest
from notifications.slack_notices import facts_of

LOOK_BACK = timedelta(minutes=10)
CHANGING = (DeliveryKind.VERDICT, DeliveryKind.DIGEST)
_GONE = frozenset({"cant_update_message", "edit_window_closed", "message_not_found"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    workspace: SlackWorkspace
    channel: str


class SlackSender:
    """The channel Slack of the outbox."""

    def find(self, delivery: Delivery) -> Sent | None:
        """Return the message that an earlier try left in the channel; None: there is none.

        Raises UnknownOutcomeError where the app may not read the channel.
        """
        target = _target_of(delivery)
        if target is None:
            return None
        try:
            found = _found(delivery, target)
        except SlackAccessLostError as error:
            note_trouble(workspace_id=target.workspace.pk, error=error)
            raise
        except SlackRefusedError as error:
            raise UnknownOutcomeError(
                "An earlier try may have arrived, and the channel cannot be read to see"
                f" ({error.word}): invite the app there. Look into the channel before you retry."
            ) from error
        # What stands there may be of an earlier moment: unknown, so that it is brought up to date.
        return None if found is None else _sent(target, found, body_hash="", answer="found there")

    def send(self, delivery: Delivery, *, begin: Callable[[], None]) -> Sent | None:
        """Post a message."""
        target, message = _target_of(delivery), first_message_of(delivery)
        if target is None or message is None:
            return None
        slack = slack_of(target.workspace)
        begin()
        try:
            posted = slack.post(channel=target.channel, message=message)
        except SlackNotReachedError as error:
            raise NotSentError(str(error), retry_after_seconds=error.retry_after_seconds) from error
        except SlackRefusedError as error:
            note_trouble(workspace_id=target.workspace.pk, error=error)
            raise RefusedError(error.detail) from error
        return _sent(target, posted, body_hash=_hash(message), answer="ok")

    def change(self, delivery: Delivery) -> Sent | None:
        """Change a message that asks for a decision, or that grew; others say what was."""
        known = delivery.external_ids
        message = message_of(delivery) if delivery.kind in CHANGING else None
        workspace = SlackWorkspace.objects.filter(id=known.get("workspace") or 0).first()
        if message is None or workspace is None or _hash(message) == delivery.body_hash:
            return None
        at = Posted(channel=known["channel"], ts=known["ts"])
        try:
            posted = slack_of(workspace).update(at=at, message=message)
        except SlackRefusedError as error:
            if error.word in _GONE:  # somebody has deleted it: she wants it no more
                return None
            note_trouble(workspace_id=workspace.pk, error=error)
            raise
        target = _Target(workspace=workspace, channel=at.channel)
        return _sent(target, posted, body_hash=_hash(message), answer="changed")


def _found(delivery: Delivery, target: _Target) -> Posted | None:
    slack = slack_of(target.workspace)
    oldest = (delivery.created_at - LOOK_BACK).timestamp()
    try:
        return slack.find(channel=target.channel, key=delivery.key, oldest_seconds=oldest)
    except SlackRefusedError as error:
        if error.word != "not_in_channel":
            raise
    # A public channel takes messages of who is not in it, but shows them to members alone.
    slack.join(channel=target.channel)
    return slack.find(channel=target.channel, key=delivery.key, oldest_seconds=oldest)


def first_message_of(delivery: Delivery) -> Message | None:
    """Return what is said at first; None where meanwhile there is nothing to ask any more."""
    if delivery.kind in CHANGING:
        facts = facts_of(delivery)
        if isinstance(facts, AskedVerdict) and not facts.asks:
            return None
        if isinstance(facts, Digest) and facts.done_count == facts.count:
            return None
    return message_of(delivery)


def message_of(delivery: Delivery) -> Message | None:
    """Return what a message says now; None where there is nothing to say any more."""
    if delivery.kind == DeliveryKind.TEST:
        organization = delivery.organization
        path = reverse("notifications:slack", args=[organization.slug])
        message = probe_message(
            product=settings.PRODUCT_NAME,
            organization=organization.name,
            url=f"{settings.PUBLIC_URL}{path}",
        )
    else:
        facts = facts_of(delivery)
        if facts is None:
            return None
        message = render(facts)
    return replace(message, key=delivery.key)


def _target_of(delivery: Delivery) -> _Target | None:
    """Return where a message goes; None where nobody is subscribed any more."""
    subscription = delivery.subscription
    if subscription is None or subscription.workspace is None:
        return None
    return _Target(workspace=subscription.workspace, channel=subscription.slack_channel_id)


def _sent(target: _Target, posted: Posted, *, body_hash: str, answer: str) -> Sent:
    ids = {"channel": posted.channel, "ts": posted.ts, "workspace": str(target.workspace.pk)}
    return Sent(external_ids=ids, body_hash=body_hash, answer=answer)


def _hash(message: Message) -> str:
    told = json.dumps([message.text, message.blocks], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()
