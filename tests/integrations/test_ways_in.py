"""From a token's page to an imported project, against stand-ins for GitHub and GitLab."""

import pytest
from django.urls import reverse

from integrations.models import Connection, ConnectionState, RepositoryLink
from integrations.webhooks import endpoint_url
from tests.github_server.server import GitHubServer
from tests.gitlab_server.server import GitLabServer
from tests.integrations.repositories import make_repository

NAME = "acme/shop"


@pytest.fixture
def folder(settings, tmp_path):
    settings.ALLOW_PRIVATE_ADDRESSES = ["127.0.0.1"]
    settings.CODE_HOST_SECONDS_BETWEEN_WRITES = 0
    make_repository(tmp_path / "shop", {"a.py": "a\n"})
    return tmp_path / "shop"


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


def connect(client, kind, server, token):
    client.post(
        reverse("integrations:connect-token", args=["acme", kind]),
        {"base_url": server.url, "token": token},
    )
    return Connection.objects.get()


def imported(client, connection):
    offered = client.get(reverse("console:import", args=["acme"])).content.decode()
    assert f'value="{NAME}"' in offered
    client.post(
        reverse("console:import-chosen", args=["acme"]),
        {"connection": connection.id, "repository": NAME, "tags": ""},
    )
    return RepositoryLink.objects.select_related("project").get()


def test_a_github_token_leads_to_a_project_with_a_webhook(as_ada, folder):
    with GitHubServer() as server:
        server.add_repository(NAME, folder)
        connection = connect(as_ada, "github", server, server.add_token("acme-bot", [NAME]))
        link = imported(as_ada, connection)
        hooks = [hook.url for hook in server.repositories[NAME].hooks.values()]

    assert connection.state == ConnectionState.WORKING, connection.state_detail
    assert connection.actor_login == "acme-bot"
    assert (link.project.name, link.project.primary_branch) == (NAME, "main")
    assert (link.hook_problem, hooks) == ("", [endpoint_url(connection.endpoint)])


def test_a_gitlab_token_leads_to_a_project_with_a_webhook(as_ada, folder):
    with GitLabServer() as server:
        server.add_repository(NAME, folder)
        token = server.add_token("project_1_bot_ab12", [NAME])
        connection = connect(as_ada, "gitlab", server, token)
        link = imported(as_ada, connection)
        hooks = [hook.url for hook in server.repositories[NAME].hooks.values()]

    assert connection.state == ConnectionState.WORKING, connection.state_detail
    assert connection.actor_login == "project_1_bot_ab12"
    assert (link.project.name, link.project.primary_branch) == (NAME, "main")
    assert (link.hook_problem, hooks) == ("", [endpoint_url(connection.endpoint)])


def test_a_gitlab_token_of_a_developer_imports_and_says_who_makes_the_webhook(as_ada, folder):
    with GitLabServer() as server:
        server.add_repository(NAME, folder)
        token = server.add_token("project_1_bot_ab12", [NAME], role="developer")
        connection = connect(as_ada, "gitlab", server, token)
        link = imported(as_ada, connection)

    assert link.hook_id == ""
    assert link.hook_problem.startswith("No webhook was made: ")
    page = as_ada.get(reverse("integrations:connection", args=["acme", connection.id]))
    assert "Repositories without a webhook" in page.content.decode()


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_a_token_that_is_none_is_told_with_its_remedy(as_ada, folder, kind):
    with {"github": GitHubServer, "gitlab": GitLabServer}[kind]() as server:
        connection = connect(as_ada, kind, server, "a-token-that-nobody-gave")

    assert connection.state == ConnectionState.BROKEN
    assert "token" in connection.state_detail.lower()


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_a_private_address_is_never_called(as_ada, folder, settings, kind):
    with {"github": GitHubServer, "gitlab": GitLabServer}[kind]() as server:
        settings.ALLOW_PRIVATE_ADDRESSES = []
        as_ada.post(
            reverse("integrations:connect-token", args=["acme", kind]),
            {"base_url": server.url.replace("http:", "https:"), "token": "a-token"},
        )
        requests = list(server.requests)

    assert requests == []
    connection = Connection.objects.get()
    assert connection.state == ConnectionState.BROKEN
    assert "private address" in connection.state_detail
