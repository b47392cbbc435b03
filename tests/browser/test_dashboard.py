"""A member's look at the Dashboard, in a real browser."""

import random
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from findings.models import (
    Confidence,
    ScanKind,
    Severity,
    State,
    TriageState,
)
from tenants.models import Role
from tenants.scope import organization_scope
from tests.browser.pages import look_at, sign_in
from tests.factories import (
    FindingFactory,
    MembershipFactory,
    OrganizationFactory,
    ProjectFactory,
    RefFactory,
    ReportedRuleFactory,
    ScanFactory,
    SourceFileFactory,
    UserFactory,
)


def _history():
    """Half a year of findings in three projects, the same each time."""
    chance = random.Random(7)
    now = timezone.now()
    rules = [
        ReportedRuleFactory(severity=severity, confidence=Confidence.HIGH)
        for severity in (Severity.CRITICAL, Severity.HIGH, Severity.HIGH, Severity.MEDIUM)
    ]
    for name in ("acme/billing", "acme/warehouse-and-logistics-of-the-northern-region", "acme/web"):
        project = ProjectFactory(name=name)
        file = SourceFileFactory(project=project, path="src/api/handlers.py")
        change = ScanFactory(
            ref=RefFactory(project=project, name="refs/pull/9/merge"),
            kind=ScanKind.DIFF,
            change_request="9",
            ingested_at=now,
        )
        for number in range(60):
            opened_at = now - timedelta(days=chance.triangular(0, 170, 20))
            closed_at = opened_at + (now - opened_at) * chance.random()
            fate, rule = chance.random(), chance.choice(rules)
            fields = {"project": project, "file": file, "rule": rule, "relevant_since": opened_at}
            fields["confidence"] = rule.confidence
            if fate < 0.4:
                fields |= {"state": State.FIXED, "state_updated_at": closed_at}
            elif fate < 0.55:
                fields |= {"triage_state": TriageState.IGNORED, "triaged_at": closed_at}
            if number % 5 == 0:
                is_shown = number % 15 == 0
                fields |= {"ref": change.ref, "first_scan": change, "is_shown_early": is_shown}
            FindingFactory(**fields)


def test_a_member_reads_the_figures_and_opens_what_is_behind_them(house, visit):
    _history()
    page = visit()
    sign_in(page)
    page.goto("/orgs/acme/dashboard")
    expect(page.get_by_role("img", name="Undecided findings")).to_be_visible()
    look_at(page, "dashboard")

    page.goto("/orgs/acme/dashboard")
    page.get_by_label("Priority").select_option("all")
    expect(page).to_have_url("/orgs/acme/dashboard?priority=all", timeout=15000)
    page.get_by_label("Period").select_option("30d")
    expect(page.get_by_text("in 30 days")).to_be_visible()
    number = page.locator(".dashboard-figures dd a").nth(2).inner_text()
    page.locator(".dashboard-figures dd a").nth(2).click()
    expect(page.get_by_role("heading", name="Findings", exact=True)).to_be_visible()
    assert page.locator("[data-row]").count() == min(int(number), 50)


def test_the_plots_have_tables_and_the_keyboard_opens_them(house, visit):
    _history()
    page = visit()
    sign_in(page)
    page.goto("/orgs/acme/dashboard?period=1y&priority=all&split=product")
    for summary in page.locator("#dashboard details > summary").all():
        summary.focus()
        page.keyboard.press("Enter")
    expect(
        page.get_by_role("table", name="Findings that were opened, fixed and ignored")
    ).to_be_visible()
    look_at(page, "dashboard-tables")


def test_a_new_admin_is_led_to_the_first_scan(visit):
    organization = OrganizationFactory(slug="acme", name="Acme")
    with organization_scope(organization.id):
        MembershipFactory(user=UserFactory(email="ada@acme.example", name="Ada"), role=Role.ADMIN)
    page = visit()
    sign_in(page)
    page.goto("/")
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()
    look_at(page, "dashboard-first")
