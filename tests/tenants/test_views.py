"""The page Settings, Tokens."""

import re
from http import HTTPStatus
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from tenants.audit import Actor
from tenants.models import ApiToken, AuditEvent, TokenKind
from tenants.scope import organization_scope
from tenants.tokens import create_token, recognize_token

PAGE = "/orgs/acme/settings/tokens"


def test_a_token_is_shown_once(client, ada):
    client.force_login(ada)

    made = client.post(PAGE, {"name": "GitHub Actions", "kind": "ci"})
    text = re.search(r"<code>([0-9a-f]{64})</code>", made.content.decode()).group(1)
    later = client.get(PAGE)

    assert made.status_code == HTTPStatus.CREATED
    assert "no-store" in made.headers["Cache-Control"]
    assert recognize_token(text).name == "GitHub Actions"
    assert text not in later.content.decode()
    assert f"{text[:8]}…" in later.content.decode()
    assert AuditEvent.objects.get().action == "token.created"


@pytest.mark.parametrize(
    "fields",
    [{"name": "", "kind": "ci"}, {"name": "x" * 101, "kind": "ci"}, {"name": "x", "kind": "root"}],
)
def test_a_wrong_field_makes_no_token(client, ada, fields):
    client.force_login(ada)

    response = client.post(PAGE, fields)

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "field-error" in response.content.decode()
    assert not ApiToken.objects.exists()


def test_a_revoked_token_opens_nothing(client, ada):
    token = create_token(actor=Actor.person(ada), kind=TokenKind.CI, name="Old")
    client.force_login(ada)

    response = client.post(f"{PAGE}/{token.token.id}/revoke", follow=True)

    assert "Old is revoked" in response.content.decode()
    assert recognize_token(token.text) is None


def test_the_token_of_another_organization_is_not_there(client, ada, rival):
    with organization_scope(rival.id):
        token = create_token(actor=Actor.platform(), kind=TokenKind.CI, name="Theirs")
    client.force_login(ada)

    response = client.post(f"{PAGE}/{token.token.id}/revoke")

    assert response.status_code == HTTPStatus.NOT_FOUND
    assert recognize_token(token.text) is not None


@pytest.mark.parametrize("person", ["mel", "vic"])
def test_only_admins_come_to_the_tokens(client, request, person):
    client.force_login(request.getfixturevalue(person))

    answers = [client.get(PAGE), client.post(PAGE, {"name": "x", "kind": "ci"})]

    assert {answer.status_code for answer in answers} == {HTTPStatus.FORBIDDEN}
    assert "ask an admin" in answers[0].content.decode()
    assert not ApiToken.objects.exists()


def test_nobody_can_sign_up(client, db):
    response = client.get(reverse("account_signup"))

    assert "Sign Up Closed" in response.content.decode()


def test_strangers_cannot_make_us_read_a_form_of_any_size(client, db):
    form = {"login": "ada@acme.example", "password": "p" * 3 * 2**20}

    response = client.post(
        reverse("account_login"), urlencode(form), "application/x-www-form-urlencoded"
    )

    assert response.status_code == HTTPStatus.BAD_REQUEST


def test_wrong_passwords_of_one_address_behind_a_proxy_lock_nobody_else_out(client, db, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def sign_in(number, address):
        form = {"login": f"nobody{number}@acme.example", "password": "not the password"}
        # The part before the last is what the visitor says of herself.
        forwarded = {"X-Forwarded-For": f"192.0.2.{number}, {address}"}
        return client.post(reverse("account_login"), form, headers=forwarded).status_code

    statuses = [sign_in(number, "203.0.113.7") for number in range(40)]

    assert statuses[-1] == HTTPStatus.TOO_MANY_REQUESTS
    assert sign_in(41, "203.0.113.8") == HTTPStatus.OK


def test_nobody_takes_an_address_that_may_be_another_persons(client, vic):
    vic.set_password("correct horse battery")
    vic.save()
    client.post(reverse("account_login"), {"login": vic.email, "password": "correct horse battery"})
    client.post(reverse("account_reauthenticate"), {"password": "correct horse battery"})

    page = reverse("account_email")
    added = client.post(page, {"email": "ceo@acme.example", "action_add": ""})
    client.post(page, {"email": "ceo@acme.example", "action_primary": ""})

    assert "An operator changes addresses." in added.content.decode()
    vic.refresh_from_db()
    assert vic.email == "vic@acme.example"
