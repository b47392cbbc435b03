"""What code hosts tell of repositories and installations, and what it does to our rows."""

import dataclasses

import pytest

from integrations.announcements import connection_changed
from integrations.events import (
    InstallationChanged,
    RepositoriesLost,
    RepositoriesShared,
    RepositoryChanged,
    RepositoryName,
)
from integrations.models import Connection, ConnectionState, RepositoryLink, SignIn
from integrations.repositories import (
    NOT_LINKED,
    NOTHING_NEW,
    UNKNOWN_INSTALLATION,
    link_of_event,
    note_installation,
    note_lost,
    note_repository,
    note_shared,
)
from tenants.models import AuditEvent, Door, Project
from tenants.scope import organization_scope
from tests.factories import (
    AppConnectionFactory,
    ConnectionFactory,
    GitHubAppFactory,
    ProjectFactory,
    RepositoryLinkFactory,
)

SHOP = RepositoryName(
    external_id="15",
    full_name="acme/shop",
    web_url="https://github.com/acme/shop",
    default_branch="main",
    is_public=False,
)
STORE = dataclasses.replace(SHOP, full_name="acme/store", web_url="https://github.com/acme/store")


def link_to(connection, repository=SHOP, project_name=None, **fields):
    return RepositoryLinkFactory(
        connection=connection,
        project=ProjectFactory(name=project_name or repository.full_name),
        location=repository.full_name,
        external_id=repository.external_id,
        web_url=repository.web_url,
        default_branch=repository.default_branch,
        is_public=repository.is_public,
        **fields,
    )


@pytest.fixture
def connection(acme):
    return AppConnectionFactory(account="acme", installation_id=44)


@pytest.fixture
def link(connection):
    return link_to(connection)


@pytest.fixture
def announced(django_capture_on_commit_callbacks):
    """Run what waits for the commit, and return the connections that were announced."""

    def of(act):
        ids = []

        def note(connection_id, **_announcement):
            ids.append(connection_id)

        before, connection_changed.receivers = connection_changed.receivers, []
        connection_changed.sender_receivers_cache.clear()
        connection_changed.connect(note)
        with django_capture_on_commit_callbacks(execute=True):
            act()
        connection_changed.receivers = before
        connection_changed.sender_receivers_cache.clear()
        return ids

    return of


def renamed(connection, repository=STORE):
    return note_repository(
        connection_ids=[connection.id], event=RepositoryChanged(repository=repository)
    )


def lost(connection, *external_ids):
    return note_lost(
        connection_ids=[connection.id], event=RepositoriesLost(external_ids=external_ids)
    )


def shared(connection, *external_ids):
    return note_shared(
        connection_ids=[connection.id], event=RepositoriesShared(external_ids=external_ids)
    )


def installation(app, action, account="acme", number=44):
    event = InstallationChanged(installation_id=number, action=action, account=account)
    return note_installation(app=app, event=event)


def test_a_link_is_found_by_the_code_hosts_number(connection, link):
    assert link_of_event(connection_ids=[connection.id], external_id="15") == link


@pytest.mark.parametrize("external_id", ["16", "", "015"])
def test_other_numbers_find_nothing(connection, link, external_id):
    link_to(connection, dataclasses.replace(SHOP, external_id="", full_name="acme/old"))

    assert link_of_event(connection_ids=[connection.id], external_id=external_id) is None


def test_a_link_of_another_connection_is_not_found(link):
    other = AppConnectionFactory()

    assert link_of_event(connection_ids=[other.id], external_id="15") is None
    assert link_of_event(connection_ids=[], external_id="15") is None


def test_a_renamed_repository_takes_link_and_project_along(connection, link):
    outcome = renamed(connection)

    link.refresh_from_db()
    assert (link.location, link.web_url) == ("acme/store", "https://github.com/acme/store")
    assert (link.project.name, link.project.url) == ("acme/store", "https://github.com/acme/store")
    assert outcome == (
        "acme/store: the new name and visibility were taken over."
        " The project is named acme/store now."
    )
    event = AuditEvent.objects.get()
    assert (event.action, event.door, event.actor_label) == (
        "repository.changed",
        Door.PLATFORM,
        "Platform",
    )
    assert (event.before["location"], event.after["location"]) == ("acme/shop", "acme/store")


def test_a_project_with_a_name_of_its_own_keeps_it(connection):
    link = link_to(connection, project_name="The shop")

    renamed(connection)

    link.refresh_from_db()
    assert (link.location, link.project.name) == ("acme/store", "The shop")


def test_a_project_keeps_its_name_where_the_new_one_is_taken(connection, link):
    ProjectFactory(name="acme/store")

    outcome = renamed(connection)

    link.refresh_from_db()
    assert (link.location, link.project.name) == ("acme/store", "acme/shop")
    assert outcome.endswith("The project keeps its name: there is one named acme/store already.")


def test_the_same_event_again_changes_nothing(connection, link):
    renamed(connection)

    assert renamed(connection) == NOTHING_NEW
    assert AuditEvent.objects.count() == 1


@pytest.mark.parametrize(("told", "known"), [(True, True), (False, False), (None, False)])
def test_a_repositorys_visibility_is_taken_over_where_it_is_told(connection, link, told, known):
    renamed(connection, dataclasses.replace(SHOP, is_public=told))

    link.refresh_from_db()
    assert link.is_public is known


def test_another_default_branch_is_taken_over(connection, link):
    renamed(connection, dataclasses.replace(SHOP, default_branch="trunk"))

    link.refresh_from_db()
    assert link.default_branch == "trunk"


def test_what_an_event_does_not_tell_stays(connection, link):
    renamed(connection, RepositoryName(external_id="15", full_name="acme/store"))

    link.refresh_from_db()
    assert (link.web_url, link.default_branch, link.is_public) == (
        "https://github.com/acme/shop",
        "main",
        False,
    )


def test_a_repository_moves_between_two_installations_of_one_app(connection, link):
    other = AppConnectionFactory(app=connection.app, account="acme-labs")
    RepositoryLink.objects.update(is_gone=True)

    renamed(other, dataclasses.replace(SHOP, full_name="acme-labs/shop"))

    link.refresh_from_db()
    assert (link.connection, link.location, link.is_gone) == (other, "acme-labs/shop", False)


def test_a_repository_that_moves_under_its_name_is_reached_anew(connection, link, announced):
    other = AppConnectionFactory(app=connection.app, account="acme", name="again")
    RepositoryLink.objects.update(is_gone=True)

    assert announced(lambda: renamed(other, SHOP)) == [other.id]

    link.refresh_from_db()
    assert (link.connection, link.location, link.is_gone) == (other, "acme/shop", False)


def test_a_repository_does_not_move_to_another_app(link):
    other = AppConnectionFactory(account="acme-labs")

    assert renamed(other) == NOT_LINKED
    assert RepositoryLink.objects.get().location == "acme/shop"


def test_a_repository_does_not_move_between_connections_by_token(acme):
    first, second = ConnectionFactory(kind="gitlab"), ConnectionFactory(kind="gitlab")
    link_to(first)

    assert renamed(second) == NOT_LINKED
    assert RepositoryLink.objects.get().connection == first


def test_lost_repositories_are_marked_as_gone(connection, link):
    other = link_to(connection, dataclasses.replace(STORE, external_id="16"))

    outcome = lost(connection, "15", "999", "")

    link.refresh_from_db()
    other.refresh_from_db()
    assert (link.is_gone, other.is_gone) == (True, False)
    assert outcome == "acme/shop: is out of reach now."
    assert AuditEvent.objects.get().action == "repository.lost"
    assert lost(connection, "15") == NOTHING_NEW


def test_shared_repositories_are_reachable_again_and_that_is_announced(connection, link, announced):
    lost(connection, "15")

    told = announced(lambda: shared(connection, "15"))

    link.refresh_from_db()
    assert link.is_gone is False
    assert told == [connection.id]
    assert AuditEvent.objects.order_by("-id").first().action == "repository.shared"


def test_a_long_list_is_told_in_short(connection):
    for number in range(5):
        link_to(
            connection, RepositoryName(external_id=str(number + 1), full_name=f"acme/r{number}")
        )

    outcome = lost(connection, "1", "2", "3", "4", "5")

    assert outcome == "acme/r0, acme/r1, acme/r2 and 2 more: is out of reach now."


@pytest.mark.parametrize(
    "act",
    [
        renamed,
        lambda connection: lost(connection, "15"),
        lambda connection: shared(connection, "15"),
    ],
)
def test_a_repository_without_a_project_changes_nothing(connection, act):
    assert act(connection) == NOT_LINKED
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    "act",
    [
        renamed,
        lambda connection: lost(connection, "15"),
        lambda connection: shared(connection, "15"),
    ],
)
def test_another_organizations_repository_is_not_reached(connection, link, rival, act):
    with organization_scope(rival.id):
        # Even with Acme's own connection in hand.
        assert act(connection) == NOT_LINKED
        assert not AuditEvent.objects.exists()

    link.refresh_from_db()
    assert (link.location, link.is_gone) == ("acme/shop", False)


def test_a_new_installation_becomes_a_connection(acme, announced):
    app = GitHubAppFactory(slug="assay-acme", base_url="https://git.acme.example", ca_bundle="PEM")

    told = announced(lambda: installation(app, "created"))

    connection = Connection.objects.get()
    assert (connection.kind, connection.sign_in) == ("github", SignIn.APP)
    assert (connection.name, connection.account) == ("acme", "acme")
    assert (connection.app, connection.installation_id) == (app, 44)
    assert (connection.base_url, connection.ca_bundle) == ("https://git.acme.example", "PEM")
    assert connection.actor_login == "assay-acme[bot]"
    assert connection.state == ConnectionState.UNCHECKED
    assert told == [connection.id]
    event = AuditEvent.objects.get()
    assert (event.action, event.door) == ("connection.added", Door.PLATFORM)


@pytest.mark.parametrize("state", [ConnectionState.WORKING, ConnectionState.LIMITED])
def test_an_installation_that_somebody_connected_first_keeps_what_its_check_said(connection, state):
    Connection.objects.update(state=state)

    outcome = installation(connection.app, "created")

    connection.refresh_from_db()
    assert (connection.state, outcome) == (state, NOTHING_NEW)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("taken", "name"),
    [
        ([], "acme"),
        (["acme"], "acme (Assay)"),
        (["acme", "acme (Assay)"], "Assay 44"),
    ],
)
def test_a_connection_gets_a_name_that_is_free(acme, taken, name):
    app = GitHubAppFactory(name="Assay")
    for one in taken:
        ConnectionFactory(kind="github", name=one)

    installation(app, "created")

    assert Connection.objects.get(app=app).name == name


@pytest.mark.parametrize(
    ("action", "state", "detail"),
    [
        (
            "suspended",
            ConnectionState.SUSPENDED,
            "Suspended at GitHub; an owner of the account can resume it there.",
        ),
        (
            "deleted",
            ConnectionState.REMOVED,
            "The app was uninstalled at GitHub; install it again to go on.",
        ),
        ("resumed", ConnectionState.UNCHECKED, ""),
        ("changed", ConnectionState.UNCHECKED, ""),
    ],
)
def test_a_connection_follows_its_installation(connection, announced, action, state, detail):
    Connection.objects.update(state=ConnectionState.WORKING)

    told = announced(lambda: installation(connection.app, action))

    connection.refresh_from_db()
    assert (connection.state, connection.state_detail) == (state, detail)
    assert told == [connection.id]
    event = AuditEvent.objects.get()
    assert event.action == "connection.state_changed"
    assert (event.before, event.after) == ({"state": "working"}, {"state": state})


def test_a_suspended_installation_stays_so_whatever_else_changes(connection):
    installation(connection.app, "suspended")

    installation(connection.app, "changed", account="acme-inc")

    connection.refresh_from_db()
    assert (connection.state, connection.account) == (ConnectionState.SUSPENDED, "acme-inc")


@pytest.mark.parametrize("action", ["created", "resumed", "suspended", "changed"])
def test_a_deleted_installation_does_not_come_back(connection, action):
    installation(connection.app, "deleted")

    outcome = installation(connection.app, action)

    connection.refresh_from_db()
    assert connection.state == ConnectionState.REMOVED
    assert outcome == "The installation was deleted; it comes back as a new one."


def test_an_app_that_is_installed_again_gets_its_connection_and_projects_back(connection, link):
    installation(connection.app, "deleted")

    installation(connection.app, "created", number=45)

    connection.refresh_from_db()
    link.refresh_from_db()
    assert (connection.installation_id, connection.state) == (45, ConnectionState.UNCHECKED)
    assert link.connection == connection
    assert Connection.objects.count() == 1


def test_another_accounts_installation_gets_a_connection_of_its_own(connection):
    installation(connection.app, "deleted")

    installation(connection.app, "created", account="acme-labs", number=45)

    connection.refresh_from_db()
    assert connection.state == ConnectionState.REMOVED
    assert Connection.objects.get(installation_id=45).name == "acme-labs"


def test_an_account_with_a_new_name_takes_its_repositories_along(connection, link):
    elsewhere = link_to(
        connection, dataclasses.replace(STORE, external_id="16", full_name="acme-labs/x")
    )

    installation(connection.app, "changed", account="acme-inc")

    connection.refresh_from_db()
    link.refresh_from_db()
    elsewhere.refresh_from_db()
    assert connection.account == "acme-inc"
    assert (link.location, link.web_url) == ("acme-inc/shop", "https://github.com/acme-inc/shop")
    assert (link.is_public, link.default_branch) == (False, "main")
    assert Project.objects.filter(name="acme-inc/shop").exists()
    assert elsewhere.location == "acme-labs/x"


@pytest.mark.parametrize("action", ["suspended", "resumed", "deleted", "changed"])
def test_an_unknown_installation_changes_nothing(connection, action):
    assert installation(connection.app, action, number=99) == UNKNOWN_INSTALLATION
    assert Connection.objects.count() == 1
    assert not AuditEvent.objects.exists()


def test_another_apps_installation_of_the_same_number_is_another(connection):
    assert installation(GitHubAppFactory(), "deleted") == UNKNOWN_INSTALLATION

    connection.refresh_from_db()
    assert connection.state == ConnectionState.UNCHECKED


def test_another_organizations_installation_is_not_reached(connection, rival):
    with organization_scope(rival.id):
        outcome = installation(connection.app, "deleted")

    assert outcome == UNKNOWN_INSTALLATION
    connection.refresh_from_db()
    assert connection.state == ConnectionState.UNCHECKED
