"""The cast: Acme with Ada (admin), Mel (member) and Vic (read-only), and Rival."""

import contextlib

import pytest
from django.core.cache import cache
from django.db import connection
from xdist.scheduler import LoadFileScheduling

from llm.providers.openai import close_connections
from llm.providers.registry import PROVIDERS
from tenants.models import Role
from tenants.scope import organization_scope
from tests.databases import PATTERN, has_pattern, make_pattern
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory
from tests.fakes import ScriptedProvider
from tests.model_server import ModelServer


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """Have this worker's database copied from one that is migrated once for all workers."""
    if has_pattern():
        make_pattern()
        connection.settings_dict["TEST"]["TEMPLATE"] = PATTERN


@pytest.fixture(autouse=True)
def _empty_cache():
    """Forget what earlier tests of this process left: limits of code hosts, files, counts."""
    cache.clear()


@pytest.fixture
def acme(db):
    """The organization Acme, in scope for the length of the test."""
    organization = OrganizationFactory(slug="acme", name="Acme")
    with organization_scope(organization.id):
        yield organization


@pytest.fixture
def rival(db):
    """Another organization, whose people must see nothing of Acme. Not in scope."""
    return OrganizationFactory(slug="rival", name="Rival")


def _person(organization, name, role):
    user = UserFactory(email=f"{name.lower()}@{organization.slug}.example", name=name)
    with organization_scope(organization.id):
        MembershipFactory(user=user, role=role)
    return user


@pytest.fixture
def ada(acme):
    return _person(acme, "Ada", Role.ADMIN)


@pytest.fixture
def mel(acme):
    return _person(acme, "Mel", Role.MEMBER)


@pytest.fixture
def vic(acme):
    return _person(acme, "Vic", Role.READONLY)


@pytest.fixture
def ron(rival):
    """Rival's admin."""
    return _person(rival, "Ron", Role.ADMIN)


@pytest.fixture
def serve_model(settings):
    """Return a function that starts a model's server with replies, and has the settings name it."""
    with contextlib.ExitStack() as servers:
        servers.callback(close_connections)

        def serve(*replies, **options):
            server = servers.enter_context(ModelServer(*replies, **options))
            settings.ASSISTANT_PROVIDER = "openai"
            settings.ASSISTANT_MODEL = "test-model"
            settings.OPENAI_API_KEY = "a-key-for-tests"
            settings.OPENAI_BASE_URL = server.url
            return server

        yield serve


@pytest.fixture
def script_model(settings, monkeypatch):
    """Return a function that makes a provider with scripted replies the one in use."""

    def script(*replies):
        provider = ScriptedProvider(*replies)
        monkeypatch.setitem(PROVIDERS, "scripted", lambda: provider)
        settings.ASSISTANT_PROVIDER = "scripted"
        return provider

    return script


# Stories that share a platform: a worker tells them all, so that it starts once.
TOLD_TOGETHER = {
    "tests/story/test_demo.py": "offline_platform",
    "tests/story/test_policies.py": "offline_platform",
    "tests/story/test_scans.py": "offline_platform",
    "tests/story/test_change_requests.py": "model_platform",
    "tests/story/test_remedies.py": "model_platform",
    "tests/story/test_slack.py": "model_platform",
}


class FilesAndPlatforms(LoadFileScheduling):
    """Gives a worker a file at a time, or all files that share a platform."""

    def _split_scope(self, nodeid):
        file = super()._split_scope(nodeid)
        return TOLD_TOGETHER.get(file, file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Have xdist share the tests out our way."""
    return FilesAndPlatforms(config, log)


def pytest_collection_modifyitems(items):
    """Start what takes long first, so that two workers end at the same time, and wait longer."""
    items.sort(key=lambda item: not item.get_closest_marker("live"))
    for item in items:
        if item.get_closest_marker("live"):
            item.add_marker(pytest.mark.timeout(900))
