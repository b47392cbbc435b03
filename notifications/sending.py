"""One message, sent once: what an earlier try left behind is looked for before another."""

import time
from datetime import datetime

from core.errors import ProblemError, TransientError
from core.redaction import redact
from notifications.claims import holding
from notifications.models import Channel, Delivery, DeliveryAttempt
from notifications.quiet_hours import when_due
from notifications.senders.protocol import (
    NotSentError,
    RefusedError,
    Sender,
    Sent,
    UnknownOutcomeError,
)
from notifications.senders.registry import SENDERS
from tenants.jobs import postpone

ANSWER_LIMIT = 300
ERROR_LIMIT = 1000
_NOTED_OF_SENT = ("external_ids", "body_hash", "is_in_doubt", "may_repeat", "sent_at")


def deliver(*, delivery: Delivery, now: datetime) -> None:
    """Send a claimed message, or bring it up to date where it stands.

    One that is late, after a failure or an outage, waits for the end of quiet hours that have
    begun meanwhile. Raises TransientError for another try, and any other ProblemError to give
    it up.
    """
    due_at = when_due(kind=delivery.kind, subscription=delivery.subscription, at=now)
    if delivery.sent_at is None and due_at > now:
        postpone(delivery, at=due_at, error=delivery.error)
        return
    began = time.monotonic()
    try:
        sent = _deliver(delivery, SENDERS[Channel(delivery.channel)], now)
    except ProblemError as error:
        _note_try(delivery, began, now, error=error.detail)
        raise
    except TransientError as error:
        _note_try(delivery, began, now, error=str(error))
        raise
    if sent is not None:
        _note_try(delivery, began, now, answer=sent.answer)


def _deliver(delivery: Delivery, sender: Sender, now: datetime) -> Sent | None:
    if delivery.sent_at is not None:
        return _change(delivery, sender, now)
    if delivery.is_in_doubt:
        earlier = _look(delivery, sender)
        if earlier is not None:
            found = _note_sent(delivery, earlier, now)
            # It was written by an earlier try: what it tells may have changed since.
            return _change(delivery, sender, now) or found
        _note_doubt(delivery, is_in_doubt=False)
    try:
        sent = sender.send(delivery, begin=lambda: _note_doubt(delivery, is_in_doubt=True))
    except (NotSentError, RefusedError):
        _note_doubt(delivery, is_in_doubt=False)
        raise
    return _note_sent(delivery, sent, now) if sent else None


def _look(delivery: Delivery, sender: Sender) -> Sent | None:
    """Return what an earlier try left; None, too, where an admin decided what nobody can tell."""
    try:
        return sender.find(delivery)
    except UnknownOutcomeError:
        if not delivery.may_repeat:
            raise
        return None


def _change(delivery: Delivery, sender: Sender, now: datetime) -> Sent | None:
    changed = sender.change(delivery)
    return _note_sent(delivery, changed, now) if changed else None


def _note_doubt(delivery: Delivery, *, is_in_doubt: bool) -> None:
    """Note, before the call, that it may have been made; or that it surely was not.

    What an admin has decided was of the doubt until now, and of none that comes.
    """
    delivery.is_in_doubt, delivery.may_repeat = is_in_doubt, False
    with holding(delivery):
        delivery.save(update_fields=["is_in_doubt", "may_repeat"])


def _note_sent(delivery: Delivery, sent: Sent, now: datetime) -> Sent:
    delivery.external_ids, delivery.body_hash = sent.external_ids, sent.body_hash
    delivery.is_in_doubt, delivery.may_repeat = False, False
    delivery.sent_at = delivery.sent_at or now
    with holding(delivery):
        delivery.save(update_fields=_NOTED_OF_SENT)
    return sent


def _note_try(
    delivery: Delivery, began: float, now: datetime, *, answer: str = "", error: str = ""
) -> None:
    DeliveryAttempt.objects.create(
        delivery=delivery,
        at=now,
        milliseconds=round(1000 * (time.monotonic() - began)),
        answer=redact(answer)[:ANSWER_LIMIT],
        error=redact(error)[:ERROR_LIMIT],
    )
