"""How a webhook fares: failures are counted, and one that only fails is called no more."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from core.redaction import redact
from notifications.models import OutgoingWebhook, WebhookState

# A restart of the receiver fails many calls in a minute, and is no reason to leave it alone.
FAILURES_UNTIL_PAUSE = 10
FAILS_AT_LEAST = timedelta(hours=1)
MOST_COUNTED = 30_000
PAUSED = "The webhook is paused; resume it to send this."


def note_success(webhook_id: int) -> None:
    """Note that a call was taken: earlier failures count no more."""
    failing = OutgoingWebhook.objects.filter(id=webhook_id).exclude(failure_count=0, last_error="")
    failing.update(failure_count=0, failing_since=None, last_error="")


@transaction.atomic
def note_failure(webhook_id: int, *, error: str, is_final: bool) -> None:
    """Count a call that failed; pause a webhook that has only failed for long, or is gone."""
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
