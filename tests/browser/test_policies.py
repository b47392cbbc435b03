"""An admin's way through the Policies pages, in a real browser."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from findings.models import ScanKind, ScanStatus
from rules.models import Mode, PolicyRule
from tenants.models import Organization
from tests.browser.pages import look_at, sign_in
from tests.factories import (
    PolicyFactory,
    PolicyRuleFactory,
    PolicyRulesetFactory,
    ProjectFactory,
    RefFactory,
    RuleFactory,
    RulesetFactory,
    RulesetRuleFactory,
    ScanFactory,
)

WORDS = ("sql-injection", "eval-of-input", "weak-hash", "open-redirect", "path-traversal")


def address(name, *rest):
    return reverse(f"console:{name}", args=["acme", *rest])


def a_policy():
    """Return a policy with a ruleset and overrides, and scans that reported some of its rules."""
    policy = PolicyFactory(name="Default", slug="default", is_default=True)
    PolicyFactory(name="Payments and card data", tags=["payments", "pci"])
    ruleset = RulesetFactory(name="Shipped pack", source="shipped")
    RulesetFactory(name="Java, still being tried")
    PolicyRulesetFactory(policy=policy, ruleset=ruleset, mode=Mode.MONITOR)
    for word in WORDS:
        rule = RuleFactory(path=f"acme.python.{word}", severity="ERROR")
        RulesetRuleFactory(ruleset=ruleset, rule=rule)
    own = {"policy": policy, "changed_by": "Ada", "changed_at": timezone.now()}
    PolicyRuleFactory(rule=rule, mode=Mode.DISABLED, **own)
    PolicyRuleFactory(rule=RuleFactory(path="acme.go.own-rule"), mode=Mode.COMMENT, **own)
    RuleFactory(path="acme.generated.not-yet-used")
    ref = RefFactory(project=ProjectFactory(name="acme/checkout"), name="refs/pull/7/merge")
    for number in range(4):
        ScanFactory(
            ref=ref,
            kind=ScanKind.DIFF,
            status=ScanStatus.COMPLETED,
            started_at=timezone.now() - timedelta(hours=number),
            completed_at=timezone.now(),
            open_by_rule={f"acme.python.{WORDS[number % 3]}": number + 1},
            served_modes={f"acme.python.{word}": "monitor" for word in WORDS[:3]},
        )
    return policy


def test_a_rule_is_set_to_block_after_a_look_at_what_that_means(house, visit):
    policy = a_policy()
    page = visit()
    sign_in(page)
    page.get_by_role("link", name="Policies").click()
    page.get_by_role("link", name="Default").click()
    page.get_by_label("Mode", exact=True).select_option("monitor")
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Tick acme.python.sql-injection").check()
    page.get_by_label("Set the ticked ones to").select_option("block")

    page.get_by_role("button", name="Preview the change").click()

    expect(page.get_by_text("2 of the last 4 scans")).to_be_visible()
    assert not PolicyRule.objects.filter(mode=Mode.BLOCK).exists()
    look_at(page, "policy-preview")
    page.get_by_role("button", name="Save the change").click()
    expect(page.locator("#toasts")).to_contain_text("1 changed.")
    assert PolicyRule.objects.get(mode=Mode.BLOCK).rule.path == "acme.python.sql-injection"
    expect(page).to_have_url(f"{page.url.partition('?')[0]}?mode=monitor")
    page.get_by_role("link", name="Changes").click()
    expect(page.get_by_text("Set 1 rule to block")).to_be_visible()
    look_at(page, "policy-changes")
    page.goto(address("policy", policy.pk))
    look_at(page, "policy")


def test_the_policies_pages_are_accessible_at_every_size(house, visit):
    policy = a_policy()
    Organization.objects.update(path_ignores=["vendor/", "*.min.js"])
    page = visit()
    sign_in(page)
    for name, url in (
        ("policies", address("policies")),
        ("policy-rulesets", address("policy-rulesets", policy.pk)),
        ("policy-settings", address("policy-settings", policy.pk + 1)),
        ("project-ignores", address("project-ignores", house["new"].project_id)),
    ):
        page.goto(url)
        look_at(page, name)
    page.goto(address("path-ignores"))
    page.get_by_label("Patterns, one a line").fill("vendor/\n!vendor/ours/")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Line 2: patterns only add up")).to_be_visible()
    look_at(page, "path-ignores")
