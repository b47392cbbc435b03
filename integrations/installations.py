"""Which connection an installation of a GitHub App has, whoever tells of it first.

After an installation GitHub sends an event and leads the person's browser back to us, in any order.
"""

from integrations.announcements import connection_changed
from integrations.locks import lock_connections
from integrations.models import Connection, ConnectionKind, ConnectionState, GitHubApp, SignIn
from tenants.announcements import announce
from tenants.audit import Actor, record_audit_event


def connect_installation(
    *, app: GitHubApp, installation_id: int, account: str, actor: Actor
) -> Connection:
    """Return the connection of an installation that is there: its own, a former one, or a new one.

    The former one is that of a removed installation at the same account: it has the projects.
    """
    lock_connections()
    rows = Connection.objects.select_for_update().filter(app=app)
    removed = rows.filter(state=ConnectionState.REMOVED, account=account).exclude(account="")
    own: Connection | None = rows.filter(installation_id=installation_id).first()
    connection = own or removed.order_by("id").first()
    if connection is None:
        connection = _make(app, installation_id, account, actor)
    elif connection.state == ConnectionState.REMOVED:
        _revive(connection, installation_id, actor)
    announce(connection_changed, connection_id=connection.pk)
    return connection


def _make(app: GitHubApp, installation_id: int, account: str, actor: Actor) -> Connection:
    connection: Connection = Connection.objects.create(
        kind=ConnectionKind.GITHUB,
        name=_free_name(app, installation_id, account),
        sign_in=SignIn.APP,
        base_url=app.base_url,
        ca_bundle=app.ca_bundle,
        account=account[:200],
        actor_login=f"{app.slug}[bot]"[:200],
        app=app,
        installation_id=installation_id,
    )
    record_audit_event(
        actor=actor,
        action="connection.added",
        object_label=str(connection),
        after={"kind": "github", "sign_in": "app", "app": app.slug, "account": connection.account},
    )
    return connection


def _revive(connection: Connection, installation_id: int, actor: Actor) -> None:
    connection.installation_id = installation_id
    connection.state, connection.state_detail = ConnectionState.UNCHECKED, ""
    connection.save(update_fields=["installation_id", "state", "state_detail"])
    record_audit_event(
        actor=actor,
        action="connection.state_changed",
        object_label=str(connection),
        before={"state": ConnectionState.REMOVED.value},
        after={"state": connection.state.value},
    )


def _free_name(app: GitHubApp, installation_id: int, account: str) -> str:
    for name in (account, f"{account} ({app.name})"):
        if name and not Connection.objects.filter(kind=ConnectionKind.GITHUB, name=name).exists():
            return name[:200]
    return f"{app.name[:150]} {installation_id}"
