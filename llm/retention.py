"""Old texts out of the log of calls; the figures stay."""

import itertools
import logging
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from llm.configuration import assistant_settings
from llm.models import ModelCall, TextState

BATCH_SIZE = 1000
NO_TEXT = {"request": "", "response": "", "error": ""}

logger = logging.getLogger(__name__)


def purge_expired(now: datetime) -> int:
    """Remove the texts whose time is over in the organization in scope; return of how many calls.

    A retention that was made shorter holds for older calls too; a longer one for new calls alone.
    """
    oldest = now - timedelta(days=assistant_settings().retention_days)
    over = Q(created_at__lte=oldest) | Q(expires_at__lte=now)
    count = remove_texts(ModelCall.objects.filter(over), state=TextState.PURGED)
    logger.info("llm.log.purged calls=%s", count)
    return count


def remove_texts(calls: QuerySet[ModelCall], *, state: TextState) -> int:
    """Remove the texts of `calls` that have one, in batches; return of how many calls."""
    kept = calls.filter(text_state=TextState.KEPT)
    total = 0
    for _batch in itertools.count():
        ids = list(kept.order_by("created_at").values_list("id", flat=True)[:BATCH_SIZE])
        if not ids:
            break
        ModelCall.objects.filter(id__in=ids).update(text_state=state, **NO_TEXT)
        total += len(ids)
    return total
