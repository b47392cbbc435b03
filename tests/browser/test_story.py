"""A member's way through the pages, in a real browser."""

from django.urls import reverse
from playwright.sync_api import expect

from findings.models import Finding, Status
from tests.browser.pages import look_at, sign_in


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


def test_every_page_is_accessible_at_every_size_and_in_both_schemes(house, visit):
    page = visit()
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
