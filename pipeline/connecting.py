"""Which connections are checked without anybody asking: new ones, and broken ones now and then."""

import logging
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from core.errors import TransientError
from integrations.checking import check_connection
from integrations.models import Connection, ConnectionState, SignIn
from integrations.registry import ACCOUNTS

LOOKS_AGAIN_AFTER = timedelta(hours=1)

logger = logging.getLogger(__name__)


def connections_to_check(*, now: datetime) -> QuerySet[Connection]:
    """Return the connections that GitHub told us of, and those that may have been mended there.

    One by token is checked by whoever enters the token.
    """
    is_new = Q(state=ConnectionState.UNCHECKED, sign_in=SignIn.APP)
    may_be_mended = Q(state=ConnectionState.BROKEN, checked_at__lte=now - LOOKS_AGAIN_AFTER)
    rows: QuerySet[Connection] = Connection.objects.filter(kind__in=list(ACCOUNTS))
    return rows.filter(is_new | may_be_mended)


def check(*, connection_id: int, now: datetime) -> None:
    """Check a connection that is to be checked; a code host that is busy is asked again later."""
    if not connections_to_check(now=now).filter(id=connection_id).exists():
        return
    try:
        check_connection(connection_id=connection_id, now=now)
    except TransientError:
        # Its state stays, so the sweep comes back to it.
        logger.warning("pipeline.connection.not_checked connection=%s", connection_id)
