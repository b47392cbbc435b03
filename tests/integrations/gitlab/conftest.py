"""GitLab with a project of Acme, a merge request, and a connection by token."""

import pytest

from integrations.credentials import lock_away
from integrations.gitlab.account import GitLabAccount
from integrations.gitlab.codehost import GitLabCodeHost
from integrations.gitlab.review_host import GitLabReviewHost
from integrations.models import ConnectionKind, SignIn
from tests.factories import ConnectionFactory, ProjectFactory, RepositoryLinkFactory
from tests.gitlab_server.server import GitLabServer
from tests.integrations.gitlab.shop import BOT, CHANGED, NAME, VIEWS
from tests.integrations.repositories import make_repository


@pytest.fixture
def gitlab(settings, tmp_path):
    settings.ALLOW_PRIVATE_ADDRESSES = ["127.0.0.1"]
    with GitLabServer() as server:
        make_repository(tmp_path / "shop", {"app/views.py": VIEWS, "README.md": "Shop\n"})
        server.add_repository(NAME, tmp_path / "shop", people={"mel": "developer"})
        yield server


@pytest.fixture
def token(gitlab):
    return gitlab.add_token(BOT, [NAME])


@pytest.fixture
def connection(acme, gitlab, token):
    return ConnectionFactory(
        kind=ConnectionKind.GITLAB,
        sign_in=SignIn.TOKEN,
        base_url=gitlab.url,
        encrypted_credentials=lock_away({"token": token}),
    )


@pytest.fixture
def link(gitlab, connection):
    return RepositoryLinkFactory(
        project=ProjectFactory(name=NAME),
        connection=connection,
        location=NAME,
        external_id=str(gitlab.repositories[NAME].id),
    )


@pytest.fixture
def merge_request(gitlab):
    """A merge request that changes one file and adds another."""
    gitlab.push(NAME, "feature", {"app/views.py": CHANGED, "app/new.py": "a\nb\nc\n"})
    return gitlab.open_merge_request(NAME, "feature", title="Show names")[0]


@pytest.fixture
def code(link):
    return GitLabCodeHost.of_link(link)


@pytest.fixture
def host(link):
    return GitLabReviewHost.of_link(link)


@pytest.fixture
def account(connection):
    return GitLabAccount.of_connection(connection)


@pytest.fixture
def changes(host, merge_request):
    return host.read_changes(number=merge_request.iid, commit=merge_request.sha)
