"""Events at the door: genuine ones are kept once each, and nothing else is."""

import datetime as dt
import hashlib
import threading
import zlib

import pytest
from django.db import connection

from core.errors import InvalidInputError
from integrations.announcements import webhook_received
from integrations.deliveries import SignatureRefusedError
from integrations.events import CommentWritten
from integrations.models import WebhookEndpoint, WebhookReceipt
from integrations.webhooks import (
    Received,
    Reception,
    UnknownEndpointError,
    WebhookBodyError,
    endpoint_secret,
    endpoint_url,
    forget_old_receipts,
    make_endpoint,
    read_receipt,
    receive,
)
from tenants.jobs import JobStatus
from tenants.scope import NoScopeError, current_organization_id, organization_scope
from tests.factories import (
    ConnectionFactory,
    GitHubAppFactory,
    OrganizationFactory,
    WebhookEndpointFactory,
    WebhookReceiptFactory,
)
from tests.integrations.hooks import (
    as_bytes,
    github_headers,
    gitlab_headers,
    headers_of,
    key_of,
    on_a_pull_request,
    recorded,
)

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
COMMENT = as_bytes(on_a_pull_request(recorded("github", "issue_comment.created")))
NOTE = as_bytes(recorded("gitlab", "note.discussion"))


def deliver(endpoint, event="issue_comment", body=COMMENT, now=NOW, headers=None):
    return receive(
        kind=endpoint.kind,
        key=key_of(endpoint),
        headers=headers_of(endpoint, event, body) if headers is None else headers,
        body=body,
        now=now,
    )


@pytest.fixture
def endpoint(acme):
    return WebhookEndpointFactory()


@pytest.fixture
def gitlab_endpoint(acme):
    return WebhookEndpointFactory(kind="gitlab", connection=ConnectionFactory(kind="gitlab"))


@pytest.fixture
def announced():
    """The ids of the receipts that were announced."""
    ids = []

    def note(receipt_id, **_announcement):
        ids.append(receipt_id)

    # In place of the pipeline's own receivers, whose tasks are not of interest here.
    before, webhook_received.receivers = webhook_received.receivers, []
    webhook_received.sender_receivers_cache.clear()
    webhook_received.connect(note)
    yield ids
    webhook_received.receivers = before
    webhook_received.sender_receivers_cache.clear()


def test_an_endpoint_has_an_address_and_a_secret_of_256_random_bits(acme, settings):
    settings.PUBLIC_URL = "https://assay.example"

    first = make_endpoint(kind="github", app=GitHubAppFactory())
    second = make_endpoint(kind="github", app=GitHubAppFactory())

    start, _slash, key = endpoint_url(first).rpartition("/")
    assert start == "https://assay.example/integrations/github/webhook"
    assert len(bytes.fromhex(key)) == len(bytes.fromhex(endpoint_secret(first))) == 32
    assert len({key, key_of(second), endpoint_secret(first), endpoint_secret(second)}) == 4


def test_neither_key_nor_secret_is_stored_as_it_is(endpoint):
    row = WebhookEndpoint.objects.values().get()

    assert row["key_hash"] == hashlib.sha256(key_of(endpoint).encode()).hexdigest()
    assert key_of(endpoint) not in str(row)
    assert endpoint_secret(endpoint) not in str(row)


def test_a_key_and_a_secret_that_were_agreed_before_are_taken(acme):
    endpoint = make_endpoint(
        kind="github", app=GitHubAppFactory(), key="ab" * 32, secret="chosen by GitHub"
    )

    assert key_of(endpoint) == "ab" * 32
    assert endpoint_secret(endpoint) == "chosen by GitHub"


def test_a_genuine_event_is_kept(endpoint):
    received = deliver(endpoint)

    receipt = WebhookReceipt.objects.get()
    assert received == Received(reception=Reception.STORED, receipt_id=receipt.id)
    assert (receipt.endpoint, receipt.event) == (endpoint, "issue_comment")
    assert receipt.delivery_id == "72d3162e-cc78-11e3-81ab-4c9367dc0958"
    assert zlib.decompress(bytes(receipt.body)) == COMMENT
    assert receipt.sha256 == hashlib.sha256(b"issue_comment\0" + COMMENT).hexdigest()
    assert (receipt.status, receipt.received_at) == (JobStatus.WAITING, NOW)
    assert receipt.next_attempt_at == NOW


def test_no_scope_is_needed_and_none_is_left_open(db):
    organization = OrganizationFactory()
    with organization_scope(organization.id):
        endpoint = WebhookEndpointFactory()

    deliver(endpoint)

    with pytest.raises(NoScopeError):
        current_organization_id()
    with organization_scope(organization.id):
        assert WebhookReceipt.objects.count() == 1


def test_an_event_of_gitlab_is_kept_by_its_token(gitlab_endpoint):
    received = deliver(gitlab_endpoint, event="Note Hook", body=NOTE)

    receipt = WebhookReceipt.objects.get(id=received.receipt_id)
    assert receipt.event == "Note Hook"
    assert receipt.delivery_id == "f5e5f430-f57b-4e6e-9fac-d9128cd7232f"


def test_a_kept_event_can_be_read(endpoint):
    received = deliver(endpoint)

    read = read_receipt(WebhookReceipt.objects.get(id=received.receipt_id))

    assert isinstance(read.event, CommentWritten)
    assert read.installation_id == 1


@pytest.mark.django_db(transaction=True)
def test_an_event_is_announced_once_it_is_stored(endpoint, announced):
    first = deliver(endpoint)
    deliver(endpoint)

    assert announced == [first.receipt_id]


def test_the_same_event_again_is_known(endpoint):
    first = deliver(endpoint)
    headers = github_headers(endpoint_secret(endpoint), "issue_comment", COMMENT, "another-id")

    again = deliver(endpoint, headers=headers)

    assert again == Received(reception=Reception.KNOWN, receipt_id=first.receipt_id)
    assert WebhookReceipt.objects.count() == 1


def test_the_same_text_as_another_event_is_another_event(endpoint):
    body = as_bytes({**on_a_pull_request(recorded("github", "issue_comment.created"))})
    deliver(endpoint, event="issue_comment", body=body)

    again = deliver(endpoint, event="pull_request_review_comment", body=body)

    assert again.reception is Reception.STORED


def test_one_event_at_two_endpoints_is_kept_for_each(endpoint):
    deliver(endpoint)

    assert deliver(WebhookEndpointFactory()).reception is Reception.STORED


@pytest.mark.django_db(transaction=True)
def test_two_equal_deliveries_at_one_moment_leave_one_receipt(endpoint, announced):
    headers = headers_of(endpoint, "issue_comment", COMMENT)
    together = threading.Barrier(4)
    receptions = []

    def deliver_with_the_others():
        together.wait()
        receptions.append(deliver(endpoint, headers=headers).reception)
        connection.close()

    threads = [threading.Thread(target=deliver_with_the_others) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(one.value for one in receptions) == ["known", "known", "known", "stored"]
    assert WebhookReceipt.objects.count() == 1
    assert len(announced) == 1


@pytest.mark.django_db(transaction=True)
def test_a_failed_event_that_is_delivered_again_is_tried_again(endpoint, announced):
    first = deliver(endpoint)
    rows = WebhookReceipt.objects.filter(id=first.receipt_id)
    rows.update(status=JobStatus.FAILED, error="gone", body=b"", attempts=5)

    again = deliver(endpoint, now=NOW + dt.timedelta(days=40))

    receipt = rows.get()
    assert again.reception is Reception.KNOWN
    assert (receipt.status, receipt.error, receipt.attempts) == (JobStatus.WAITING, "", 0)
    assert zlib.decompress(bytes(receipt.body)) == COMMENT
    assert announced == [first.receipt_id, first.receipt_id]


@pytest.mark.parametrize("status", [JobStatus.WAITING, JobStatus.RUNNING, JobStatus.DONE])
def test_what_is_done_or_under_way_is_not_done_again(endpoint, status):
    first = deliver(endpoint)
    rows = WebhookReceipt.objects.filter(id=first.receipt_id)
    rows.update(status=status, claims=1)
    before = rows.values().get()

    deliver(endpoint)

    assert rows.values().get() == before


@pytest.mark.parametrize("event", ["ping", "push", "star", "", "x" * 500, "installation\n"])
def test_events_that_nobody_needs_are_answered_and_not_kept(endpoint, event):
    received = deliver(endpoint, event=event, body=b"not even JSON")

    assert received == Received(reception=Reception.NOT_NEEDED)
    assert not WebhookReceipt.objects.exists()
    assert WebhookEndpoint.objects.get(id=endpoint.id).last_received_at == NOW


def test_words_on_plain_issues_are_not_kept(endpoint):
    body = as_bytes(recorded("github", "issue_comment.created"))

    assert deliver(endpoint, body=body).reception is Reception.NOT_NEEDED
    assert not WebhookReceipt.objects.exists()


def test_an_unknown_key_opens_nothing(endpoint):
    with pytest.raises(UnknownEndpointError):
        receive(
            kind="github",
            key="0" * 64,
            headers=headers_of(endpoint, "issue_comment", COMMENT),
            body=COMMENT,
            now=NOW,
        )

    assert not WebhookReceipt.objects.exists()


@pytest.mark.parametrize("kind", ["gitlab", "local_git", "bitbucket", ""])
def test_a_key_of_another_kind_is_unknown(endpoint, kind):
    with pytest.raises(UnknownEndpointError):
        receive(
            kind=kind,
            key=key_of(endpoint),
            headers=gitlab_headers(endpoint_secret(endpoint), "Note Hook"),
            body=NOTE,
            now=NOW,
        )


@pytest.mark.parametrize("kind", ["github", "nonsense"])
def test_an_unknown_key_and_an_unknown_kind_cost_the_same(
    endpoint, kind, django_assert_num_queries
):
    # The key is set in the session, looked up, and taken out of the session again.
    with django_assert_num_queries(3), pytest.raises(UnknownEndpointError):
        receive(kind=kind, key="no key at all\udcff", headers={}, body=b"", now=NOW)


def test_a_new_event_costs_few_statements(endpoint, django_assert_num_queries):
    body_headers = headers_of(endpoint, "issue_comment", COMMENT)

    # Find the endpoint (3), note the time, keep the event; the scope is open already here.
    with django_assert_num_queries(5):
        deliver(endpoint, headers=body_headers)


def test_a_known_event_costs_no_statement_more(endpoint, django_assert_num_queries):
    deliver(endpoint)

    # As above; the time was noted a moment ago.
    with django_assert_num_queries(4):
        deliver(endpoint)


def _wrong_secret():
    return github_headers("another secret", "issue_comment", COMMENT)


def _of_another_body():
    return github_headers("SECRET", "issue_comment", COMMENT + b" ")


def _with(**changes):
    def headers():
        genuine = github_headers("SECRET", "issue_comment", COMMENT)
        return {**genuine, **{name.replace("_", "-"): text for name, text in changes.items()}}

    return headers


@pytest.mark.parametrize(
    "headers",
    [
        dict,
        _wrong_secret,
        _of_another_body,
        _with(X_Hub_Signature_256=""),
        _with(X_Hub_Signature_256="sha256="),
        _with(X_Hub_Signature_256="sha256=" + "é" * 64),
        _with(X_Hub_Signature_256="\udcff"),
        _with(X_Hub_Signature_256="sha1=" + "0" * 40),
        _with(
            X_Hub_Signature_256="",
            X_Hub_Signature="sha1=" + hashlib.sha1(COMMENT).hexdigest(),
        ),
    ],
)
def test_an_event_with_a_wrong_signature_is_refused_and_that_is_noted(acme, headers):
    endpoint = make_endpoint(kind="github", app=GitHubAppFactory(), secret="SECRET")

    with pytest.raises(SignatureRefusedError):
        deliver(endpoint, headers=headers())

    endpoint.refresh_from_db()
    assert endpoint.last_refused_at == NOW
    assert endpoint.last_refusal.startswith("X-Hub-Signature-256: the event is ")
    assert endpoint.last_received_at is None
    assert not WebhookReceipt.objects.exists()


@pytest.mark.parametrize("token", [None, "", "wrong", "é", "SECRET ", "SECRET,SECRET"])
def test_an_event_with_a_wrong_token_is_refused(acme, token):
    endpoint = make_endpoint(
        kind="gitlab", connection=ConnectionFactory(kind="gitlab"), secret="SECRET"
    )
    headers = gitlab_headers(token, "Note Hook") if token is not None else {}

    with pytest.raises(SignatureRefusedError, match=r"^X-Gitlab-Token: "):
        deliver(endpoint, body=NOTE, headers=headers)

    assert not WebhookReceipt.objects.exists()


def test_the_names_of_headers_are_read_in_any_case(endpoint):
    headers = headers_of(endpoint, "issue_comment", COMMENT)

    received = deliver(endpoint, headers={name.lower(): text for name, text in headers.items()})

    assert received.reception is Reception.STORED


@pytest.mark.parametrize(
    ("after_seconds", "noted_again"), [(0, False), (59, False), (60, True), (3600, True)]
)
def test_refusals_are_noted_once_a_minute(endpoint, after_seconds, noted_again):
    later = NOW + dt.timedelta(seconds=after_seconds)
    for moment in (NOW, later):
        with pytest.raises(SignatureRefusedError):
            deliver(endpoint, headers=_wrong_secret(), now=moment)

    endpoint.refresh_from_db()
    assert endpoint.last_refused_at == (later if noted_again else NOW)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"text"',
        b"{",
        b"{} {}",
        b'{"action": "\xff"}',
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b"[" * 100_000,
        b"payload=%7B%7D",
    ],
)
def test_a_body_that_is_no_json_object_is_refused(endpoint, body):
    with pytest.raises(WebhookBodyError, match=r"^The body is not one JSON object"):
        deliver(endpoint, body=body)

    endpoint.refresh_from_db()
    assert endpoint.last_refusal.startswith("The body is not one JSON object")
    assert not WebhookReceipt.objects.exists()


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/json", ""])
def test_another_content_type_is_refused_with_the_remedy(endpoint, content_type):
    headers = headers_of(endpoint, "issue_comment", COMMENT)

    with pytest.raises(WebhookBodyError, match="choose this content type in the webhook's"):
        deliver(endpoint, headers={**headers, "Content-Type": content_type})

    assert not WebhookReceipt.objects.exists()


def test_the_delivery_id_is_kept_as_far_as_it_can_be_shown(endpoint):
    headers = headers_of(endpoint, "issue_comment", COMMENT)

    deliver(endpoint, headers={**headers, "X-GitHub-Delivery": "a\0\x1b[31m" + "b" * 200})

    assert WebhookReceipt.objects.get().delivery_id == "a[31m" + "b" * 95


def test_done_receipts_are_forgotten_after_thirty_days(endpoint):
    def receipt(status, days):
        return WebhookReceiptFactory(
            endpoint=endpoint, status=status, received_at=NOW - dt.timedelta(days=days)
        )

    old = receipt(JobStatus.DONE, 31)
    kept = [
        receipt(JobStatus.DONE, 29),
        receipt(JobStatus.WAITING, 31),
        receipt(JobStatus.RUNNING, 31),
        receipt(JobStatus.FAILED, 31),
    ]

    assert forget_old_receipts(NOW) == 1

    assert list(WebhookReceipt.objects.order_by("id")) == kept
    assert not WebhookReceipt.objects.filter(id=old.id).exists()


def test_of_old_failed_receipts_the_reason_stays_and_the_text_goes(endpoint):
    receipt = WebhookReceiptFactory(
        endpoint=endpoint,
        status=JobStatus.FAILED,
        error="Nobody answered.",
        received_at=NOW - dt.timedelta(days=31),
    )

    forget_old_receipts(NOW)

    receipt.refresh_from_db()
    assert (bytes(receipt.body), receipt.error) == (b"", "Nobody answered.")
    with pytest.raises(InvalidInputError, match="have the code host deliver it again"):
        read_receipt(receipt)


def test_another_organizations_receipts_are_not_forgotten(acme, rival):
    with organization_scope(rival.id):
        WebhookReceiptFactory(status=JobStatus.DONE, received_at=NOW - dt.timedelta(days=99))

    assert forget_old_receipts(NOW) == 0

    with organization_scope(rival.id):
        assert WebhookReceipt.objects.count() == 1
