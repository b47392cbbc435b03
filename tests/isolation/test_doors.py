"""Every address, opened by Rival and by nobody: Acme's rows are neither shown nor changed."""

import pytest
from django.test import Client
from django.urls import reverse

from tenants.models import TokenKind
from tests.isolation.conftest import MARK
from tests.isolation.doors import ACCOUNT_PAGES, DOORS, Guard, addresses_of

TOKEN_OF = {Guard.CI_TOKEN: TokenKind.CI, Guard.API_TOKEN: TokenKind.API}
CASES = [
    pytest.param(name, door, id=f"{name} {door.method}")
    for name, doors in DOORS.items()
    for door in doors
]
of_members = [case for case in CASES if case.values[1].guard is Guard.MEMBER]
of_tokens = [case for case in CASES if case.values[1].guard in TOKEN_OF]
of_people = [case for case in CASES if case.values[1].guard in {Guard.MEMBER, Guard.PERSON}]
of_code_hosts = [case for case in CASES if case.values[1].guard is Guard.WEBHOOK_KEY]
of_nobody = [case for case in CASES if case.values[1].guard is Guard.NOBODY]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("untouched")]


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


@pytest.mark.parametrize(("name", "door"), of_members)
def test_acmes_pages_do_not_exist_for_rivals_admin(name, door, acmes, rons_browser):
    response = call(rons_browser, name, door, acmes, organization_slug="acme")

    assert response.status_code == 404
    assert MARK not in body_of(response).decode()


@pytest.mark.parametrize(("name", "door"), of_members)
def test_acmes_rows_do_not_exist_on_rivals_pages(name, door, acmes, rons_browser):
    response = call(rons_browser, name, door, acmes, organization_slug="rival")

    assert response.status_code == door.answer_to_rival
    assert MARK not in body_of(response).decode()


@pytest.mark.parametrize(("name", "door"), of_people)
def test_who_is_not_signed_in_is_asked_to_sign_in(name, door, acmes):
    response = call(Client(), name, door, acmes, organization_slug="acme")

    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(("name", "door"), of_tokens)
def test_acmes_rows_do_not_exist_for_rivals_tokens(name, door, acmes, rival_tokens):
    response = call(Client(), name, door, acmes, token=rival_tokens[TOKEN_OF[door.guard]])

    assert response.status_code == door.answer_to_rival
    assert MARK not in body_of(response).decode()


@pytest.mark.parametrize(("name", "door"), of_tokens)
def test_a_token_of_the_other_kind_opens_nothing(name, door, acmes, rival_tokens):
    # The scanner knows a bad token by 401 alone.
    other, status = {
        Guard.CI_TOKEN: (TokenKind.API, 401),
        Guard.API_TOKEN: (TokenKind.CI, 404),
    }[door.guard]

    response = call(Client(), name, door, acmes, token=rival_tokens[other])

    assert response.status_code == status


@pytest.mark.parametrize("token", [None, "f" * 64])
@pytest.mark.parametrize(("name", "door"), of_tokens)
def test_without_a_known_token_programs_are_refused(name, door, acmes, token):
    response = call(Client(), name, door, acmes, token=token)

    assert response.status_code == 401


@pytest.mark.parametrize(("name", "door"), of_tokens)
def test_a_session_does_not_stand_in_for_a_token(name, door, acmes, rons_browser):
    response = call(rons_browser, name, door, acmes)

    assert response.status_code == 401


@pytest.mark.parametrize(("name", "door"), of_code_hosts)
def test_the_key_of_an_address_opens_nothing_without_its_secret(name, door, acmes):
    response = call(Client(), name, door, acmes)

    assert response.status_code == door.answer_to_rival
    assert MARK not in body_of(response).decode()


@pytest.mark.parametrize(("name", "door"), of_nobody)
def test_open_doors_show_nothing_of_acme(name, door, acmes):
    response = call(Client(), name, door, acmes)

    assert response.status_code == door.answer_to_rival
    assert MARK not in body_of(response).decode()


def test_rivals_front_page_leads_to_rivals_dashboard(rons_browser):
    response = rons_browser.get(reverse("console:home"))

    assert response.headers["Location"] == "/orgs/rival/dashboard"
