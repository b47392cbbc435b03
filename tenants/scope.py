"""Which organization the running code works for; in Python, and in the database session.

The scope is a context variable for the managers, and the setting `app.organization_id` of the
database session for row-level security. Two narrower settings open single rows where no scope
can be open yet: `app.user_id` a person's own memberships, `app.token_hash` the one token whose
secret the caller holds.
"""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

_settings: ContextVar[dict[str, str]] = ContextVar("database_session_settings")
_organization: ContextVar[int | None] = ContextVar("organization_in_scope", default=None)


class NoScopeError(RuntimeError):
    """Rows of an organization were asked for while no organization was in scope."""

    def __init__(self) -> None:
        super().__init__("No organization is in scope: open organization_scope() first.")


def current_organization_id() -> int:
    """Return the id of the organization in scope; raise NoScopeError without one."""
    organization_id = _organization.get()
    if organization_id is None:
        raise NoScopeError
    return organization_id


@contextlib.contextmanager
def organization_scope(organization_id: int) -> Iterator[None]:
    """Work for one organization; scopes may nest, and the inner one wins."""
    token = _organization.set(organization_id)
    try:
        with database_setting("app.organization_id", str(organization_id)):
            yield
    finally:
        _organization.reset(token)


@contextlib.contextmanager
def database_setting(name: str, value: str) -> Iterator[None]:
    """Set a variable of the database session, now and on connections opened meanwhile."""
    before = _settings.get({})
    if before.get(name) == value:
        # Whoever set it is around us still: the session has it, in this transaction too.
        yield
        return
    token = _settings.set({**before, name: value})
    try:
        _apply(connection, name, value)
        yield
    finally:
        _settings.reset(token)
        if _takes_statements(connection):
            _apply(connection, name, before.get(name, ""))


def _takes_statements(target: BaseDatabaseWrapper) -> bool:
    """Say whether a statement can run; a broken transaction's rollback undoes our setting."""
    session = target.connection
    return (
        session is not None
        and not session.closed
        and not target.needs_rollback
        and session.get_transaction_status() != TRANSACTION_STATUS_INERROR
    )


def _apply(target: BaseDatabaseWrapper, name: str, value: str) -> None:
    with target.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, false)", [name, value])


def _set_up_connection(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    for name, value in _settings.get({}).items():
        _apply(connection, name, value)


def listen_for_connections() -> None:
    """Give each new database session the variables of the scope that is open."""
    connection_created.connect(_set_up_connection, dispatch_uid="tenants.scope")


def lock_for_transaction(kind: str, key: int) -> None:
    """Hold the advisory lock (`kind`, `key`) until the running transaction ends.

    Raises TransactionManagementError outside a transaction, where the lock would be let go at once.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An advisory lock needs a transaction.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", [kind, key])


@contextlib.contextmanager
def try_lock(kind: str, key: int) -> Iterator[bool]:
    """Hold the advisory lock (`kind`, `key`) while the block runs, outside a transaction too.

    Gives False, at once, where another session holds it. It ends with the session at the latest.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s), %s)", [kind, key % 2**31])
        is_mine = bool(cursor.fetchone()[0])
    try:
        yield is_mine
    finally:
        if is_mine and _takes_statements(connection):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s), %s)", [kind, key % 2**31])
