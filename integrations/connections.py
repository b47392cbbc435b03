"""Connecting by token; renaming connections, changing what they sign in with, removing them."""

from dataclasses import dataclass

from django.db import transaction

from core.errors import InvalidInputError, NotFoundError
from integrations.announcements import connection_changed
from integrations.credentials import lock_away
from integrations.models import (
    Connection,
    ConnectionKind,
    ConnectionState,
    GitHubApp,
    RepositoryLink,
    SignIn,
)
from integrations.webhooks import make_endpoint
from tenants.announcements import announce
from tenants.audit import Actor, record_audit_event


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenConnection:
    """A connection by token that is wanted; `repr` keeps the token to itself."""

    kind: ConnectionKind
    name: str
    base_url: str
    ca_bundle: str
    token: str

    def __repr__(self) -> str:
        return f"TokenConnection({self.kind} {self.name})"


@transaction.atomic
def connect_by_token(*, wanted: TokenConnection, actor: Actor) -> Connection:
    """Store a connection that signs in with a token, and make its webhook's address.

    Asks the code host nothing: see checking.py. Raises InvalidInputError where the name is taken.
    """
    _refuse_taken_name(kind=wanted.kind, name=wanted.name)
    connection: Connection = Connection.objects.create(
        kind=wanted.kind,
        name=wanted.name,
        sign_in=SignIn.TOKEN,
        base_url=wanted.base_url,
        ca_bundle=wanted.ca_bundle,
        encrypted_credentials=lock_away({"token": wanted.token}),
    )
    make_endpoint(kind=wanted.kind, connection=connection)
    record_audit_event(
        actor=actor,
        action="connection.added",
        object_label=str(connection),
        after={
            "kind": wanted.kind.value,
            "sign_in": SignIn.TOKEN.value,
            "base_url": wanted.base_url,
            "has_ca_bundle": bool(wanted.ca_bundle),
        },
    )
    announce(connection_changed, connection_id=connection.pk)
    return connection


@transaction.atomic
def change_token(*, connection_id: int, token: str, actor: Actor) -> Connection:
    """Have a connection sign in with another token. Raises InvalidInputError for one by app."""
    connection = _locked(connection_id)
    if connection.sign_in != SignIn.TOKEN:
        raise InvalidInputError(
            "token: this connection signs in without one; an app's keys are GitHub's to change.",
            field="token",
        )
    connection.encrypted_credentials = lock_away({"token": token})
    connection.state = ConnectionState.UNCHECKED
    connection.state_detail, connection.checks, connection.checked_at = "", [], None
    connection.actor_login = ""
    connection.save(
        update_fields=[
            "encrypted_credentials",
            "state",
            "state_detail",
            "checks",
            "checked_at",
            "actor_login",
        ]
    )
    record_audit_event(actor=actor, action="connection.token_changed", object_label=str(connection))
    announce(connection_changed, connection_id=connection.pk)
    return connection


@transaction.atomic
def rename_connection(*, connection_id: int, name: str, actor: Actor) -> Connection:
    """Give a connection another name. Raises InvalidInputError where it is taken."""
    connection = _locked(connection_id)
    before = connection.name
    if name != before:
        _refuse_taken_name(kind=ConnectionKind(connection.kind), name=name)
        connection.name = name
        connection.save(update_fields=["name"])
        record_audit_event(
            actor=actor,
            action="connection.renamed",
            object_label=str(connection),
            before={"name": before},
            after={"name": name},
        )
    return connection


@transaction.atomic
def remove_connection(*, connection_id: int, actor: Actor) -> str:
    """Delete a connection with its credentials and webhook; return its name.

    Projects and findings stay. The last connection of a GitHub App takes the app's keys with it.
    """
    connection = _locked(connection_id)
    projects = RepositoryLink.objects.filter(connection=connection).count()
    app: GitHubApp | None = connection.app
    connection.delete()
    record_audit_event(
        actor=actor,
        action="connection.removed",
        object_label=str(connection),
        before={"account": connection.account, "projects": projects},
    )
    if app is not None and not Connection.objects.filter(app=app).exists():
        _delete_app(app, actor=actor)
    return connection.name


@transaction.atomic
def remove_app(*, app_id: int, actor: Actor) -> str:
    """Delete a GitHub App's keys and webhook here; return its name.

    Raises InvalidInputError while connections use it.
    """
    app: GitHubApp | None = GitHubApp.objects.select_for_update().filter(id=app_id).first()
    if app is None:
        raise NotFoundError("There is no such GitHub App in this organization.")
    if Connection.objects.filter(app=app).exists():
        raise InvalidInputError(
            f"app: {app.name} is in use; remove its connections first.", field="app"
        )
    _delete_app(app, actor=actor)
    return app.name


def _refuse_taken_name(*, kind: ConnectionKind, name: str) -> None:
    """Raise InvalidInputError where another connection of this kind has the name."""
    if Connection.objects.filter(kind=kind, name=name).exists():
        raise InvalidInputError(
            f"name: there is a {kind.label} connection named {name} already; choose another name.",
            field="name",
        )


def _delete_app(app: GitHubApp, *, actor: Actor) -> None:
    app.delete()
    record_audit_event(
        actor=actor, action="github_app.removed", object_label=app.name, before={"slug": app.slug}
    )


def _locked(connection_id: int) -> Connection:
    connection: Connection | None = (
        Connection.objects.select_for_update().filter(id=connection_id).first()
    )
    if connection is None:
        raise NotFoundError("There is no such connection in this organization.")
    return connection
