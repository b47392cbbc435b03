"""The cast: Acme with Ada (admin), Mel (member) and Vic (read-only), and Rival."""

import pytest

from tenants.models import Role
from tenants.scope import organization_scope
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory


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
