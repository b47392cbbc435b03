"""Repositories become projects: new ones, those that are there, and those that fail."""

from datetime import UTC, datetime

import pytest
from django.db import connection as database

from core.errors import NotFoundError
from integrations.codehosts import CodeHostBusyError
from integrations.imports import (
    NoRepositoriesError,
    import_repositories,
)
from integrations.models import (
    Connection,
    ConnectionKind,
    ConnectionState,
    RepositoryLink,
    SignIn,
)
from integrations.registry import ACCOUNTS
from integrations.review_hosts import AccessLostError
from integrations.webhooks import endpoint_secret, endpoint_url, make_endpoint
from tenants.audit import Actor
from tenants.models import AuditEvent, Project
from tenants.scope import organization_scope
from tests.factories import (
    AppConnectionFactory,
    ConnectionFactory,
    ProjectFactory,
    RepositoryLinkFactory,
)
from tests.fake_accounts import FakeAccount, a_repository

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def account(monkeypatch):
    fake = FakeAccount(a_repository("acme/shop"), a_repository("acme/site", default_branch="trunk"))
    for kind in (ConnectionKind.GITHUB, ConnectionKind.GITLAB):
        monkeypatch.setitem(ACCOUNTS, kind, fake.of_connection)
    return fake


def by_token(kind=ConnectionKind.GITLAB):
    connection = ConnectionFactory(kind=kind, sign_in=SignIn.TOKEN)
    make_endpoint(kind=kind, connection=connection)
    return connection


def importing(connection, *names, tags=()):
    return import_repositories(
        connection_id=connection.id,
        full_names=names,
        tags=tags,
        actor=Actor.platform(),
        now=NOW,
    )


def test_a_repository_becomes_a_project_that_knows_where_it_lives(acme, account):
    connection = AppConnectionFactory()

    outcomes = importing(connection, "acme/site", "acme/shop", tags=["team-red"])

    assert [one.project.name for one in outcomes] == ["acme/site", "acme/shop"]
    site = Project.objects.get(name="acme/site")
    assert (site.primary_branch, site.tags) == ("trunk", ["team-red"])
    assert site.url == "https://code.example/acme/site"
    link = RepositoryLink.objects.get(project=site)
    assert (link.connection, link.location, link.default_branch, link.is_public) == (
        connection,
        "acme/site",
        "trunk",
        False,
    )
    assert link.external_id == account.remote["acme/site"].external_id
    assert AuditEvent.objects.filter(action="repository.connected").count() == 2


def test_a_project_that_scans_made_is_joined_and_keeps_what_it_has(acme, account):
    project = ProjectFactory(
        name="acme/site", primary_branch="develop", tags=["payments"], is_archived=True
    )

    importing(AppConnectionFactory(), "acme/site", tags=["team-red", "payments"])

    project.refresh_from_db()
    assert Project.objects.count() == 1
    assert (project.primary_branch, project.is_archived) == ("develop", False)
    assert project.tags == ["payments", "team-red"]
    assert project.repository.location == "acme/site"


def test_a_renamed_repository_stays_the_project_that_it_was(acme, account):
    connection = AppConnectionFactory()
    project = ProjectFactory(name="acme/old-shop")
    RepositoryLinkFactory(
        project=project,
        connection=connection,
        external_id=account.remote["acme/shop"].external_id,
        is_gone=True,
    )

    assert [one.project for one in importing(connection, "acme/shop")] == [project]

    link = RepositoryLink.objects.get()
    assert (link.project, link.location, link.is_gone) == (project, "acme/shop", False)


def test_twice_is_as_good_as_once(acme, account):
    connection = by_token()

    importing(connection, "acme/shop", "acme/shop")
    importing(connection, "acme/shop")

    assert (Project.objects.count(), RepositoryLink.objects.count()) == (1, 1)
    assert RepositoryLink.objects.get().hook_id == "77"


def test_a_connection_by_token_gets_a_webhook_for_each_repository(acme, account):
    connection = by_token()

    importing(connection, "acme/shop")

    endpoint = connection.endpoint
    assert account.hooks == {"acme/shop": (endpoint_url(endpoint), endpoint_secret(endpoint))}
    assert RepositoryLink.objects.get().hook_problem == ""


def test_an_app_needs_no_webhook_of_a_repository(acme, account):
    importing(AppConnectionFactory(), "acme/shop")

    assert account.hooks == {}


def test_a_webhook_that_is_refused_is_noted_beside_the_project(acme, account):
    account.hook_refusal = AccessLostError("The token may not make webhooks; make it by hand.")

    outcomes = importing(by_token(), "acme/shop")

    problem = "No webhook was made: The token may not make webhooks; make it by hand."
    assert [(one.project.name, one.problem) for one in outcomes] == [("acme/shop", problem)]
    link = RepositoryLink.objects.get()
    assert (link.hook_id, link.hook_problem) == ("", problem)
    assert Connection.objects.get().state == ConnectionState.UNCHECKED


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_code_host_is_asked(acme, account):
    open_ones = []
    account.before_call = lambda: open_ones.append(database.in_atomic_block)

    importing(by_token(), "acme/shop")

    assert open_ones == [False, False]


def test_one_that_fails_keeps_no_other_back(acme, account):
    outcomes = importing(AppConnectionFactory(), "acme/none", "acme/shop")

    assert [(one.full_name, one.problem) for one in outcomes] == [
        ("acme/none", "acme/none is not there, or not shared with the connection."),
        ("acme/shop", ""),
    ]
    assert [one.name for one in Project.objects.all()] == ["acme/shop"]


def test_a_busy_code_host_leaves_no_half_a_project(acme, account):
    account.broken = CodeHostBusyError("The code host does not answer.")

    outcomes = importing(AppConnectionFactory(), "acme/shop")

    assert outcomes[0].problem == "The code host does not answer. Import it again in a minute."
    assert not Project.objects.exists()


def test_a_revoked_token_is_noted_at_the_connection(acme, account):
    account.broken = AccessLostError("The token was revoked.")

    assert [one.project for one in importing(by_token(), "acme/shop")] == [None]

    assert Connection.objects.get().state == ConnectionState.BROKEN


def test_a_project_that_moves_to_another_connection_leaves_its_webhook_behind(acme, account):
    project = ProjectFactory(name="acme/shop")
    RepositoryLinkFactory(
        project=project, connection=by_token(ConnectionKind.GITHUB), hook_id="12", external_id="5"
    )

    importing(AppConnectionFactory(), "acme/shop")

    assert RepositoryLink.objects.get().hook_id == ""


def test_a_strangers_connection_is_not_there(acme, rival, account):
    with organization_scope(rival.id):
        connection = AppConnectionFactory()

    with pytest.raises(NotFoundError):
        importing(connection, "acme/shop")

    assert not Project.objects.exists()


def test_a_folder_on_this_machine_has_nothing_to_choose(acme):
    with pytest.raises(NoRepositoriesError):
        importing(ConnectionFactory(), "acme/shop")
