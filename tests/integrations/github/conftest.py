"""The stand-in for GitHub, for the tests of this folder."""

import pytest

from tests.github_server.server import GitHubServer
from tests.integrations.github.stage import Stage


@pytest.fixture
def github(settings):
    """A GitHub that fails the test where a request is not as GitHub describes it."""
    settings.ALLOW_PRIVATE_ADDRESSES = ["127.0.0.1"]
    with GitHubServer() as server:
        yield server


@pytest.fixture
def stage(github, tmp_path, acme):
    return Stage(github, tmp_path)
