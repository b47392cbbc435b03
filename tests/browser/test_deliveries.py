"""Deliveries, subscriptions and the organization's own page in a real browser."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from findings.models import Scan
from notifications.models import Delivery, DeliveryAttempt, Subscription
from tenants.jobs import JobStatus
from tenants.models import Organization, Project
from tests.browser.pages import look_at, sign_in
from tests.factories import DeliveryFactory, SlackWorkspaceFactory, SubscriptionFactory

TROUBLE = "The mail server did not answer within 20 seconds. Check EMAIL_HOST and its firewall."


@pytest.fixture
def outbox(house):
    """Messages in every state; return the dead letter that may have arrived."""
    now, scan = timezone.now(), Scan.objects.get(change_request="7")
    team = SubscriptionFactory(
        address="application-security-and-everybody-else@acme.example",
        quiet_from=22 * 60, quiet_until=7 * 60, products=["sast"], modes=["block", "comment"],
        tells_failed_scans=True,
    )  # fmt: skip
    channel = SubscriptionFactory(
        channel="slack", address="", workspace=SlackWorkspaceFactory(), slack_channel_id="C1",
        slack_channel_name="security", project=Project.objects.get(name="acme/shop"),
    )  # fmt: skip
    verdict = {"channel": "slack", "kind": "verdict", "recipient": "#security"}
    digest = DeliveryFactory(
        **{**verdict, "kind": "digest"}, subscription=channel, scan=scan, status=JobStatus.DONE,
        sent_at=now,
    )  # fmt: skip
    for name in ("safe", "doubt"):
        DeliveryFactory(
            **verdict, subscription=channel, finding=house[name], status=JobStatus.DONE,
            digest=digest,
        )  # fmt: skip
    DeliveryFactory(subscription=team, scan=scan, next_attempt_at=now + timedelta(hours=7))
    DeliveryFactory(**verdict, subscription=channel, finding=house["real"], status=JobStatus.DONE)
    DeliveryFactory(
        channel="webhook", kind="findings", recipient="Data lake", subscription=None, scan=scan,
        status=JobStatus.DONE, sent_at=now,
    )  # fmt: skip
    dead = DeliveryFactory(
        subscription=team, kind="failed_scan", scan=scan, status=JobStatus.FAILED, error=TROUBLE,
        is_in_doubt=True,
    )  # fmt: skip
    for number in range(3):
        DeliveryAttempt.objects.create(
            delivery=dead, at=now - timedelta(minutes=number), milliseconds=20_004, error=TROUBLE
        )
    DeliveryAttempt.objects.create(delivery=digest, at=now, milliseconds=180, answer="200 ok")
    return dead


def test_an_admin_sends_a_dead_letter_again_after_a_question(outbox, visit):
    page = visit()
    sign_in(page)
    page.goto(reverse("notifications:deliveries", args=["acme"]))
    look_at(page, "deliveries")
    page.get_by_role("link", name="See the dead letters").click()
    page.get_by_role("link", name="A scan that failed").click()
    look_at(page, "delivery-dead")
    page.get_by_role("button", name="Send again …").click()
    expect(page.get_by_role("dialog")).to_contain_text("may have arrived")
    look_at(page, "delivery-retry")

    page.get_by_role("dialog").get_by_role("button", name="Send again").click()

    expect(page.locator("main")).to_contain_text("Waiting")
    assert Delivery.objects.get(pk=outbox.pk).status == JobStatus.WAITING


def test_a_digest_shows_what_it_tells_together(outbox, visit):
    digest = Delivery.objects.get(kind="digest")
    page = visit()
    sign_in(page)
    page.goto(reverse("notifications:delivery", args=["acme", digest.pk]))

    expect(page.get_by_role("heading", name="Told together")).to_be_visible()
    look_at(page, "delivery-digest")


def test_an_address_is_subscribed_changed_and_removed(house, visit):
    page = visit()
    sign_in(page)
    page.goto(reverse("notifications:deliveries", args=["acme"]))
    look_at(page, "deliveries-none")
    page.get_by_role("link", name="Subscribe an address").click()
    look_at(page, "subscriptions-none")
    page.get_by_role("textbox", name="Address").fill("team@acme.example")
    page.get_by_label("Quiet from").fill("22:00")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter both times")
    look_at(page, "subscriptions-refused")
    page.get_by_label("Quiet until").fill("07:00")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.locator("table")).to_contain_text("22:00 to 07:00")

    page.get_by_role("link", name="team@acme.example").click()
    page.get_by_label("Block").check()
    look_at(page, "subscription")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("table")).to_contain_text("Block")

    page.get_by_role("button", name="Remove team@acme.example").click()
    look_at(page, "subscription-remove")
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.locator("main")).to_contain_text("Nobody hears of scans yet")
    assert not Subscription.objects.exists()


def test_subscriptions_of_all_kinds_are_listed(outbox, visit):
    page = visit()
    sign_in(page)
    page.goto(reverse("notifications:subscriptions", args=["acme"]))

    expect(page.locator("table")).to_contain_text("#security")
    look_at(page, "subscriptions")


def test_the_organization_gets_another_name_and_time_zone(house, visit):
    page = visit()
    sign_in(page)
    page.goto(reverse("tenants:general", args=["acme"]))
    page.get_by_label("Name").fill("Acme & Sons")
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    look_at(page, "general")

    page.get_by_role("button", name="Save").click()

    expect(page.locator("#toasts")).to_contain_text("The organization is saved.")
    assert Organization.objects.get(slug="acme").time_zone == "Europe/Berlin"
