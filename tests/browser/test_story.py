"""A member's way through the pages, in a real browser."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect, sync_playwright

from findings.models import Finding, Status
from tenants.models import Role
from tenants.scope import organization_scope
from tests.browser.scene import build_scene
from tests.factories import PASSWORD, MembershipFactory, OrganizationFactory, UserFactory

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
SCREENSHOTS = Path(__file__).resolve().parent.parent / "screenshots"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"wide": {"width": 1440, "height": 900}, "narrow": {"width": 390, "height": 844}}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not CHROMIUM.exists(),
        reason=f"no browser at {CHROMIUM}: install Debian's chromium, or name one with CHROMIUM=",
    ),
]


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        # Playwright's loop runs in this thread; Django would take its own calls for asynchronous.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def house(tmp_path):
    """Acme with its scene, and Ada, who may do everything."""
    organization = OrganizationFactory(slug="acme", name="Acme")
    with organization_scope(organization.id):
        MembershipFactory(user=UserFactory(email="ada@acme.example", name="Ada"), role=Role.ADMIN)
        yield build_scene(tmp_path / "shop")


@pytest.fixture
def visit(browser, live_server):
    """Return a function that opens a page of the browser which must stay free of errors."""
    contexts, errors = [], []

    def open_page(size="wide", scheme="light"):
        context = browser.new_context(
            base_url=live_server.url, viewport=SIZES[size], color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def sign_in(page):
    page.goto("/")
    page.get_by_label("Email").fill("ada@acme.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Findings")).to_be_visible()


def look_at(page, name):
    """Keep a picture of the page, and have axe find nothing wrong with it."""
    size = "wide" if page.viewport_size["width"] > 500 else "narrow"
    scheme = (
        "dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
    )
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}-{size}-{scheme}.png", full_page=True)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"


def test_a_member_agrees_with_a_verdict_and_the_finding_is_ignored(house, visit):
    page = visit()
    sign_in(page)
    page.get_by_label("Search rules and paths").fill("orders.py sql")
    expect(page.locator("[data-row]")).to_have_count(2)
    page.get_by_role("link", name="SQL injection").first.click()
    expect(page.get_by_role("heading", name="SQL injection")).to_be_visible()
    expect(page.locator(".code-match")).to_contain_text("ORDER BY")

    page.get_by_role("button", name="Agree and ignore").click()

    expect(page.locator("#decision .badge")).to_have_text("Ignored")
    expect(page.locator("#toasts")).to_contain_text("Ignored as a false positive")
    assert Finding.objects.get(id=house["safe"].id).status == Status.IGNORED


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", list(SIZES))
def test_every_page_is_accessible_at_every_size_and_in_both_schemes(house, visit, size, scheme):
    page = visit(size, scheme)
    page.goto("/accounts/login/")
    look_at(page, "login")
    sign_in(page)
    look_at(page, "findings")
    page.goto(reverse("console:findings", args=["acme"]) + "?status=fixed&severity=low")
    look_at(page, "findings-none")
    for name in ("real", "safe", "doubt", "new"):
        page.goto(reverse("console:finding", args=["acme", house[name].id]))
        page.wait_for_selector(".code-box, .code-problem")
        look_at(page, f"finding-{name}")
    page.goto(reverse("console:scans", args=["acme"]))
    look_at(page, "scans")
    page.locator(".cell-link").first.click()
    look_at(page, "scan")
    page.goto(reverse("tenants:tokens", args=["acme"]))
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Create token").click()
    look_at(page, "tokens")
    page.goto(reverse("account_change_password"))
    look_at(page, "password")
    page.goto(reverse("mfa_index"))
    look_at(page, "two-factor")
