"""Mails as mail programs show them, and the pages around them, in a real browser."""

import dataclasses

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from findings.models import Severity
from notifications.channels.mail import render_mail
from notifications.mail_facts import FoundPlace, FoundRule
from notifications.mail_links import Unsubscription, unsubscribe_url
from notifications.models import MailPreference
from tenants.models import Membership
from tests.browser.pages import look_at, sign_in
from tests.notifications.test_channels_mail import ALL, LETTERHEAD, SCAN, a_task, monday

RULES = [
    FoundRule(
        title="SQL injection in a query that is built as text",
        check_id="python.sql-injection",
        severity=Severity.CRITICAL,
        message="User input reaches an SQL statement as text. Bind it as a parameter of `execute`.",
        places=[
            FoundPlace(path=f"app/{name}.py", line=line, url="https://assay.example/f/1")
            for name, line in (("orders", 18), ("very/deep/folder/of/modules/reports", 204))
        ],
        more=3,
    ),
    FoundRule(
        title="Weak hash for a password",
        check_id="python.weak-password-hash",
        severity=Severity.MEDIUM,
        message="MD5 is quick to guess. Use a slow hash.",
        places=[FoundPlace(path="app/login.py", line=30, url="https://assay.example/f/2")],
        more=0,
    ),
]
LOOKS = {
    **ALL,
    "monday": monday(
        a_task(
            title="Bind the values of SQL statements in app/orders", product="Code", done=0,
            total=3,
            rationale="3 critical findings that were judged real, in code that handles payments;"
            " one pattern to change in three places.",
        ),
        a_task(),
        a_task(
            title="Revoke the key in deploy/settings.py", product="Secrets", done=1, total=1,
            is_done=True, rationale="A key that works stands in the repository's history.",
        ),
    ),
    "scan": dataclasses.replace(SCAN, rules=RULES, count=6, more_rules=0, branch="feature/sorting"),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOKS)
def test_every_mail_can_be_read_at_every_size_and_in_both_schemes(visit, name):
    page = visit()

    page.set_content(render_mail(LOOKS[name], LETTERHEAD).html)

    expect(page.locator("h1")).to_be_visible()
    look_at(page, f"mail-{name}")


def test_an_admin_chooses_her_mails(house, visit):
    page = visit()
    sign_in(page)
    page.goto(reverse("notifications:mail-preferences", args=["acme"]))
    look_at(page, "my-mails")


def test_an_admin_leaves_the_monday_mail_with_the_keyboard(house, visit):
    page = visit()
    sign_in(page)
    page.goto(reverse("notifications:mail-preferences", args=["acme"]))

    page.get_by_label("Send me the Monday mail").press("Space")
    page.get_by_role("button", name="Save").press("Enter")

    expect(page.locator("#toasts")).to_contain_text("Your mails are saved")
    assert not MailPreference.objects.get().wants_monday


def test_who_holds_the_link_of_a_mail_ends_it_without_signing_in(house, visit):
    member = Membership.objects.get()
    link = unsubscribe_url(
        Unsubscription(organization_id=member.organization_id, member_id=member.pk)
    )
    page = visit("narrow")
    page.goto(link[link.index("/mails/") :])
    look_at(page, "unsubscribe")

    page.goto(page.url)
    page.get_by_role("button", name="Unsubscribe").click()

    expect(page.get_by_role("heading", name="Unsubscribed")).to_be_visible()
    look_at(page, "unsubscribed")
    assert not MailPreference.objects.get().wants_monday
