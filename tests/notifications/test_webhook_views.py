"""Settings, Webhooks: added, edited, tested, paused, resumed, sent again, removed."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.encryption import decrypt, encrypt
from notifications.models import Delivery, OutgoingWebhook, WebhookState
from notifications.outgoing_webhooks import MOST_WEBHOOKS
from notifications.webhook_health import PAUSED
from tenants.jobs import JobStatus
from tenants.models import AuditEvent
from tests.factories import (
    DeliveryFactory,
    OutgoingWebhookFactory,
    ProjectFactory,
    ScanFactory,
    WebhookCallFactory,
)

pytestmark = pytest.mark.django_db

ENTERED = {
    "name": "Tickets",
    "url": "https://hooks.acme.example/secret-path?key=1",
    "sends_scans": "on",
    "sends_findings": "on",
    "scope": "",
    "secret": "a-secret-of-acme",
}


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


def address(name, *rest):
    return reverse(f"notifications:{name}", args=["acme", *rest])


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_a_webhook_is_added_and_called_with_a_test(as_ada):
    response = as_ada.post(address("add-webhook"), ENTERED)

    row, test = OutgoingWebhook.objects.get(), Delivery.objects.get()
    assert response.headers["Location"] == f"{address('webhook', row.id)}?test={test.id}"
    assert (row.name, row.url, row.state) == ("Tickets", ENTERED["url"], WebhookState.ACTIVE)
    assert decrypt(row.encrypted_secret) == "a-secret-of-acme"
    assert (test.kind, test.channel, test.webhook) == ("test", "webhook", row)


def test_neither_the_secret_nor_the_path_is_shown_or_audited(as_ada):
    as_ada.post(address("add-webhook"), ENTERED)
    row = OutgoingWebhook.objects.get()

    pages = [
        as_ada.get(address(name, *rest)).content.decode()
        for name, rest in [("webhooks", []), ("webhook", [row.id]), ("edit-webhook", [row.id])]
    ]

    assert not any("a-secret-of-acme" in page for page in pages)
    assert not any("secret-path" in page for page in pages[:2])
    event = AuditEvent.objects.get(action="webhook.added")
    assert event.after == {
        "name": "Tickets",
        "host": "hooks.acme.example",
        "sends_scans": True,
        "sends_findings": True,
        "project_id": None,
        "tag": "",
        "is_signed": True,
    }


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Enter a name to know it by."),
        ("url", "", "Enter the address that is to be called."),
        ("url", "hooks.example", "This is no web address"),
        ("url", "ftp://hooks.example", "This is no web address"),
        ("url", "http://hooks.example", "must begin with https://"),
        ("url", "https://ada:pw@hooks.example", "without a name or password"),
        ("secret", "too-short", "at least 15 characters"),
        ("scope", "project:999999", "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_stored(as_ada, field, value, words):
    response = as_ada.post(address("add-webhook"), {**ENTERED, field: value})

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert words in response.content.decode()
    assert not OutgoingWebhook.objects.exists()


def test_a_webhook_hears_of_something(as_ada):
    entered = {key: value for key, value in ENTERED.items() if not key.startswith("sends_")}

    response = as_ada.post(address("add-webhook"), entered)

    assert "Choose at least one thing" in response.content.decode()


def test_there_is_an_end_to_webhooks(as_ada):
    OutgoingWebhookFactory.create_batch(MOST_WEBHOOKS)

    response = as_ada.post(address("add-webhook"), ENTERED)

    assert response.status_code == HTTPStatus.CONFLICT
    assert OutgoingWebhook.objects.count() == MOST_WEBHOOKS


def test_a_project_or_a_tag_is_chosen(as_ada):
    project = ProjectFactory(name="acme/shop", tags=["payments: eu"])
    row = OutgoingWebhookFactory()

    as_ada.post(address("edit-webhook", row.id), {**ENTERED, "scope": f"project:{project.id}"})
    row.refresh_from_db()
    assert (row.project, row.tag) == (project, "")

    as_ada.post(address("edit-webhook", row.id), {**ENTERED, "scope": "tag:payments: eu"})
    row.refresh_from_db()
    assert (row.project, row.tag) == (None, "payments: eu")
    page = as_ada.get(address("edit-webhook", row.id)).content.decode()
    assert "selected>payments: eu</option>" in page


def test_a_project_that_was_archived_stays_chosen(as_ada):
    project = ProjectFactory(is_archived=True)
    row = OutgoingWebhookFactory(project=project)

    as_ada.post(address("edit-webhook", row.id), {**ENTERED, "scope": f"project:{project.id}"})

    row.refresh_from_db()
    assert (row.name, row.project) == ("Tickets", project)


@pytest.mark.parametrize(
    ("entered", "kept"),
    [
        ({"secret": ""}, "the-old-secret-of-acme"),
        ({"secret": "", "removes_secret": "on"}, ""),
        ({"secret": "the-new-secret-of-acme"}, "the-new-secret-of-acme"),
    ],
)
def test_a_secret_is_kept_removed_or_replaced(as_ada, entered, kept):
    row = OutgoingWebhookFactory(encrypted_secret=encrypt("the-old-secret-of-acme"))

    as_ada.post(address("edit-webhook", row.id), {**ENTERED, **entered})

    row.refresh_from_db()
    assert (decrypt(row.encrypted_secret) if row.encrypted_secret else "") == kept


def test_a_test_tells_how_it_went(as_ada):
    test = WebhookCallFactory()
    page = address("webhook-trial", test.webhook_id, test.id)
    waiting = as_ada.get(page).content.decode()
    Delivery.objects.update(status=JobStatus.FAILED, error="The receiver answered 500.")
    failed = as_ada.get(page).content.decode()
    Delivery.objects.update(status=JobStatus.DONE, error="")
    test.tries.create(answer="204 No Content", milliseconds=12)
    taken = as_ada.get(page).content.decode()

    assert 'hx-trigger="every 1s"' in waiting
    assert "The receiver answered 500." in failed
    assert "every 1s" not in failed
    assert ("webhook-log" in waiting, "webhook-log" in failed) == (False, True)
    assert "204 No Content" in taken


def test_only_tests_of_the_webhook_are_shown_as_such(as_ada):
    test, other = WebhookCallFactory(), OutgoingWebhookFactory()
    scan = WebhookCallFactory(webhook=test.webhook, kind="scan")

    assert as_ada.get(address("webhook-trial", other.id, test.id)).status_code == 404
    assert as_ada.get(address("webhook-trial", test.webhook_id, scan.id)).status_code == 404


def test_a_webhook_is_paused_and_resumed_with_what_waited(as_ada):
    row = OutgoingWebhookFactory()
    as_ada.post(address("pause-webhook", row.id))
    row.refresh_from_db()
    assert row.state == WebhookState.PAUSED
    failed = {"webhook": row, "kind": "scan", "status": JobStatus.FAILED}
    held = WebhookCallFactory(**failed, error=PAUSED)
    dead = WebhookCallFactory(**failed, error="The receiver answered 400.")
    others = WebhookCallFactory(kind="scan", status=JobStatus.FAILED, error=PAUSED)

    response = as_ada.post(address("resume-webhook", row.id))

    assert said(response)[-1] == "The webhook is called again. 1 message that waited goes out now."
    row.refresh_from_db()
    assert row.state == WebhookState.ACTIVE
    statuses = dict(Delivery.objects.values_list("id", "status"))
    assert statuses == {held.id: "waiting", dead.id: "failed", others.id: "failed"}
    actions = AuditEvent.objects.order_by("id").values_list("action", flat=True)
    assert list(actions) == ["webhook.paused", "webhook.resumed"]


def test_to_resume_forgets_earlier_failures(as_ada):
    row = OutgoingWebhookFactory(
        state=WebhookState.FAILING,
        failure_count=12,
        failing_since=timezone.now() - timedelta(hours=3),
        last_error="No answer.",
    )

    as_ada.post(address("resume-webhook", row.id))

    row.refresh_from_db()
    assert (row.failure_count, row.failing_since, row.last_error) == (0, None, "")


def test_what_was_given_up_is_sent_again_from_the_log(as_ada):
    dead = WebhookCallFactory(
        kind="scan", status=JobStatus.FAILED, error="The receiver answered 400.", is_in_doubt=True
    )
    page = as_ada.get(address("webhook", dead.webhook_id)).content.decode()
    assert "An earlier try may have arrived." in page

    as_ada.post(address("retry-call", dead.webhook_id, dead.id))

    dead.refresh_from_db()
    assert (dead.status, dead.may_repeat) == (JobStatus.WAITING, True)


def test_a_message_of_another_channel_is_not_sent_again_from_here(as_ada):
    mail = DeliveryFactory(status=JobStatus.FAILED)
    row = OutgoingWebhookFactory()

    assert as_ada.post(address("retry-call", row.id, mail.id)).status_code == 404
    mail.refresh_from_db()
    assert mail.status == JobStatus.FAILED


def test_a_webhook_is_removed_with_its_log(as_ada):
    dead = WebhookCallFactory(status=JobStatus.FAILED)

    response = as_ada.post(address("remove-webhook", dead.webhook_id))

    assert response.headers["Location"] == address("webhooks")
    assert not OutgoingWebhook.objects.exists()
    assert not Delivery.objects.exists()
    assert AuditEvent.objects.get().action == "webhook.removed"


def test_the_log_is_paged_by_key_and_costs_as_many_queries_however_long(as_ada):
    row, scan = OutgoingWebhookFactory(), ScanFactory()
    first = WebhookCallFactory(webhook=row, kind="scan", scan=scan)
    first.tries.create(error="No answer.")
    page = address("webhook", row.id)
    as_ada.get(page)
    with CaptureQueriesContext(connection) as short:
        as_ada.get(page)
    calls = WebhookCallFactory.create_batch(25, webhook=row, kind="scan", scan=scan)
    for one in calls:
        one.tries.create(answer="200 OK")

    with CaptureQueriesContext(connection) as long:
        newest = as_ada.get(page)
    older = as_ada.get(page, {"before": newest.context["log"].next_before})

    assert len(long) == len(short)
    shown = [entry.delivery.id for entry in newest.context["log"].entries]
    rest = [entry.delivery.id for entry in older.context["log"].entries]
    assert shown + rest == [one.id for one in reversed(calls)] + [first.id]
    assert older.context["log"].next_before is None


def test_the_list_costs_as_many_queries_however_many_webhooks(as_ada):
    OutgoingWebhookFactory()
    as_ada.get(address("webhooks"))
    with CaptureQueriesContext(connection) as one:
        as_ada.get(address("webhooks"))
    OutgoingWebhookFactory.create_batch(5, project=ProjectFactory())

    with CaptureQueriesContext(connection) as many:
        as_ada.get(address("webhooks"))

    assert len(many) == len(one)


@pytest.mark.parametrize("person", ["mel", "vic"])
def test_only_admins_see_webhooks(client, request, person):
    client.force_login(request.getfixturevalue(person))

    response = client.get(address("webhooks"))

    assert response.status_code == HTTPStatus.FORBIDDEN
    assert b"ask an admin" in response.content
