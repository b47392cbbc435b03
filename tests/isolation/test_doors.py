"""Every address, opened by Rival and by nobody: Acme's rows are neither shown nor changed."""

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tenants.models import TokenKind
from tests.isolation.conftest import MARK, contents
from tests.isolation.doors import ACCOUNT_PAGES, DOORS, Guard, addresses_of

TOKEN_OF = {Guard.CI_TOKEN: TokenKind.CI, Guard.API_TOKEN: TokenKind.API}

pytestmark = pytest.mark.django_db


def doors_of(*guards):
    return [(name, door) for name, doors in DOORS.items() for door in doors if door.guard in guards]


@pytest.fixture
def at_each_door(subtests, acmes):
    """Return a function that tries doors of some guards with a check, each by itself.

    Whatever a call changed is taken back before the next; Acme's rows it must not have changed.
    """

    def try_doors(*guards, check):
        before = contents(acmes)
        tried = doors_of(*guards)
        for name, door in tried:
            cache.clear()
            with subtests.test(f"{name} {door.method}"), transaction.atomic():
                check(name, door)
                assert contents(acmes) == before
                transaction.set_rollback(True)
        assert tried

    return try_doors


def address(name, door, acmes, organization_slug=None):
    parts = {part: getattr(acmes, row) for part, row in door.names_rows.items()}
    if door.guard is Guard.MEMBER:
        parts["organization_slug"] = organization_slug
    return reverse(name, kwargs={**parts, **door.parts})


def call(client, name, door, acmes, organization_slug=None, token=None):
    """Call a door; an error that escapes the view fails the test."""
    send = getattr(client, door.method.lower())
    options = {"headers": {"Authorization": f"Bearer {token}"}} if token else {}
    if door.method != "GET":
        options["data"] = door.body(acmes)
    if door.method != "GET" and door.guard in TOKEN_OF:
        options["content_type"] = "application/json"
    return send(address(name, door, acmes, organization_slug), **options)


def body_of(response):
    return b"".join(response) if response.streaming else response.content


@pytest.fixture
def rons_browser(ron):
    client = Client()
    client.force_login(ron)
    return client


def test_every_address_has_an_entry_and_every_entry_an_address():
    known = {name for name in addresses_of() if not name.startswith(ACCOUNT_PAGES)}

    assert known == set(DOORS)


def test_acmes_pages_do_not_exist_for_rivals_admin(at_each_door, acmes, rons_browser):
    def check(name, door):
        response = call(rons_browser, name, door, acmes, organization_slug="acme")
        assert response.status_code == 404
        assert MARK not in body_of(response).decode()

    at_each_door(Guard.MEMBER, check=check)


def test_acmes_rows_do_not_exist_on_rivals_pages(at_each_door, acmes, rons_browser):
    def check(name, door):
        response = call(rons_browser, name, door, acmes, organization_slug="rival")
        assert response.status_code == door.answer_to_rival
        assert MARK not in body_of(response).decode()

    at_each_door(Guard.MEMBER, check=check)


def test_who_is_not_signed_in_is_asked_to_sign_in(at_each_door, acmes):
    def check(name, door):
        response = call(Client(), name, door, acmes, organization_slug="acme")
        assert response.status_code == 302
        assert response.headers["Location"].startswith(reverse("account_login"))

    at_each_door(Guard.MEMBER, Guard.PERSON, check=check)


def test_acmes_rows_do_not_exist_for_rivals_tokens(at_each_door, acmes, rival_tokens):
    def check(name, door):
        response = call(Client(), name, door, acmes, token=rival_tokens[TOKEN_OF[door.guard]])
        assert response.status_code == door.answer_to_rival
        assert MARK not in body_of(response).decode()

    at_each_door(*TOKEN_OF, check=check)


# The scanner knows a bad token by 401 alone.
@pytest.mark.parametrize(
    ("guard", "other", "status"),
    [(Guard.CI_TOKEN, TokenKind.API, 401), (Guard.API_TOKEN, TokenKind.CI, 404)],
)
def test_a_token_of_the_other_kind_opens_nothing(
    at_each_door, acmes, rival_tokens, guard, other, status
):
    def check(name, door):
        response = call(Client(), name, door, acmes, token=rival_tokens[other])
        assert response.status_code == status

    at_each_door(guard, check=check)


@pytest.mark.parametrize("token", [None, "f" * 64])
def test_without_a_known_token_programs_are_refused(at_each_door, acmes, token):
    def check(name, door):
        assert call(Client(), name, door, acmes, token=token).status_code == 401

    at_each_door(*TOKEN_OF, check=check)


def test_a_session_does_not_stand_in_for_a_token(at_each_door, acmes, rons_browser):
    def check(name, door):
        assert call(rons_browser, name, door, acmes).status_code == 401

    at_each_door(*TOKEN_OF, check=check)


@pytest.mark.parametrize("guard", [Guard.WEBHOOK_KEY, Guard.NOBODY])
def test_open_doors_show_nothing_and_keys_open_nothing_without_their_secret(
    at_each_door, acmes, guard
):
    def check(name, door):
        response = call(Client(), name, door, acmes)
        assert response.status_code == door.answer_to_rival
        assert MARK not in body_of(response).decode()

    at_each_door(guard, check=check)


def test_rivals_front_page_leads_to_rivals_dashboard(rons_browser):
    response = rons_browser.get(reverse("console:home"))

    assert response.headers["Location"] == "/orgs/rival/dashboard"
