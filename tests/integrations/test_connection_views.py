"""The pages of connections: by token, and what admins do with one."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.urls import reverse
from django.utils import timezone

from integrations.codehosts import CodeHostBusyError
from integrations.credentials import unlock
from integrations.models import (
    Connection,
    ConnectionKind,
    ConnectionState,
    SignIn,
    WebhookEndpoint,
)
from integrations.registry import ACCOUNTS
from integrations.review_hosts import AccessLostError
from integrations.webhooks import endpoint_secret, endpoint_url, make_endpoint
from tenants.jobs import JobStatus
from tenants.models import AuditEvent
from tests.factories import (
    AppConnectionFactory,
    ConnectionFactory,
    GitHubAppFactory,
    RepositoryLinkFactory,
    WebhookEndpointFactory,
    WebhookReceiptFactory,
)
from tests.fake_accounts import FakeAccount, a_check

TOKEN = "glpat-0123456789abcdefghij"


@pytest.fixture
def account(monkeypatch):
    fake = FakeAccount()
    for kind in (ConnectionKind.GITHUB, ConnectionKind.GITLAB):
        monkeypatch.setitem(ACCOUNTS, kind, fake.of_connection)
    return fake


@pytest.fixture
def as_ada(client, ada, account):
    client.force_login(ada)
    return client


def address(name, *arguments):
    return reverse(f"integrations:{name}", args=["acme", *arguments])


def by_token(**facts):
    connection = ConnectionFactory(kind=ConnectionKind.GITLAB, sign_in=SignIn.TOKEN, **facts)
    make_endpoint(kind=ConnectionKind.GITLAB, connection=connection)
    return connection


def a_certificate():
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Acme's own authority")])
    now = timezone.now()
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=1,
        not_valid_before=now,
        not_valid_after=now + timedelta(days=1),
    )
    signed = builder.sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def post_token(client, kind="gitlab", **fields):
    values = {"token": TOKEN, "base_url": "", "ca_bundle": "", "name": "", **fields}
    return client.post(address("connect-token", kind), values)


def body(response):
    return response.content.decode()


def test_who_has_no_connection_is_led_to_one(as_ada):
    page = body(as_ada.get(address("connections")))

    assert "Connect a code host to begin" in page
    assert address("connect-app") in page
    assert address("connect-token", "gitlab") in page


def test_the_list_shows_state_events_and_projects_in_few_queries(as_ada, django_assert_num_queries):
    for index in range(3):
        connection = AppConnectionFactory(
            account=f"org-{index}", state=ConnectionState.LIMITED, checked_at=timezone.now()
        )
        WebhookEndpointFactory(app=connection.app)
        RepositoryLinkFactory(connection=connection)
    by_token(name="Ours")
    GitHubAppFactory(name="Waiting App")
    WebhookEndpoint.objects.update(last_received_at=timezone.now() - timedelta(hours=2))
    as_ada.get(address("connections"))

    with django_assert_num_queries(7):
        page = body(as_ada.get(address("connections")))

    assert page.count("Works in part") == 3
    assert page.count("2 h") == 4
    assert "Waiting App is installed nowhere yet" in page


@pytest.mark.parametrize(
    ("public_url", "is_told"),
    [("http://127.0.0.1:8000", True), ("https://assay.acme.example", False)],
)
def test_an_address_that_no_code_host_reaches_is_told(as_ada, settings, public_url, is_told):
    settings.PUBLIC_URL = public_url

    for name in ("connections", "connect-app"):
        assert ("An operator sets PUBLIC_URL" in body(as_ada.get(address(name)))) is is_told


def test_members_see_no_connections(client, mel, vic):
    for person in (mel, vic):
        client.force_login(person)

        assert client.get(address("connections")).status_code == HTTPStatus.FORBIDDEN
        assert post_token(client).status_code == HTTPStatus.FORBIDDEN

    assert not Connection.objects.exists()


def test_a_token_is_stored_checked_and_never_shown(as_ada):
    response = post_token(as_ada, name="Ours")

    connection = Connection.objects.get()
    assert response.headers["Location"] == address("connection", connection.id)
    assert (connection.name, connection.base_url) == ("Ours", "https://gitlab.com")
    assert connection.state == ConnectionState.WORKING
    assert unlock(connection.encrypted_credentials) == {"token": TOKEN}
    page = body(as_ada.get(response.headers["Location"]))
    assert "Ours works." in page
    assert "contents:read label" in page
    assert "reading code" in page
    assert TOKEN not in page
    assert endpoint_secret(connection.endpoint) not in page
    audit = str(list(AuditEvent.objects.values()))
    assert TOKEN not in audit
    assert {"connection.added", "connection.checked"} == set(
        AuditEvent.objects.values_list("action", flat=True)
    )


def test_a_connection_is_named_after_its_host(as_ada):
    post_token(as_ada, base_url="https://gitlab.acme.example/")

    connection = Connection.objects.get()
    assert (connection.name, connection.base_url) == (
        "gitlab.acme.example",
        "https://gitlab.acme.example",
    )


@pytest.mark.parametrize(
    ("base_url", "words"),
    [
        ("http://gitlab.acme.example", "must begin with https://"),
        ("https://user:pw@gitlab.acme.example", "without a name or password"),
        ("javascript:alert(1)", "no web address"),
        ("https://gitlab.acme.example/?a=b", "address of the host alone"),
        ("https://gitlab.acme.example;script-src", "sign that no host"),
        ("http://169.254.169.254/latest", "must begin with https://"),
    ],
)
def test_an_address_that_must_not_be_called_is_refused(as_ada, base_url, words):
    response = post_token(as_ada, base_url=base_url)

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert words in body(response)
    assert TOKEN not in body(response)
    assert not Connection.objects.exists()


def test_own_authorities_are_kept_as_certificates_alone(as_ada):
    certificate = a_certificate()

    post_token(as_ada, ca_bundle=f"Our authority:\n{certificate}and a note\n")

    assert Connection.objects.get().ca_bundle == certificate


@pytest.mark.parametrize(
    ("bundle", "words"),
    [
        ("not a certificate", "no certificates in PEM form"),
        ("-----BEGIN CERTIFICATE-----\nYWJj\n-----END CERTIFICATE-----", "no certificates"),
        ("-----BEGIN PRIVATE KEY-----\nYWJj\n-----END PRIVATE KEY-----", "private key in it"),
    ],
)
def test_what_is_no_certificate_is_refused(as_ada, bundle, words):
    response = post_token(as_ada, ca_bundle=bundle)

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert words in body(response)
    assert not Connection.objects.exists()


def test_a_private_key_is_not_shown_again(as_ada):
    response = post_token(
        as_ada, ca_bundle="-----BEGIN PRIVATE KEY-----\nYWJj\n-----END PRIVATE KEY-----"
    )

    assert "YWJj" not in body(response)


def test_a_token_that_was_copied_badly_is_refused(as_ada):
    for token in ("two words", "ümlaut", "line\nbreak", ""):
        assert post_token(as_ada, token=token).status_code == HTTPStatus.UNPROCESSABLE_ENTITY

    assert not Connection.objects.exists()


def test_a_taken_name_is_refused_at_its_field(as_ada):
    post_token(as_ada, name="Ours")

    response = post_token(as_ada, name="Ours")

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "connection named Ours already" in body(response)
    assert Connection.objects.count() == 1


def test_there_is_no_token_for_other_kinds(as_ada):
    assert as_ada.get(address("connect-token", "local_git")).status_code == HTTPStatus.NOT_FOUND
    assert post_token(as_ada, kind="svn").status_code == HTTPStatus.NOT_FOUND


def test_a_check_says_what_is_missing_and_what_for(as_ada, account):
    account.checks = [a_check("hooks:write", ok=False, needed_for="hearing of replies")]
    connection = by_token()

    response = as_ada.post(
        address("check-connection", connection.id), headers={"HX-Request": "true"}
    )

    page = body(response)
    assert "Works in part" in page
    assert "hooks:write label is missing; it is needed for: hearing of replies." in page
    assert "Missing" in page
    assert "<html" not in page


def test_a_revoked_token_is_shown_with_its_remedy(as_ada, account):
    account.broken = AccessLostError("The token was revoked; enter another one.")
    connection = by_token()

    response = as_ada.post(address("check-connection", connection.id), follow=True)

    assert "Does not work" in body(response)
    assert "The token was revoked; enter another one." in body(response)


def test_a_host_that_does_not_answer_leaves_the_state(as_ada, account):
    account.broken = CodeHostBusyError("No answer.")
    connection = by_token(state=ConnectionState.WORKING)

    response = as_ada.post(address("check-connection", connection.id), follow=True)

    assert "does not answer at the moment" in body(response)
    connection.refresh_from_db()
    assert connection.state == ConnectionState.WORKING


def test_the_webhooks_secret_is_shown_when_asked_for_and_that_is_audited(as_ada):
    connection = by_token()

    response = as_ada.post(address("show-webhook", connection.id))

    assert endpoint_url(connection.endpoint) in body(response)
    assert endpoint_secret(connection.endpoint) in body(response)
    assert "no-store" in response.headers["Cache-Control"]
    assert AuditEvent.objects.get().action == "connection.webhook_shown"
    assert endpoint_secret(connection.endpoint) not in str(list(AuditEvent.objects.values()))


def test_an_apps_secret_is_never_shown(as_ada):
    connection = AppConnectionFactory()
    WebhookEndpointFactory(app=connection.app)

    response = as_ada.post(address("show-webhook", connection.id))

    assert response.status_code == HTTPStatus.NOT_FOUND


def test_a_refusal_of_events_is_shown(as_ada):
    connection = by_token()
    WebhookEndpoint.objects.update(
        last_refused_at=timezone.now(), last_refusal="The secret is another one."
    )

    page = body(as_ada.get(address("connection", connection.id)))

    assert "The secret is another one." in page
    assert "None yet." in page


def test_repositories_without_a_webhook_are_named(as_ada):
    link = RepositoryLinkFactory(
        connection=by_token(), location="acme/shop", hook_problem="No webhook was made: refused."
    )

    page = body(as_ada.get(address("connection", link.connection_id)))

    assert "No webhook was made: refused." in page


def test_another_token_is_checked_at_once(as_ada, account):
    connection = by_token(state=ConnectionState.BROKEN)

    as_ada.post(address("change-token", connection.id), {"token": "glpat-another"})

    connection.refresh_from_db()
    assert connection.state == ConnectionState.WORKING
    assert unlock(connection.encrypted_credentials) == {"token": "glpat-another"}


def test_a_connection_gets_another_name(as_ada):
    connection = by_token(name="Old")

    as_ada.post(address("rename-connection", connection.id), {"name": "New"})
    refused = as_ada.post(address("rename-connection", connection.id), {"name": ""})

    connection.refresh_from_db()
    assert connection.name == "New"
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_removing_says_what_stops_and_then_does_it(as_ada):
    link = RepositoryLinkFactory(connection=by_token(name="Ours"))

    page = body(as_ada.get(address("connection", link.connection_id)))
    response = as_ada.post(address("remove-connection", link.connection_id), follow=True)

    assert "1 project will show no code" in page
    assert "Ours is removed. Projects and findings are still here." in body(response)
    assert not Connection.objects.exists()


# The newest events


def an_event(connection, **facts):
    endpoint = WebhookEndpoint.objects.get(connection=connection)
    return WebhookReceiptFactory(endpoint=endpoint, event="Note Hook", **facts)


def test_the_newest_events_are_shown_with_what_came_of_them(as_ada, django_assert_num_queries):
    connection = by_token()
    an_event(connection, status=JobStatus.DONE, outcome="agree by mel: done.")
    an_event(connection, status=JobStatus.FAILED, error="It was <b>gone</b>.")
    as_ada.get(address("connection", connection.pk))

    with django_assert_num_queries(8):
        page = body(as_ada.get(address("connection", connection.pk)))

    assert page.count("Note Hook") == 2
    assert "agree by mel: done." in page
    assert "It was &lt;b&gt;gone&lt;/b&gt;." in page
    assert page.count("Try again") == 1


def test_a_failed_event_is_processed_again(as_ada):
    connection = by_token()
    event = an_event(connection, status=JobStatus.FAILED, error="It was gone.", attempts=30)

    response = as_ada.post(address("retry-event", connection.pk, event.pk), follow=True)

    event.refresh_from_db()
    assert (event.status, event.attempts, event.error) == (JobStatus.WAITING, 0, "")
    assert "The event is being processed again." in body(response)


def test_what_did_not_fail_is_not_done_again(as_ada):
    connection = by_token()
    event = an_event(connection, status=JobStatus.DONE, outcome="done")

    as_ada.post(address("retry-event", connection.pk, event.pk))

    event.refresh_from_db()
    assert event.status == JobStatus.DONE


def test_an_event_whose_text_is_gone_cannot_be_tried_again(as_ada):
    connection = by_token()
    event = an_event(connection, status=JobStatus.FAILED, error="It was gone.", body=b"")

    response = as_ada.post(address("retry-event", connection.pk, event.pk), follow=True)

    event.refresh_from_db()
    assert event.status == JobStatus.FAILED
    assert "its text is no longer kept" in body(response)


def test_an_unknown_event_is_not_found(as_ada):
    assert as_ada.post(address("retry-event", by_token().pk, 404_404)).status_code == 404
