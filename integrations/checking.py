"""Whether connections work: asked of the code host, and learned from calls that were refused."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from core.errors import NotFoundError, ProblemError
from integrations.accounts import Account, PermissionCheck
from integrations.announcements import connection_changed
from integrations.models import Connection, ConnectionState
from integrations.review_hosts import AccessLostError
from integrations.selectors import UNREACHABLE, account_of
from tenants.announcements import announce
from tenants.audit import Actor, record_audit_event

LONGEST_DETAIL = 1000


def check_connection(
    *, connection_id: int, now: datetime, actor: Actor | None = None
) -> Connection:
    """Ask the code host what the connection may do, and store the answer.

    `actor`: who asked, where somebody did. Raises NotFoundError, and CodeHostBusyError where the
    code host does not answer: then nothing is stored.
    """
    connection = _connection(connection_id)
    account = account_of(connection)
    if account is None:
        return connection
    who, checks, refusal = None, [], ""
    try:
        who, checks = account.who(), account.check()
    except ProblemError as error:
        refusal = error.detail
    return _store(
        connection_id=connection_id, who=who, checks=checks, refusal=refusal, now=now, actor=actor
    )


@transaction.atomic
def note_trouble(*, connection_id: int, error: ProblemError, now: datetime) -> None:
    """Remember that the code host refused a connection; other errors change nothing."""
    if not isinstance(error, AccessLostError):
        return
    Connection.objects.filter(id=connection_id).exclude(state__in=UNREACHABLE).update(
        state=ConnectionState.BROKEN, state_detail=error.detail[:LONGEST_DETAIL], checked_at=now
    )


@transaction.atomic
def _store(
    *,
    connection_id: int,
    who: Account | None,
    checks: Sequence[PermissionCheck],
    refusal: str,
    now: datetime,
    actor: Actor | None,
) -> Connection:
    connection = _connection(connection_id, is_locked=True)
    before = connection.state
    connection.checks = [asdict(check) for check in checks]
    connection.checked_at = now
    if not (refusal and connection.state in UNREACHABLE):
        # What the code host itself said of it explains the refusal better.
        connection.state, connection.state_detail = _judged(checks, refusal)
    if who is not None:
        connection.actor_login = who.login[:200]
        connection.account = (who.name or connection.account)[:200]
    connection.save(
        update_fields=["checks", "checked_at", "state", "state_detail", "actor_login", "account"]
    )
    if actor is not None:
        record_audit_event(
            actor=actor,
            action="connection.checked",
            object_label=str(connection),
            before={"state": before},
            after={"state": connection.state},
        )
    if before != connection.state and not refusal:
        announce(connection_changed, connection_id=connection.pk)
    return connection


def _judged(checks: Sequence[PermissionCheck], refusal: str) -> tuple[ConnectionState, str]:
    """Return the state that a check shows, and why."""
    if refusal:
        return ConnectionState.BROKEN, refusal[:LONGEST_DETAIL]
    missing = [check for check in checks if check.is_required and check.ok is False]
    if not missing:
        return ConnectionState.WORKING, ""
    sentences = [
        f"{check.label}: {check.detail}"
        if check.detail
        else f"{check.label} is missing; it is needed for: {check.needed_for}."
        for check in missing
    ]
    return ConnectionState.LIMITED, " ".join(sentences)[:LONGEST_DETAIL]


def _connection(connection_id: int, *, is_locked: bool = False) -> Connection:
    rows = Connection.objects.filter(id=connection_id)
    # The app is joined from a column that may be empty, which cannot be locked.
    rows = rows.select_for_update() if is_locked else rows.select_related("app")
    connection: Connection | None = rows.first()
    if connection is None:
        raise NotFoundError("There is no such connection in this organization.")
    return connection
