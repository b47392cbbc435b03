"""An admin's way from no webhook to one that works, and back from one that failed."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone
from playwright.sync_api import expect

from notifications.models import Delivery, OutgoingWebhook
from notifications.webhook_health import PAUSED
from pipeline.jobs import run_job
from pipeline.trades import DELIVERIES
from tests.browser.pages import look_at, sign_in
from tests.factories import OutgoingWebhookFactory, ScanFactory, WebhookCallFactory
from tests.webhook_receiver import WebhookReceiver


def work():
    """Do what a worker would."""
    for one in Delivery.objects.filter(status="waiting"):
        run_job(trade=DELIVERIES, job_id=one.pk, now=timezone.now())


def test_an_admin_adds_a_webhook_and_sees_how_its_test_went(house, visit, settings):
    settings.ALLOW_PRIVATE_ADDRESSES = ["127.0.0.1"]
    page = visit()
    sign_in(page)
    page.goto("/orgs/acme/settings/webhooks")
    look_at(page, "webhooks-none")
    page.goto("/orgs/acme/settings/webhooks/add")
    page.get_by_label("Name").fill("Tickets")
    page.get_by_label("Address").fill("http://10.0.0.8/hook")
    page.get_by_label("Secret").fill("short")
    page.get_by_role("button", name="Add and test").click()
    expect(page.get_by_text("must begin with https://")).to_be_visible()
    expect(page.get_by_text("at least 15 characters", exact=False).first).to_be_visible()
    look_at(page, "webhook-refused")
    page.goto("/orgs/acme/settings/webhooks/add")
    with WebhookReceiver() as receiver:
        receiver.answers = [(401, "The signature does not fit.")]
        page.get_by_label("Name").fill("Tickets")
        page.get_by_label("Address").fill(receiver.url)
        page.get_by_label("Secret").fill("a-secret-of-acme")
        page.get_by_role("button", name="Add and test").click()
        expect(page.locator("#webhook-trial")).to_contain_text("The receiver is being called.")
        work()
        expect(page.locator("#webhook-trial")).to_contain_text("The signature does not fit.")
        expect(page.locator("#webhook-log")).to_contain_text("Given up")
        look_at(page, "webhook-test-failed")
        page.goto(f"/orgs/acme/settings/webhooks/{OutgoingWebhook.objects.get().id}")
        page.get_by_role("button", name="Send a test").click()
        work()
        expect(page.locator("#webhook-trial")).to_contain_text("200 OK")
    look_at(page, "webhook-test-taken")
    page.goto(f"/orgs/acme/settings/webhooks/{OutgoingWebhook.objects.get().id}")
    page.get_by_role("button", name="Remove webhook …").click()
    look_at(page, "webhook-remove")
    page.reload()
    page.get_by_role("button", name="Remove webhook …").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Tickets is removed.")
    assert not OutgoingWebhook.objects.exists()


def test_a_webhook_that_only_failed_says_so_and_is_resumed(house, visit):
    error = "The receiver answered 503 Service Unavailable: the queue is full, and quite so."
    failing = OutgoingWebhookFactory(
        name="A data store with quite a long name that somebody chose",
        state="failing",
        failure_count=14,
        failing_since=timezone.now() - timedelta(hours=5),
        last_error=error,
    )
    OutgoingWebhookFactory(name="Tickets")
    OutgoingWebhookFactory(name="Chat bell", state="paused", sends_scans=False, tag="payments")
    OutgoingWebhookFactory(name="Lake", failure_count=2, last_error=error)
    scan = ScanFactory(ref=house["real"].ref)
    at = datetime.now(UTC)
    for status, fields in (
        ("done", {"sent_at": at}),
        ("failed", {"error": PAUSED}),
        ("failed", {"error": error, "is_in_doubt": True}),
        ("waiting", {"attempts": 3, "next_attempt_at": at + timedelta(hours=1)}),
    ):
        made = WebhookCallFactory(webhook=failing, kind="scan", scan=scan, status=status, **fields)
        for number in range(3):
            made.tries.create(error=error, milliseconds=40 + number, at=at - timedelta(hours=2))
    page = visit()
    sign_in(page)
    page.goto("/orgs/acme/settings/webhooks")
    look_at(page, "webhooks")
    page.goto(f"/orgs/acme/settings/webhooks/{failing.id}/edit")
    look_at(page, "webhook-edit")
    page.goto(f"/orgs/acme/settings/webhooks/{failing.id}")
    look_at(page, "webhook-failing")
    page.goto(f"/orgs/acme/settings/webhooks/{failing.id}")

    page.get_by_role("button", name="Resume").click()

    expect(page.locator("#toasts")).to_contain_text("1 message that waited goes out now.")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
