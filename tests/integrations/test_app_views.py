"""The way to a GitHub App, against a stand-in for GitHub."""

import html
import json
import re
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.urls import reverse

from integrations.credentials import unlock
from integrations.models import (
    Connection,
    ConnectionState,
    GitHubApp,
    RepositoryLink,
    SignIn,
)
from integrations.webhooks import endpoint_secret, endpoint_url
from tenants.models import AuditEvent
from tests.factories import (
    PASSWORD,
    AppConnectionFactory,
    GitHubAppFactory,
    RepositoryLinkFactory,
)
from tests.github_server.server import GitHubServer
from tests.integrations.repositories import make_repository


@pytest.fixture
def github(settings, tmp_path):
    cache.clear()
    settings.ALLOW_PRIVATE_ADDRESSES = ["127.0.0.1"]
    make_repository(tmp_path / "shop", {"a.py": "a\n"})
    with GitHubServer() as server:
        server.add_repository("acme/shop", tmp_path / "shop")
        yield server


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


def address(name, *arguments):
    return reverse(f"integrations:{name}", args=["acme", *arguments])


def begin(client, base_url, **fields):
    return client.post(address("connect-app"), {"base_url": base_url, "owner": "acme", **fields})


def form_of(response):
    page = response.content.decode()
    target = html.unescape(re.search(r'action="([^"]*apps/new[^"]*)"', page)[1])
    manifest = html.unescape(re.search(r'name="manifest"\s+value="([^"]*)"', page)[1])
    return target, json.loads(manifest)


def state_of(url):
    return parse_qs(urlsplit(url).query)["state"][0]


def created(client, github, **changes):
    """Go the way to an app; return the answer of the callback."""
    target, manifest = form_of(begin(client, github.url))
    app = github.add_app(
        "assay-acme",
        owner="acme",
        webhook_url=manifest["hook_attributes"]["url"],
        webhook_secret="chosen-by-github",
    )
    github.add_manifest_code("a-code", app)
    query = {"code": "a-code", "state": state_of(target), **changes}
    return client.get(address("app-created"), query)


def installing(client, app):
    """Begin an installation; return the state that GitHub hands back."""
    return state_of(client.get(address("install-app", app.pk)).headers["Location"])


def test_the_manifest_goes_to_the_chosen_host_and_the_policy_allows_no_other(as_ada, settings):
    response = begin(as_ada, "https://github.acme.example")

    target, manifest = form_of(response)
    assert target.startswith("https://github.acme.example/organizations/acme/settings/apps/new?")
    assert manifest["public"] is False
    assert manifest["redirect_url"] == f"{settings.PUBLIC_URL}{address('app-created')}"
    assert manifest["hook_attributes"]["url"].startswith(
        f"{settings.PUBLIC_URL}/integrations/github/webhook/"
    )
    policy = response.headers["Content-Security-Policy"]
    assert "form-action 'self' https://github.acme.example;" in f"{policy};"
    assert "csrfmiddlewaretoken" not in re.search(
        r'<form class="card".*?</form>', response.content.decode(), re.DOTALL
    )[0].replace("\n", " ")


def test_other_pages_may_send_forms_to_us_alone(as_ada):
    begin(as_ada, "https://github.acme.example")

    policy = as_ada.get(address("connect-app")).headers["Content-Security-Policy"]

    assert "form-action 'self';" in f"{policy};"


def test_an_owner_that_is_none_is_refused(as_ada):
    response = begin(as_ada, "", owner="acme/../evil?x=1")

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "apps/new" not in response.content.decode()


def test_github_hands_over_the_apps_keys_once(as_ada, github):
    response = created(as_ada, github)

    app = GitHubApp.objects.get()
    assert response.headers["Location"] == address("app", app.pk)
    assert (app.slug, app.owner, app.base_url) == ("assay-acme", "acme", github.url)
    keys = unlock(app.encrypted_credentials)
    assert keys["private_key"].startswith("-----BEGIN")
    assert endpoint_secret(app.endpoint) == "chosen-by-github"
    assert endpoint_url(app.endpoint) == github.apps[app.app_id].webhook_url
    page = as_ada.get(response.headers["Location"]).content.decode()
    assert "assay-acme exists" in html.unescape(page)
    assert AuditEvent.objects.get().action == "github_app.created"
    told = page + str(list(AuditEvent.objects.values()))
    assert keys["private_key"] not in told
    assert keys["client_secret"] not in told
    assert "chosen-by-github" not in told


def test_a_callback_with_a_foreign_state_stores_nothing(as_ada, github, client, ada):
    target, _manifest = form_of(begin(as_ada, github.url))
    github.add_manifest_code("a-code", github.add_app("assay-acme"))

    for state in ("", "made-up", state_of(target)[:-2]):
        response = as_ada.get(address("app-created"), {"code": "a-code", "state": state})
        assert response.status_code == HTTPStatus.BAD_REQUEST

    assert not GitHubApp.objects.exists()
    assert "a-code" in github.manifest_codes


def test_a_code_that_github_does_not_know_is_told_as_such(as_ada, github):
    response = created(as_ada, github, code="another")

    assert response.status_code == HTTPStatus.CONFLICT
    assert "GitHub does not know this code" in response.content.decode()
    assert not GitHubApp.objects.exists()


def test_an_installation_becomes_a_connection_that_works(as_ada, github):
    created(as_ada, github)
    app = GitHubApp.objects.get()
    installation = github.install(github.apps[app.app_id], "acme")

    response = as_ada.get(
        address("app-installed"),
        {
            "installation_id": installation.id,
            "setup_action": "install",
            "state": installing(as_ada, app),
        },
    )

    connection = Connection.objects.get()
    assert response.headers["Location"] == address("connection", connection.pk)
    assert (connection.name, connection.account, connection.sign_in) == (
        "acme",
        "acme",
        SignIn.APP,
    )
    assert connection.state == ConnectionState.WORKING, connection.state_detail
    assert connection.actor_login == "assay-acme[bot]"
    assert "connection.added" in AuditEvent.objects.values_list("action", flat=True)


def test_who_installs_the_app_again_and_is_back_before_the_event_gets_the_projects_back(
    as_ada, github
):
    created(as_ada, github)
    app = GitHubApp.objects.get()
    former = AppConnectionFactory(
        app=app, account="acme", installation_id=1, state=ConnectionState.REMOVED
    )
    link = RepositoryLinkFactory(connection=former)
    installation = github.install(github.apps[app.app_id], "acme")

    as_ada.get(
        address("app-installed"),
        {"installation_id": installation.id, "state": installing(as_ada, app)},
    )

    connection = Connection.objects.get()
    assert (connection, connection.installation_id) == (former, installation.id)
    assert connection.state == ConnectionState.WORKING, connection.state_detail
    assert RepositoryLink.objects.get() == link
    changed = AuditEvent.objects.get(action="connection.state_changed")
    assert (changed.before, changed.after) == ({"state": "removed"}, {"state": "unchecked"})
    assert changed.actor_label == "Ada"


def test_an_installation_that_the_app_does_not_name_counts_for_nothing(as_ada, github):
    created(as_ada, github)
    app = GitHubApp.objects.get()
    foreign = github.install(github.add_app("of-somebody-else"), "evil", [])

    response = as_ada.get(
        address("app-installed"),
        {"installation_id": foreign.id, "state": installing(as_ada, app)},
        follow=True,
    )

    assert "does not name this installation" in response.content.decode()
    assert not Connection.objects.exists()


def test_an_installation_is_not_taken_up_without_our_state(as_ada, github):
    created(as_ada, github)
    installation = github.install(github.apps[GitHubApp.objects.get().app_id], "acme")

    response = as_ada.get(
        address("app-installed"), {"installation_id": installation.id}, follow=True
    )

    assert "Begin again" in response.content.decode()
    assert not Connection.objects.exists()


def test_who_changed_an_installation_at_github_comes_back_to_it(as_ada):
    connection = AppConnectionFactory(installation_id=4711)

    response = as_ada.get(
        address("app-installed"), {"installation_id": "4711", "setup_action": "update"}
    )

    assert response.headers["Location"] == address("connection", connection.pk)


def test_installations_can_be_looked_for_and_chosen(as_ada, github):
    created(as_ada, github)
    app = GitHubApp.objects.get()
    remote = github.apps[app.app_id]
    first, second = github.install(remote, "acme", []), github.install(remote, "acme-labs", [])

    offered = as_ada.post(address("find-installations", app.pk)).content.decode()
    as_ada.post(address("add-installation", app.pk), {"installation_id": second.id})
    after = as_ada.post(address("find-installations", app.pk)).content.decode()

    assert f'value="{first.id}"' in offered
    assert Connection.objects.get().account == "acme-labs"
    assert f'value="{second.id}"' not in after
    assert "Connected" in after


@pytest.mark.parametrize("text", ["", "x", "-1", "9" * 400, "²"])
def test_what_is_no_number_is_no_installation(as_ada, github, text):
    created(as_ada, github)

    response = as_ada.post(
        address("add-installation", GitHubApp.objects.get().pk), {"installation_id": text}
    )

    assert response.status_code == HTTPStatus.CONFLICT
    assert not Connection.objects.exists()


def test_an_app_that_is_installed_nowhere_is_removed_when_asked(as_ada):
    app = GitHubAppFactory(name="Assay Acme")

    response = as_ada.post(address("remove-app", app.pk), follow=True)

    assert "Assay Acme is removed here" in response.content.decode()
    assert not GitHubApp.objects.exists()


def test_members_go_no_step_of_the_way(client, mel):
    client.login(email="mel@acme.example", password=PASSWORD)

    for name in ("connect-app", "app-created", "app-installed"):
        assert client.get(address(name)).status_code == HTTPStatus.FORBIDDEN
