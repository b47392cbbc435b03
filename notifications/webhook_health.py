"""How a webhook fares: failures are counted, and one that only fails is called no more.

One that has failed some times in a row rests for a moment, for all messages: a hundred calls of a
receiver that does not answer would hold the workers for a quarter of an hour.
"""

import contextlib
from collections.abc import Iterator
from datetime import timedelta

from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from core.redaction import redact
from notifications.models import OutgoingWebhook, WebhookState

# A restart of the receiver fails many calls in a minute, and is no reason to leave it alone.
FAILURES_UNTIL_PAUSE = 10
FAILS_AT_LEAST = timedelta(hours=1)
MOST_COUNTED = 30_000
FAILURES_UNTIL_REST = 3
REST_SECONDS = 60
PAUSED = "The webhook is paused; resume it to send this."


def note_success(webhook_id: int) -> None:
    """Note that a call was taken: earlier failures count no more."""
    failing = OutgoingWebhook.objects.filter(id=webhook_id).exclude(failure_count=0, last_error="")
    if failing.update(failure_count=0, failing_since=None, last_error=""):
        with _cache_or_nothing():
            cache.delete(_rest_key(webhook_id))


def note_failure(webhook_id: int, *, error: str, is_final: bool) -> None:
    """Count a call that failed, and let the webhook rest; pause it where that is all it does."""
    _count_failure(webhook_id, error=error, is_final=is_final)
    often = OutgoingWebhook.objects.filter(id=webhook_id, failure_count__gte=FAILURES_UNTIL_REST)
    if often.exists():
        with _cache_or_nothing():
            cache.set(_rest_key(webhook_id), "rests", timeout=REST_SECONDS)


def is_resting(webhook_id: int) -> bool:
    """Say whether a webhook has just failed for other messages, and is to be left alone."""
    found = ""
    with _cache_or_nothing():
        found = cache.get(_rest_key(webhook_id), "")
    return bool(found)


@transaction.atomic
def _count_failure(webhook_id: int, *, error: str, is_final: bool) -> None:
    row = OutgoingWebhook.objects.filter(id=webhook_id)
    row.filter(failure_count__lt=MOST_COUNTED).update(failure_count=F("failure_count") + 1)
    row.update(
        failing_since=Coalesce("failing_since", Now()),
        last_error=redact(error)[:1000],
    )
    active = row.filter(state=WebhookState.ACTIVE)
    if not is_final:
        active = active.filter(
            failure_count__gte=FAILURES_UNTIL_PAUSE, failing_since__lte=Now() - FAILS_AT_LEAST
        )
    active.update(state=WebhookState.FAILING)


@contextlib.contextmanager
def _cache_or_nothing() -> Iterator[None]:
    """Go on without a cache that is away: the webhook is then called once more than need be."""
    with contextlib.suppress(Exception):
        yield


def _rest_key(webhook_id: int) -> str:
    return f"webhook-rests:{webhook_id}"
