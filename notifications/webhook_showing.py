"""What our pages show of webhooks: how each fares, and the log of its calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from core.errors import NotFoundError
from notifications.models import Delivery, DeliveryAttempt, DeliveryKind, OutgoingWebhook
from notifications.outgoing_webhooks import held_back, webhooks_of_organization
from tenants.jobs import LIVE

LOG_SIZE = 20
MOST_TRIES = 10
_TITLES = {
    DeliveryKind.SCAN.value: "Scan",
    DeliveryKind.FINDINGS.value: "New findings",
    DeliveryKind.TEST.value: "Test",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """A message to a webhook with its tries, the newest first."""

    delivery: Delivery
    tries: Sequence[DeliveryAttempt]
    older_tries: int
    """How many more there were."""

    @property
    def title(self) -> str:
        """What was sent."""
        return _TITLES.get(self.delivery.kind, self.delivery.get_kind_display())


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A page of the log, newest first; `next_before` is the key of the next one, None: no more."""

    entries: Sequence[LogEntry]
    next_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A test that was asked for."""

    delivery: Delivery
    last_try: DeliveryAttempt | None

    @property
    def is_under_way(self) -> bool:
        """Whether its outcome is still to come."""
        return self.delivery.status in LIVE


def host_of(webhook: OutgoingWebhook) -> str:
    """Return the host that a webhook calls; the rest of such addresses is often a secret."""
    return urlsplit(webhook.url).netloc


def webhooks_with_last_sent() -> QuerySet[OutgoingWebhook]:
    """Return the webhooks, each with when it was last called with success: `last_sent_at`."""
    sent = Delivery.objects.filter(webhook=OuterRef("id"), sent_at__isnull=False).order_by("-id")
    return webhooks_of_organization().annotate(last_sent_at=Subquery(sent.values("sent_at")[:1]))


def log_of(webhook: OutgoingWebhook, *, before: int | None = None, size: int = LOG_SIZE) -> Log:
    """Return messages of a webhook with their tries, in a constant number of queries."""
    rows = Delivery.objects.filter(webhook=webhook).select_related("scan__project").order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    tries = Prefetch("tries", queryset=DeliveryAttempt.objects.order_by("-id"))
    found = list(rows.prefetch_related(tries)[: size + 1])
    return Log(
        entries=[_entry(delivery) for delivery in found[:size]],
        next_before=found[size - 1].pk if len(found) > size else None,
    )


def count_held_back(webhook: OutgoingWebhook) -> int:
    """Return how many messages go out once the webhook is resumed."""
    return held_back(webhook).count()


def trial_of(webhook: OutgoingWebhook, delivery_id: int) -> Trial:
    """Return a test of a webhook; raise NotFoundError for anything else."""
    found: Delivery | None = Delivery.objects.filter(
        id=delivery_id, webhook=webhook, kind=DeliveryKind.TEST
    ).first()
    if found is None:
        raise NotFoundError(f"There is no test {delivery_id} of this webhook.")
    last: DeliveryAttempt | None = found.tries.order_by("-id").first()
    return Trial(delivery=found, last_try=last)


def _entry(delivery: Delivery) -> LogEntry:
    tries = list(delivery.tries.all())
    return LogEntry(
        delivery=delivery,
        tries=tries[:MOST_TRIES],
        older_tries=max(0, len(tries) - MOST_TRIES),
    )
