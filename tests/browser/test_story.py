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

    def open_page(size="wide"):
        context = browser.new_context(
            base_url=live_server.url, viewport=SIZES[size], color_scheme="light"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda line: errors.append(line.text) if _is_error(line) else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def _is_error(line):
    """Say whether the console tells of an error; a form that is refused is none."""
    return line.type == "error" and "status of 422" not in line.text


def sign_in(page):
    page.goto("/orgs/acme/findings")
    page.get_by_label("Email").fill("ada@acme.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Findings")).to_be_visible()


def look_at(page, name):
    """Keep pictures of the page in both color schemes, and have axe find nothing wrong.

    Look last: axe leaves style attributes behind, which htmx would copy against the policy.
    """
    size = "wide" if page.viewport_size["width"] > 500 else "narrow"
    SCREENSHOTS.mkdir(exist_ok=True)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.screenshot(path=SCREENSHOTS / f"{name}-{size}-{scheme}.png", full_page=True)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    is_too_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not is_too_wide, f"{name} scrolls sideways"


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


@pytest.mark.parametrize("size", list(SIZES))
def test_every_page_is_accessible_at_every_size_and_in_both_schemes(house, visit, size):
    page = visit(size)
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


def test_findings_are_triaged_with_the_keyboard_alone(house, visit):
    page = visit()
    sign_in(page)
    rows = page.locator("[data-row]")
    expect(rows).to_have_count(5)
    for key in ("j", "j", "x", "j", "x", "k", "j", "t"):
        page.keyboard.press(key)
    dialog = page.get_by_role("dialog", name="Triage 2 findings")
    expect(dialog).to_be_visible()

    dialog.get_by_label("Ignored", exact=True).check()
    dialog.get_by_label("Reason").select_option("acceptable_risk")
    dialog.get_by_role("button", name="Triage 2 findings").click()

    expect(rows).to_have_count(3)
    expect(page.locator("#toasts")).to_contain_text("2 findings triaged.")
    expect(page.get_by_role("link", name="Ignored 3")).to_be_visible()
    expect(page.get_by_text("2 selected")).to_be_hidden()
    for key in ("j", "x", "t"):
        page.keyboard.press(key)
    look_at(page, "triage")


def test_filters_stand_in_the_address_and_survive_going_back(house, visit):
    page = visit()
    sign_in(page)
    rows = page.locator("[data-row]")
    page.get_by_label("Critical").check()
    expect(rows).to_have_count(2)
    expect(page).to_have_url("/orgs/acme/findings?severity=critical")
    page.get_by_label("Fix", exact=False).first.check()
    expect(page).to_have_url("/orgs/acme/findings?severity=critical&recommendation=true_positive")
    expect(rows).to_have_count(1)
    expect(page.get_by_label("Critical")).to_be_checked()

    page.go_back()

    expect(rows).to_have_count(2)
    page.reload()
    expect(page.get_by_label("Critical")).to_be_checked()
    page.keyboard.press("/")
    page.keyboard.type("nothing of that kind")
    expect(page.get_by_text("No finding matches")).to_be_visible()


def test_the_theme_is_kept_and_help_is_a_key_away(house, visit):
    page = visit()
    sign_in(page)
    page.get_by_role("button", name="Switch theme").click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    look_at(page, "keyboard")


def test_a_token_is_revoked_after_a_question(house, visit):
    page = visit("narrow")
    sign_in(page)
    page.goto(reverse("tenants:tokens", args=["acme"]))
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Create token").click()
    page.get_by_role("button", name="Revoke Laptop").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke", exact=True).click()
    expect(page.get_by_text("Laptop is revoked")).to_be_visible()
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Scans")).to_be_visible()
