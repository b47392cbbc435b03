"""An admin's way from no rule to one that is proven and in a policy, in a real browser."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from pipeline.jobs import run_job
from pipeline.trades import DRAFTS, TRIALS
from rules.models import PolicyRule, Rule, RuleDraft, RuleTrial
from tests.browser.pages import look_at, sign_in
from tests.factories import PolicyFactory, RuleFactory
from tests.model_server import answers

EDITOR = "/orgs/acme/rules/editor"
RULE = """rules:
  - id: acme.no-eval
    languages: [python]
    severity: HIGH
    message: eval runs what it gets.
    pattern: eval(...)
"""
TEST = (
    "# ruleid: acme.no-eval\nö = eval(x)\n# ok: acme.no-eval\neval(y)\n# ok: acme.no-eval\nint(x)\n"
)
MENDED = TEST.replace("eval(y)", "exec(y)")


def work():
    """Do what a worker would."""
    for trade in (TRIALS, DRAFTS):
        for job in trade.kind.objects.filter(status="waiting"):
            run_job(trade=trade, job_id=job.pk, now=timezone.now())


def pane(page, name):
    return page.get_by_role("textbox", name=name)


def open_page(page, path):
    """Go there, whatever is unsaved here."""
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto(path)


@pytest.mark.semgrep
def test_a_rule_is_written_tested_saved_and_added_to_a_policy(house, visit):
    PolicyFactory(name="Strict")
    page = visit()
    sign_in(page)
    page.goto(EDITOR)
    rule, code = pane(page, "Rule, YAML"), pane(page, "Test code")
    rule.fill(RULE.replace("severity", "  severity"))
    expect(page.locator("[data-problem-said]")).to_contain_text("Line 4: It is not plain YAML")
    expect(page.locator(".cm-problem")).to_contain_text("It is not plain YAML")
    expect(page.get_by_text("Unsaved changes")).to_be_visible()
    rule.fill(RULE)
    expect(page.locator(".cm-problem")).to_have_count(0)
    code.fill(TEST)
    code.press("Control+Enter")
    expect(page.locator("#trial")).to_contain_text("Waiting for a worker")
    work()
    trial = page.locator("#trial")
    expect(trial).to_contain_text("The test fails: 1 of 3 lines came out otherwise.")
    expect(page.locator(".cm-match")).to_have_text(["eval(x)", "eval(y)"])
    expect(page.locator(".cm-signs").last).to_contain_text("✗")
    assert page.locator("#test-code").input_value() == TEST
    look_at(page, "editor-red")
    open_page(page, page.url)
    expect(pane(page, "Test code")).to_contain_text("eval(y)")
    expect(page.locator(".cm-match")).to_have_count(2)

    pane(page, "Test code").fill(MENDED)
    expect(page.get_by_text("Changed since this run")).to_be_visible()
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#trial")).to_contain_text("Waiting for a worker")
    work()
    expect(page.locator("#trial")).to_contain_text("The test passes: 3 lines as expected.")
    page.get_by_label("What changed").fill("Finds eval")
    page.get_by_role("button", name="Save as private rule").click()
    expect(page.get_by_role("heading", name="acme.no-eval")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Unsaved changes")).to_have_count(0)
    page.get_by_label("Policy", exact=True).select_option("Strict")
    page.get_by_label("Mode").select_option("Block")
    page.get_by_role("button", name="Add to policy").click()
    ask = page.get_by_role("button", name="See what it would have blocked")
    expect(ask).to_be_focused()
    look_at(page, "editor-to-block")
    ask.click()
    expect(page.get_by_role("heading", name="Preview: not saved yet")).to_be_visible()
    page.get_by_role("button", name="Save the change").click()
    expect(page.locator("#policies")).to_contain_text("Strict: Block")
    look_at(page, "editor-saved")
    saved = Rule.objects.get(path="acme.no-eval")
    assert (saved.text, saved.test_code, saved.version) == (RULE, MENDED, 1)
    assert PolicyRule.objects.get(rule=saved).mode == "block"


@pytest.mark.semgrep
def test_what_another_saved_is_not_lost_and_neither_is_mine(house, visit):
    rule = RuleFactory(path="acme.no-eval", text=RULE, test_code=TEST)
    page = visit()
    sign_in(page)
    page.goto(f"{EDITOR}?rule={rule.id}")
    pane(page, "Test code").fill("int(mine)\n")
    Rule.objects.filter(id=rule.id).update(version=2)
    pane(page, "Test code").press("Control+s")
    expect(page.get_by_role("alert")).to_contain_text("is at version 2, and you began with 1")
    expect(pane(page, "Test code")).to_contain_text("int(mine)")
    look_at(page, "editor-conflict")
    page.get_by_role("button", name="Save mine as version 3").click()
    expect(page.get_by_text("Version 3", exact=True)).to_be_visible(timeout=20_000)
    expect(page.get_by_role("alert")).to_have_count(0)
    rule.refresh_from_db()
    assert (rule.version, rule.test_code) == (3, "int(mine)\n")


def test_without_scripts_a_rule_is_run_and_shown_after_the_page_is_loaded_anew(
    house, visit, live_server
):
    page = visit()
    sign_in(page)
    session = page.context.storage_state()
    plain = page.context.browser.new_context(java_script_enabled=False, storage_state=session)
    page = plain.new_page()
    page.goto(live_server.url + EDITOR)
    page.get_by_label("Rule", exact=True).fill(RULE.replace("pattern:", "join:"))
    page.get_by_label("Test code", exact=True).fill(TEST)
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#trial")).to_contain_text("Look again")
    work()
    page.get_by_role("link", name="Look again").click()
    expect(page.locator("#trial")).to_contain_text("Line 6: join: rules here do not have this key")
    expect(page.get_by_label("Test code", exact=True)).to_have_value(TEST)
    page.get_by_role("button", name="Save as private rule").click()
    expect(page.get_by_role("alert")).to_contain_text("join: rules here do not have this key")
    expect(page.get_by_label("Test code", exact=True)).to_have_value(TEST)
    plain.close()
    assert not Rule.objects.filter(path="acme.no-eval").exists()
    assert RuleTrial.objects.count() == 1


@pytest.mark.semgrep
def test_a_model_writes_a_rule_until_its_test_passes(house, visit, serve_model):
    bad = "rules:\n  - id: generated\n   languages: [python]\n"
    good = RULE.replace("acme.no-eval", "generated-rule-python")
    serve_model(answers({"rule": bad}), answers({"rule": good, "bad_lines": [1]}))
    page = visit()
    sign_in(page)
    page.goto(EDITOR)
    page.get_by_text("New rule", exact=True).last.click()
    page.get_by_role("link", name="Generate with AI").click()
    page.get_by_label("What shall the rule find?").fill("eval of anything")
    page.get_by_label("Code to find").fill("eval(x)\n")
    page.get_by_label("Code to leave alone").fill("int(x)\n")
    look_at(page, "generate")
    page.goto(f"{EDITOR}/drafts?prompt=eval&bad_code=eval(x)&good_code=int(x)")
    page.get_by_role("button", name="Generate").click()
    expect(page.locator("#draft")).to_contain_text("Waiting for a worker")
    draft = RuleDraft.objects.get()
    work()
    page.wait_for_url(f"**{EDITOR}?draft={draft.id}")
    expect(page.get_by_text("The test passed in round 2.")).to_be_visible()
    expect(page.locator("#trial")).to_contain_text("The test passes: 2 lines as expected.")
    expect(page.locator(".cm-match")).to_have_text(["eval(x)"])
    expect(page.get_by_text("Unsaved changes")).to_be_visible()
    look_at(page, "editor-generated")
    open_page(page, f"{EDITOR}/drafts/{draft.id}")
    look_at(page, "generated-rounds")


def test_without_a_model_the_starters_are_offered(house, visit):
    page = visit()
    sign_in(page)
    page.goto(f"{EDITOR}/drafts")
    look_at(page, "generate-offline")
    page.get_by_role("link", name="Taint").click()
    expect(pane(page, "Rule, YAML")).to_contain_text("mode: taint")


@pytest.mark.semgrep
def test_a_finding_begins_a_rule_that_leaves_it_out_or_finds_more_like_it(house, visit):
    finding = house["real"]
    text = RULE.replace("acme.no-eval", finding.rule.check_id).replace(
        "eval(...)", "$C.execute(...)"
    )
    RuleFactory(path=finding.rule.check_id, text=text)
    page = visit()
    sign_in(page)
    page.goto(f"/orgs/acme/findings/{finding.id}")
    page.get_by_role("link", name="Write a rule that would not fire here").click()
    expect(page.get_by_text("The code of the finding stands in the test")).to_be_visible()
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#trial")).to_contain_text("Waiting for a worker")
    work()
    expect(page.locator("#trial")).to_contain_text("The test fails: 2 of 3 lines")
    look_at(page, "editor-from-finding")
    open_page(page, f"/orgs/acme/findings/{finding.id}")
    page.get_by_role("link", name="Find more like this").click()
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#trial")).to_contain_text("Waiting for a worker")
    work()
    expect(page.locator("#trial")).to_contain_text("The test passes: 1 line as expected.")
