"""What a check of a connection finds, and what refused calls teach."""

from datetime import UTC, datetime

import pytest
from django.db import connection as database

from core.errors import NotFoundError
from integrations.announcements import connection_changed
from integrations.checking import check_connection, note_trouble
from integrations.codehosts import CodeHostBusyError
from integrations.models import Connection, ConnectionKind, ConnectionState
from integrations.registry import ACCOUNTS
from integrations.review_hosts import AccessLostError, GoneError
from tenants.audit import Actor
from tenants.models import AuditEvent
from tenants.scope import organization_scope
from tests.factories import AppConnectionFactory, ConnectionFactory
from tests.fake_accounts import FakeAccount, a_check

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def account(monkeypatch):
    fake = FakeAccount()
    monkeypatch.setitem(ACCOUNTS, ConnectionKind.GITHUB, fake.of_connection)
    return fake


def test_a_connection_with_all_permissions_works(acme, account):
    connection = AppConnectionFactory(account="old-name")

    checked = check_connection(connection_id=connection.id, now=NOW)

    stored = Connection.objects.get()
    assert checked == stored
    assert (stored.state, stored.state_detail) == (ConnectionState.WORKING, "")
    assert (stored.account, stored.actor_login) == ("acme", "assay-acme[bot]")
    assert stored.checked_at == NOW
    assert stored.checks == [
        {
            "name": "contents:read",
            "label": "contents:read label",
            "ok": True,
            "needed_for": "reading code",
            "detail": "",
            "is_required": True,
        }
    ]


def test_a_missing_permission_limits_a_connection_and_says_what_for(acme, account):
    account.checks = [
        a_check(),
        a_check("checks:write", ok=False, needed_for="the status of a commit"),
        a_check("hooks:write", ok=False, is_required=False),
        a_check("members:read", ok=None),
    ]
    connection = AppConnectionFactory()

    checked = check_connection(connection_id=connection.id, now=NOW)

    assert checked.state == ConnectionState.LIMITED
    assert checked.state_detail == (
        "checks:write label is missing; it is needed for: the status of a commit."
    )


def test_what_is_not_required_or_not_told_leaves_a_connection_working(acme, account):
    account.checks = [a_check(ok=None), a_check("hooks:write", ok=False, is_required=False)]
    connection = AppConnectionFactory()

    checked = check_connection(connection_id=connection.id, now=NOW)

    assert checked.state == ConnectionState.WORKING


def test_a_revoked_token_breaks_a_connection_with_the_remedy(acme, account):
    account.broken = AccessLostError("The token was revoked; enter another one.")
    connection = AppConnectionFactory(actor_login="assay[bot]", checks=[{"name": "old"}])

    checked = check_connection(connection_id=connection.id, now=NOW)

    assert checked.state == ConnectionState.BROKEN
    assert checked.state_detail == "The token was revoked; enter another one."
    assert checked.checks == []
    assert checked.actor_login == "assay[bot]"


@pytest.mark.parametrize("state", [ConnectionState.SUSPENDED, ConnectionState.REMOVED])
def test_a_refused_check_keeps_what_github_said_of_the_installation(acme, account, state):
    connection = AppConnectionFactory(state=state, state_detail="GitHub said so.")
    account.broken = AccessLostError("token: it was revoked.")

    check_connection(connection_id=connection.id, now=NOW)

    connection.refresh_from_db()
    assert (connection.state, connection.state_detail) == (state, "GitHub said so.")
    account.broken = None
    assert check_connection(connection_id=connection.id, now=NOW).state == "working"


def test_a_host_that_does_not_answer_changes_nothing(acme, account):
    account.broken = CodeHostBusyError("No answer.")
    connection = AppConnectionFactory(state=ConnectionState.WORKING)

    with pytest.raises(CodeHostBusyError):
        check_connection(connection_id=connection.id, now=NOW)

    assert Connection.objects.get().state == ConnectionState.WORKING
    assert Connection.objects.get().checked_at is None


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_code_host_is_asked(acme, account):
    open_ones = []
    account.before_call = lambda: open_ones.append(database.in_atomic_block)
    connection = AppConnectionFactory()

    check_connection(connection_id=connection.id, now=NOW)

    assert open_ones == [False, False]


def test_a_mended_connection_is_announced(acme, account, django_capture_on_commit_callbacks):
    heard = []

    def listen(sender, connection_id, **_rest):
        heard.append(connection_id)

    connection_changed.connect(listen)
    connection = AppConnectionFactory(state=ConnectionState.BROKEN)

    with django_capture_on_commit_callbacks(execute=True):
        check_connection(connection_id=connection.id, now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        check_connection(connection_id=connection.id, now=NOW)

    connection_changed.disconnect(listen)
    assert heard == [connection.id]


def test_an_admins_check_is_audited(acme, ada, account):
    connection = AppConnectionFactory(account="acme")

    check_connection(connection_id=connection.id, now=NOW, actor=Actor.person(ada))

    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.object_label) == (
        "connection.checked",
        ada,
        "GitHub acme",
    )
    assert (event.before, event.after) == ({"state": "unchecked"}, {"state": "working"})


def test_a_folder_on_this_machine_has_nobody_to_ask(acme):
    connection = ConnectionFactory()

    assert check_connection(connection_id=connection.id, now=NOW).checked_at is None


def test_a_strangers_connection_is_not_there(acme, rival, account):
    with organization_scope(rival.id):
        connection = AppConnectionFactory()

    with pytest.raises(NotFoundError):
        check_connection(connection_id=connection.id, now=NOW)

    note_trouble(connection_id=connection.id, error=AccessLostError("Revoked."), now=NOW)
    with organization_scope(rival.id):
        assert Connection.objects.get().state == ConnectionState.UNCHECKED


def test_a_refused_call_breaks_a_connection(acme):
    connection = AppConnectionFactory(state=ConnectionState.WORKING)

    note_trouble(connection_id=connection.id, error=AccessLostError("Revoked."), now=NOW)

    stored = Connection.objects.get()
    assert (stored.state, stored.state_detail, stored.checked_at) == (
        ConnectionState.BROKEN,
        "Revoked.",
        NOW,
    )


def test_what_is_gone_says_nothing_of_the_connection(acme):
    connection = AppConnectionFactory(state=ConnectionState.WORKING)

    note_trouble(connection_id=connection.id, error=GoneError("No such comment."), now=NOW)

    assert Connection.objects.get().state == ConnectionState.WORKING


@pytest.mark.parametrize("state", [ConnectionState.SUSPENDED, ConnectionState.REMOVED])
def test_what_github_said_of_an_installation_outlives_a_refused_call(acme, state):
    connection = AppConnectionFactory(state=state)

    note_trouble(connection_id=connection.id, error=AccessLostError("Refused."), now=NOW)

    assert Connection.objects.get().state == state
