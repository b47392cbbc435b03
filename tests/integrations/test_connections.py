"""Connecting by token; renaming, changing tokens, removing."""

import pytest

from core.errors import InvalidInputError, NotFoundError
from integrations.announcements import connection_changed
from integrations.connections import (
    TokenConnection,
    change_token,
    connect_by_token,
    remove_app,
    remove_connection,
    rename_connection,
)
from integrations.credentials import unlock
from integrations.models import (
    Connection,
    ConnectionKind,
    ConnectionState,
    GitHubApp,
    RepositoryLink,
    SignIn,
    WebhookEndpoint,
)
from tenants.audit import Actor
from tenants.models import AuditEvent, Project
from tenants.scope import organization_scope
from tests.factories import (
    AppConnectionFactory,
    ConnectionFactory,
    FindingFactory,
    GitHubAppFactory,
    RepositoryLinkFactory,
    WebhookEndpointFactory,
)

TOKEN = "glpat-0123456789abcdefghij"
ADMIN = Actor.platform()


def wanted(**facts):
    return TokenConnection(
        **{
            "kind": ConnectionKind.GITLAB,
            "name": "Ours",
            "base_url": "https://gitlab.example",
            "ca_bundle": "",
            "token": TOKEN,
            **facts,
        }
    )


def everything_audited():
    return str(list(AuditEvent.objects.values_list("action", "object_label", "before", "after")))


def test_a_token_is_stored_encrypted_with_an_endpoint_of_its_own(acme):
    connection = connect_by_token(wanted=wanted(), actor=ADMIN)

    stored = Connection.objects.get()
    assert stored == connection
    assert (stored.sign_in, stored.state) == (SignIn.TOKEN, ConnectionState.UNCHECKED)
    assert TOKEN not in stored.encrypted_credentials
    assert unlock(stored.encrypted_credentials) == {"token": TOKEN}
    assert stored.endpoint.kind == ConnectionKind.GITLAB
    assert AuditEvent.objects.get().action == "connection.added"
    assert TOKEN not in everything_audited()


def test_a_connection_that_is_shown_as_text_hides_its_token(acme):
    assert TOKEN not in repr(wanted())


def test_a_name_is_taken_once_for_each_kind(acme):
    connect_by_token(wanted=wanted(), actor=ADMIN)

    with pytest.raises(InvalidInputError) as refusal:
        connect_by_token(wanted=wanted(), actor=ADMIN)

    assert refusal.value.field == "name"
    connect_by_token(wanted=wanted(kind=ConnectionKind.GITHUB), actor=ADMIN)
    assert (Connection.objects.count(), WebhookEndpoint.objects.count()) == (2, 2)


def test_another_token_makes_what_was_known_of_the_old_one_void(acme):
    connection = connect_by_token(wanted=wanted(), actor=ADMIN)
    Connection.objects.update(
        state=ConnectionState.BROKEN,
        state_detail="Revoked.",
        checks=[{"name": "api"}],
        actor_login="eve",
    )

    change_token(connection_id=connection.id, token="glpat-another", actor=ADMIN)

    stored = Connection.objects.get()
    assert unlock(stored.encrypted_credentials) == {"token": "glpat-another"}
    assert (stored.state, stored.state_detail, stored.checks, stored.actor_login) == (
        ConnectionState.UNCHECKED,
        "",
        [],
        "",  # comments of whose token it was are no longer ours
    )
    assert AuditEvent.objects.filter(action="connection.token_changed").exists()
    assert "glpat" not in everything_audited()


def test_an_app_has_no_token_to_change(acme):
    connection = AppConnectionFactory()

    with pytest.raises(InvalidInputError):
        change_token(connection_id=connection.id, token="x", actor=ADMIN)

    assert Connection.objects.get().encrypted_credentials == ""


def test_a_new_connection_is_announced(acme, django_capture_on_commit_callbacks):
    heard = []

    def listen(sender, connection_id, **_rest):
        heard.append(connection_id)

    connection_changed.connect(listen)
    with django_capture_on_commit_callbacks(execute=True):
        connection = connect_by_token(wanted=wanted(), actor=ADMIN)

    connection_changed.disconnect(listen)
    assert heard == [connection.id]


def test_a_new_name_is_audited_and_the_same_one_is_not(acme):
    connection = AppConnectionFactory(account="acme")
    AppConnectionFactory(account="other")

    rename_connection(connection_id=connection.id, name="acme", actor=ADMIN)
    rename_connection(connection_id=connection.id, name="Our GitHub", actor=ADMIN)
    with pytest.raises(InvalidInputError):
        rename_connection(connection_id=connection.id, name="other", actor=ADMIN)

    event = AuditEvent.objects.get()
    assert (event.before, event.after) == ({"name": "acme"}, {"name": "Our GitHub"})
    connection.refresh_from_db()
    assert connection.name == "Our GitHub"


def test_removing_keeps_projects_and_findings_and_no_secret(acme):
    connection = connect_by_token(wanted=wanted(), actor=ADMIN)
    link = RepositoryLinkFactory(connection=connection)
    finding = FindingFactory(project=link.project)

    assert remove_connection(connection_id=connection.id, actor=ADMIN) == "Ours"

    assert not Connection.objects.exists()
    assert not WebhookEndpoint.objects.exists()
    assert not RepositoryLink.objects.exists()
    assert Project.objects.get() == link.project
    finding.refresh_from_db()
    event = AuditEvent.objects.get(action="connection.removed")
    assert event.before == {"account": "", "projects": 1}


def test_the_last_connection_takes_its_app_with_it(acme):
    app = GitHubAppFactory()
    WebhookEndpointFactory(app=app)
    first, last = AppConnectionFactory(app=app), AppConnectionFactory(app=app)

    remove_connection(connection_id=first.id, actor=ADMIN)
    assert GitHubApp.objects.exists()
    remove_connection(connection_id=last.id, actor=ADMIN)

    assert not GitHubApp.objects.exists()
    assert not WebhookEndpoint.objects.exists()
    assert AuditEvent.objects.filter(action="github_app.removed").count() == 1


def test_an_app_in_use_is_not_removed(acme):
    connection = AppConnectionFactory()

    with pytest.raises(InvalidInputError):
        remove_app(app_id=connection.app_id, actor=ADMIN)

    assert GitHubApp.objects.exists()


def test_an_app_that_is_installed_nowhere_can_be_removed(acme):
    app = GitHubAppFactory(name="Assay Acme")

    assert remove_app(app_id=app.id, actor=ADMIN) == "Assay Acme"

    assert not GitHubApp.objects.exists()


def test_a_strangers_connection_is_not_there(acme, rival):
    with organization_scope(rival.id):
        stranger = ConnectionFactory(kind=ConnectionKind.GITLAB, sign_in=SignIn.TOKEN)

    for act in (
        lambda: remove_connection(connection_id=stranger.id, actor=ADMIN),
        lambda: rename_connection(connection_id=stranger.id, name="x", actor=ADMIN),
        lambda: change_token(connection_id=stranger.id, token="x", actor=ADMIN),
        lambda: remove_app(app_id=12345, actor=ADMIN),
    ):
        with pytest.raises(NotFoundError):
            act()

    with organization_scope(rival.id):
        assert Connection.objects.get() == stranger
    assert not AuditEvent.objects.exists()
