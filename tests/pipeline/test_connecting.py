"""Connections that are checked without anybody asking."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.codehosts import CodeHostBusyError
from integrations.models import Connection, ConnectionKind, ConnectionState, SignIn
from integrations.registry import ACCOUNTS
from integrations.review_hosts import AccessLostError
from pipeline import tasks
from pipeline.connecting import LOOKS_AGAIN_AFTER, check, connections_to_check
from pipeline.sweeping import find_left_behind
from tests.factories import AppConnectionFactory, ConnectionFactory
from tests.fake_accounts import FakeAccount

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LONG_AGO = NOW - LOOKS_AGAIN_AFTER


@pytest.fixture
def account(monkeypatch):
    fake = FakeAccount()
    monkeypatch.setitem(ACCOUNTS, ConnectionKind.GITHUB, fake.of_connection)
    return fake


def state():
    return Connection.objects.get().state


def test_an_installation_that_github_told_of_is_checked(acme, account):
    connection = AppConnectionFactory()

    assert find_left_behind(now=NOW).connection_ids == [connection.id]
    tasks.check_connection(organization_id=acme.id, connection_id=connection.id)

    assert state() == ConnectionState.WORKING
    assert find_left_behind(now=NOW).connection_ids == []


def test_what_is_broken_is_looked_at_again_later(acme, account):
    broken = {"state": ConnectionState.BROKEN}
    connection = AppConnectionFactory(checked_at=LONG_AGO, **broken)
    account.broken = AccessLostError("token: it was revoked.")

    check(connection_id=connection.id, now=NOW)
    assert state() == ConnectionState.BROKEN
    account.broken = None
    check(connection_id=connection.id, now=NOW + timedelta(minutes=59))
    assert state() == ConnectionState.BROKEN
    check(connection_id=connection.id, now=NOW + LOOKS_AGAIN_AFTER)
    assert state() == ConnectionState.WORKING


def test_a_code_host_that_does_not_answer_is_asked_again(acme, account):
    connection = AppConnectionFactory()
    account.broken = CodeHostBusyError("It does not answer.")

    check(connection_id=connection.id, now=NOW)

    assert state() == ConnectionState.UNCHECKED
    assert list(connections_to_check(now=NOW)) == [connection]


@pytest.mark.parametrize(
    "facts",
    [
        {"state": ConnectionState.UNCHECKED, "sign_in": SignIn.TOKEN},
        {"state": ConnectionState.BROKEN, "checked_at": NOW},
        {"state": ConnectionState.SUSPENDED, "checked_at": LONG_AGO},
        {"state": ConnectionState.REMOVED, "checked_at": LONG_AGO},
        {"state": ConnectionState.WORKING, "checked_at": LONG_AGO},
        {"state": ConnectionState.LIMITED, "checked_at": LONG_AGO},
    ],
)
def test_others_are_left_to_people(acme, account, facts):
    connection = AppConnectionFactory(**facts)
    account.broken = AssertionError("Nobody may ask.")

    assert list(connections_to_check(now=NOW)) == []
    check(connection_id=connection.id, now=NOW)

    assert state() == facts["state"]


def test_a_folder_on_this_machine_has_nobody_to_ask(acme):
    ConnectionFactory(
        kind=ConnectionKind.LOCAL_GIT, state=ConnectionState.BROKEN, checked_at=LONG_AGO
    )

    assert list(connections_to_check(now=NOW)) == []
