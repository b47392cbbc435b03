"""The door of code hosts, over HTTP."""

import io
import logging

import pytest
from django.test import Client, RequestFactory

from core.redaction import RedactingFilter
from integrations.models import WebhookEndpoint, WebhookReceipt
from integrations.webhook_views import receive_webhook
from integrations.webhooks import endpoint_secret
from tests.factories import ConnectionFactory, WebhookEndpointFactory
from tests.integrations.hooks import (
    as_bytes,
    github_headers,
    headers_of,
    key_of,
    on_a_pull_request,
    recorded,
)

COMMENT = as_bytes(on_a_pull_request(recorded("github", "issue_comment.created")))
NOTE = as_bytes(recorded("gitlab", "note.conversation"))


@pytest.fixture
def endpoint(acme):
    return WebhookEndpointFactory()


def address(endpoint):
    return f"/integrations/{endpoint.kind}/webhook/{key_of(endpoint)}"


def post(endpoint, event="issue_comment", body=COMMENT, headers=None):
    headers = headers or headers_of(endpoint, event, body)
    # As a code host calls: with no session, and no token against forged forms.
    return Client(enforce_csrf_checks=True).post(
        address(endpoint), body, content_type=headers.pop("Content-Type"), headers=headers
    )


def test_a_new_event_is_accepted_and_the_same_again_is_known(endpoint):
    first, again = post(endpoint), post(endpoint)

    assert (first.status_code, first.json()) == (202, {"status": "stored"})
    assert (again.status_code, again.json()) == (200, {"status": "known"})
    assert WebhookReceipt.objects.count() == 1


def test_an_event_of_gitlab_is_accepted(acme):
    endpoint = WebhookEndpointFactory(kind="gitlab", connection=ConnectionFactory(kind="gitlab"))

    response = post(endpoint, event="Note Hook", body=NOTE)

    assert response.status_code == 202
    assert WebhookReceipt.objects.get().event == "Note Hook"


def test_a_ping_is_answered(endpoint):
    response = post(endpoint, event="ping", body=as_bytes(recorded("github", "ping")))

    assert (response.status_code, response.json()) == (200, {"status": "not needed"})
    assert not WebhookReceipt.objects.exists()


def test_a_wrong_signature_is_refused_with_the_remedy(endpoint):
    response = post(endpoint, headers=github_headers("wrong", "issue_comment", COMMENT))

    assert response.status_code == 401
    assert response.json() == {
        "error": {
            "code": "signature_refused",
            "message": "X-Hub-Signature-256: the event is signed with another secret; enter the"
            " secret of this address in the webhook's settings at GitHub.",
        }
    }
    assert WebhookEndpoint.objects.get().last_refusal == response.json()["error"]["message"]
    assert not WebhookReceipt.objects.exists()


def test_unknown_keys_and_kinds_get_one_answer(endpoint):
    headers = headers_of(endpoint, "issue_comment", COMMENT)
    content_type = headers.pop("Content-Type")
    key = key_of(endpoint)

    answers = {
        (response.status_code, response.content)
        for response in (
            Client().post(path, COMMENT, content_type=content_type, headers=headers)
            for path in (
                f"/integrations/github/webhook/{'0' * 64}",
                f"/integrations/github/webhook/{key.upper()}",
                f"/integrations/github/webhook/{key}0",
                "/integrations/github/webhook/%00",
                f"/integrations/gitlab/webhook/{key}",
                f"/integrations/local_git/webhook/{key}",
                f"/integrations/bitbucket/webhook/{key}",
            )
        )
    }

    assert [status for status, _content in answers] == [404]
    assert not WebhookReceipt.objects.exists()


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_other_methods_are_refused(endpoint, method):
    response = getattr(Client(), method)(address(endpoint))

    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"


def test_a_body_at_the_limit_is_taken_and_one_over_it_is_not(endpoint, settings):
    settings.WEBHOOK_LIMIT_BYTES = len(COMMENT)

    at_the_limit = post(endpoint)
    over_it = post(endpoint, body=COMMENT + b" ")

    assert (at_the_limit.status_code, over_it.status_code) == (202, 413)
    assert over_it.json()["error"]["code"] == "body_too_large"
    assert WebhookReceipt.objects.count() == 1


class CountingBody(io.BytesIO):
    """A body that knows how much of it was read."""

    def read(self, size=-1):
        part = super().read(size)
        self.was_read = getattr(self, "was_read", 0) + len(part)
        return part


def raw(endpoint, body, **environ):
    """Call the view with a body whose announced length may be a lie."""
    stream = CountingBody(body)
    request = RequestFactory().generic("POST", address(endpoint), b"")
    request.environ |= environ
    request.META |= environ
    request._stream = stream
    return receive_webhook(request, kind=endpoint.kind, key=key_of(endpoint)), stream


def test_of_a_body_longer_than_announced_no_more_is_read_than_the_limit(endpoint, settings):
    settings.WEBHOOK_LIMIT_BYTES = 1000

    response, stream = raw(endpoint, b"x" * 50_000, CONTENT_LENGTH="10")

    assert response.status_code == 413
    assert stream.was_read == 1001


def test_of_a_body_that_is_announced_as_too_long_nothing_is_read(endpoint, settings):
    settings.WEBHOOK_LIMIT_BYTES = 1000

    response, stream = raw(endpoint, b"{}", CONTENT_LENGTH="1001")

    assert response.status_code == 413
    assert not hasattr(stream, "was_read")


def test_a_body_shorter_than_announced_is_refused(endpoint):
    response, _stream = raw(endpoint, b"{}", CONTENT_LENGTH="100")

    assert response.status_code == 400
    assert b"The body ended after 2 of 100 bytes" in response.content


@pytest.mark.parametrize("length", ["", "-1", "ten", "1e3", "٣", "9" * 40])
def test_a_body_without_a_plain_length_is_refused(endpoint, length):
    response, stream = raw(endpoint, b"{}", CONTENT_LENGTH=length)

    assert response.status_code == 411
    assert not hasattr(stream, "was_read")


class BrokenBody:
    """A body whose sender goes away."""

    def read(self, size=-1):
        raise ConnectionResetError


def test_a_sender_who_goes_away_is_no_crash(endpoint):
    request = RequestFactory().post(address(endpoint), b"{}", content_type="application/json")
    request._stream = BrokenBody()

    response = receive_webhook(request, kind="github", key=key_of(endpoint))

    assert response.status_code == 400


def test_a_form_is_refused_with_the_remedy(endpoint):
    body = b"payload=%7B%7D"
    headers = github_headers(endpoint_secret(endpoint), "issue_comment", body)

    response = post(
        endpoint,
        body=body,
        headers={**headers, "Content-Type": "application/x-www-form-urlencoded"},
    )

    assert response.status_code == 400
    assert "application/json" in response.json()["error"]["message"]


@pytest.fixture
def log():
    """All log lines, as the platform's handler writes them."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter())
    root = logging.getLogger()
    root.addHandler(handler)
    before, root.level = root.level, logging.DEBUG
    yield stream
    root.level = before
    root.removeHandler(handler)


def test_the_log_has_neither_key_nor_secret_nor_text(endpoint, log):
    key, secret = key_of(endpoint), endpoint_secret(endpoint)

    post(endpoint)
    post(endpoint, headers=github_headers("wrong", "issue_comment", COMMENT))
    post(endpoint, body=b"[]")

    lines = log.getvalue()
    assert "Unauthorized: /" in lines
    assert key not in lines
    assert secret not in lines
    assert "get this fixed" not in lines


def test_a_session_changes_nothing_and_none_is_begun(endpoint):
    response = post(endpoint)

    assert response.cookies == {}
