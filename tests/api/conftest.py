"""Programs at our doors: a scanner and an API client, each with a token of Acme or Rival."""

import pytest

from tenants.audit import Actor
from tenants.models import TokenKind
from tenants.scope import organization_scope
from tenants.tokens import create_token
from tests.api.programs import Program


def make_token(organization, kind):
    with organization_scope(organization.id):
        return create_token(actor=Actor.platform(), kind=kind, name=f"{kind} token").text


@pytest.fixture
def scanner(acme):
    """A CI job of Acme."""
    return Program(make_token(acme, TokenKind.CI))


@pytest.fixture
def rival_scanner(rival):
    """A CI job of Rival."""
    return Program(make_token(rival, TokenKind.CI))


@pytest.fixture
def api(acme):
    """A program of Acme that reads findings."""
    return Program(make_token(acme, TokenKind.API))


@pytest.fixture
def rival_api(rival):
    """A program of Rival that reads findings."""
    return Program(make_token(rival, TokenKind.API))
