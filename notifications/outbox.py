"""What our pages show of the outbox: its messages, the newest first, and each try of one."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.db.models.enums import TextChoices

from core.errors import NotFoundError
from notifications.models import Channel, Delivery, DeliveryAttempt
from tenants.jobs import LIVE, JobStatus

PAGE_SIZE = 50
MOST_TRIES = 100
MOST_PARTS = 200


class Fate(TextChoices):
    """What became of a message."""

    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    IN_DIGEST = "in_digest", "In a digest"
    UNSAID = "unsaid", "Nothing to say any more"
    DEAD = "dead", "Dead letter"


_ENDED = Q(status=JobStatus.DONE)
CONDITIONS = {
    Fate.WAITING: Q(status__in=LIVE),
    Fate.SENT: _ENDED & Q(sent_at__isnull=False),
    Fate.IN_DIGEST: _ENDED & Q(digest__isnull=False),
    Fate.UNSAID: _ENDED & Q(sent_at=None, digest=None),
    Fate.DEAD: Q(status=JobStatus.FAILED),
}
FILTERS = [(fate.value, fate.label) for fate in CONDITIONS]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedDeliveries:
    """Which messages are asked for; None and blank ask for all."""

    channel: str = ""
    fate: str = ""
    before: int | None = None

    @property
    def is_narrow(self) -> bool:
        """Say whether anything is left out by the filter."""
        return bool(self.channel or self.fate)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDelivery:
    """A message and what became of it."""

    row: Delivery
    fate: Fate
    tries: int

    @property
    def is_stale(self) -> bool:
        """Whether it arrived, but could not be brought up to date since."""
        return self.fate == Fate.DEAD and self.row.sent_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPage:
    """One page, newest first; `next_before` is the key of the next page, None: no more."""

    rows: Sequence[ShownDelivery]
    next_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDetails:
    """A message with its tries, the newest first, and what it tells together."""

    shown: ShownDelivery
    tries: Sequence[DeliveryAttempt]
    parts: Sequence[Delivery]


def page_of_deliveries(asked: AskedDeliveries, *, size: int = PAGE_SIZE) -> DeliveryPage:
    """Return messages with how often each was tried, in one query."""
    rows = _rows().order_by("-id")
    if asked.channel in Channel.values:
        rows = rows.filter(channel=asked.channel)
    if asked.fate:
        rows = rows.filter(CONDITIONS[Fate(asked.fate)])
    if asked.before is not None:
        rows = rows.filter(id__lt=asked.before)
    found = list(rows[: size + 1])
    is_more = len(found) > size
    return DeliveryPage(
        rows=[_shown(row) for row in found[:size]],
        next_before=found[size - 1].pk if is_more else None,
    )


def details_of(delivery_id: int) -> DeliveryDetails:
    """Return a message with its tries; raise NotFoundError for a stranger's."""
    row = _rows().filter(pk=delivery_id).first()
    if row is None:
        raise NotFoundError(f"There is no message {delivery_id} in this organization.")
    tries = DeliveryAttempt.objects.filter(delivery=row).order_by("-id")
    parts = row.parts.select_related("scan__project", "finding__rule").order_by("id")
    return DeliveryDetails(
        shown=_shown(row), tries=list(tries[:MOST_TRIES]), parts=list(parts[:MOST_PARTS])
    )


def dead_letter_count() -> int:
    """Return how many messages were given up."""
    return int(Delivery.objects.filter(CONDITIONS[Fate.DEAD]).count())


def _rows() -> QuerySet[Delivery]:
    rows: QuerySet[Delivery] = Delivery.objects.select_related(
        "scan__project", "finding__rule", "digest"
    )
    return rows.annotate(try_count=Count("tries"))


def _shown(row: Delivery) -> ShownDelivery:
    tries: int = row.try_count  # type: ignore[attr-defined]  # annotated
    return ShownDelivery(row=row, fate=_fate_of(row), tries=tries)


def _fate_of(row: Delivery) -> Fate:
    if row.status == JobStatus.DONE:
        if row.sent_at is not None:
            return Fate.SENT
        return Fate.UNSAID if row.digest_id is None else Fate.IN_DIGEST
    return {
        JobStatus.WAITING: Fate.WAITING,
        JobStatus.RUNNING: Fate.SENDING,
        JobStatus.FAILED: Fate.DEAD,
    }[JobStatus(row.status)]
