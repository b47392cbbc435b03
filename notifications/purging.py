"""Old messages out of the outbox, and old tries; never a key that could be asked for again.

A key that is gone could be sent a second time. What a scan leads to is asked for once, however old
its messages are (ToldScan); keys of mails and tests name their moment. But each verdict asks anew
for its question, as long as there is the finding: one that was fixed or ignored may open again.
These rows stay until the finding goes, and so do the digests that stand for them; their buttons in
Slack name them, too.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from notifications.models import Delivery, DeliveryAttempt, DeliveryKind
from tenants.jobs import JobStatus
from tenants.models import TenantModel

BATCH_SIZE = 500
_ENDED = (JobStatus.DONE, JobStatus.FAILED)
_ASKED_AGAIN = Q(kind=DeliveryKind.VERDICT) | Q(
    kind=DeliveryKind.DIGEST, facts__of=DeliveryKind.VERDICT.value
)

logger = logging.getLogger(__name__)


def purge_deliveries(now: datetime) -> int:
    """Remove ended messages whose time is over, and old tries of those that stay.

    Return how many messages that were. The last one that each webhook took stays: its page says
    when that was.
    """
    until = now - timedelta(days=settings.DELIVERIES_KEPT_DAYS)
    kept_ids = list(_last_taken().values_list("id", flat=True))
    messages = _remove(Delivery, _over(until).exclude(id__in=kept_ids))
    old_tries = DeliveryAttempt.objects.filter(at__lt=until, delivery__status__in=_ENDED)
    tries = _remove(DeliveryAttempt, old_tries)
    logger.info("notifications.purged messages=%s tries=%s", messages, tries)
    return messages


def _over(until: datetime) -> QuerySet[Delivery]:
    part = Delivery.objects.filter(digest=OuterRef("id"))
    rows: QuerySet[Delivery] = Delivery.objects.filter(
        ~_ASKED_AGAIN, ~Exists(part), status__in=_ENDED, finished_at__lt=until
    )
    return rows


def _last_taken() -> QuerySet[Delivery]:
    taken = Delivery.objects.filter(webhook__isnull=False, sent_at__isnull=False)
    rows: QuerySet[Delivery] = taken.order_by("webhook", "-id").distinct("webhook")
    return rows


def _remove(kind: type[TenantModel], rows: QuerySet[Any]) -> int:
    """Remove rows in batches, each in a transaction of its own; return how many."""
    total, newest = 0, 0
    while ids := _remove_batch(kind, rows.filter(id__gt=newest)):
        total, newest = total + len(ids), ids[-1]
    return total


@transaction.atomic
def _remove_batch(kind: type[TenantModel], rows: QuerySet[Any]) -> list[int]:
    # A dead letter that somebody sends again at this moment is locked: it has ended no more.
    free = rows.order_by("id").select_for_update(skip_locked=True, of=("self",))
    ids = list(free.values_list("id", flat=True)[:BATCH_SIZE])
    kind.objects.filter(id__in=ids).delete()
    return ids
