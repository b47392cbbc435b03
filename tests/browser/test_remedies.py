"""A member's way to a fix, in a real browser."""

import re

from django.urls import reverse
from playwright.sync_api import expect

from memories.models import Memory, MemoryStage
from remediation.models import FixFeedback, GuidanceFeedback
from tests.browser.pages import SIZES, look_at, sign_in
from tests.factories import GuidanceFactory
from triage.models import AnalysisRequest, AnalysisStatus


def open_finding(page, finding):
    page.goto(reverse("console:finding", args=["acme", finding.id]))
    page.wait_for_selector(".code-box, .code-problem")


def test_a_proven_fix_is_read_copied_and_downloaded(house, visit):
    page = visit()
    sign_in(page)
    open_finding(page, house["real"])
    for size, shape in (("narrow", ".diff-unified"), ("wide", ".diff-split")):
        page.set_viewport_size(SIZES[size])
        expect(page.locator(shape)).to_be_visible()
        sign = page.locator(shape).locator(".diff-added .sign, .sign.diff-added").first
        expect(sign).to_contain_text("+")
    expect(page.locator("#remedy")).to_contain_text("Not known in this project: sqlsafe")

    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Copied.")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download .patch").click()
    patch = download.value.path().read_text()

    assert patch.startswith("--- a/app/orders.py\n+++ b/app/orders.py\n@@ ")
    page.get_by_text("1 refused attempt").click()
    expect(page.locator(".refusals")).to_contain_text("The weakness is still there.")
    page.get_by_text("Referenced 1 memory").first.click()
    look_at(page, "remedy")


def test_a_fix_is_customized_and_new_guidance_comes_by_itself(house, visit):
    page = visit()
    sign_in(page)
    open_finding(page, house["real"])
    page.get_by_text("Customize fix").focus()
    page.keyboard.press("Enter")
    text = page.get_by_label("What should fixes of this rule look like here?")
    expect(text).to_be_visible()
    look_at(page, "customize")
    open_finding(page, house["real"])
    page.get_by_text("Customize fix").click()
    text.fill("Use our query builder.")
    page.get_by_role("button", name="Save and regenerate").click()

    expect(page.locator("#remedy-progress")).to_contain_text("about to begin")
    expect(page.get_by_text("Customize fix")).to_be_hidden()
    memory = Memory.objects.get(text="Use our query builder.")
    assert (memory.stage, memory.check_id) == (MemoryStage.LIVE, "python.sql-injection")
    GuidanceFactory(finding=house["real"], summary="Use the query builder.", memory_ids=[memory.id])
    AnalysisRequest.objects.update(status=AnalysisStatus.DONE)

    expect(page.locator("#remedy")).to_contain_text("Use the query builder.")
    expect(page.get_by_text("Customize fix")).to_be_visible()


def test_guidance_and_fix_are_rated_and_a_mind_is_changed(house, visit):
    page = visit()
    sign_in(page)
    open_finding(page, house["real"])
    good = page.get_by_role("button", name="Helpful", exact=True)

    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    page.locator("#remedy .rate-note").first.click()
    page.get_by_label("Note on: Does the guidance help?").fill("Our driver has no such call.")
    page.get_by_role("button", name="Not helpful").click()
    expect(page.locator("#remedy .opinions")).to_contain_text("Our driver has no such call.")
    page.get_by_role("button", name="Good fix").click()
    expect(page.locator("#remedy .opinions")).to_have_count(2)

    ratings = GuidanceFeedback.objects.order_by("id").values_list("rating", flat=True)
    assert list(ratings) == ["good", "bad"]
    assert FixFeedback.objects.get().rating == "good"
    verdict = page.get_by_role("group", name="Is the verdict right?")
    verdict.get_by_role("button", name="Agree", exact=True).click()
    expect(page.locator("#verdict .opinions")).to_contain_text("Ada")


def test_a_panel_with_half_typed_text_is_not_loaded_anew_before_it_is_sent(house, visit):
    page = visit()
    sign_in(page)
    open_finding(page, house["real"])
    page.get_by_text("Customize fix").click()
    text = page.get_by_label("What should fixes of this rule look like here?")
    text.fill("Use our query")
    GuidanceFactory(finding=house["real"], summary="Bind the parameters.")

    page.evaluate("htmx.trigger(document.body, 'analysis-changed')")

    expect(page.locator("#toasts")).to_contain_text("once your text is sent or cleared")
    expect(text).to_have_value("Use our query")
    expect(page.locator("#remedy")).not_to_contain_text("Bind the parameters.")
    text.fill("")
    text.blur()
    expect(page.locator("#remedy")).to_contain_text("Bind the parameters.")


def test_a_decision_is_shown_at_once_though_its_form_was_filled(house, visit):
    page = visit()
    sign_in(page)
    open_finding(page, house["real"])
    decision = page.locator("#decision")
    decision.get_by_role("radio", name="Reviewing").check()
    decision.get_by_label("Comment").fill("Looking at it.")

    decision.get_by_role("button", name="Save").click()

    expect(decision.locator("blockquote")).to_have_text("Looking at it.")
    expect(decision.get_by_label("Comment")).to_have_value("")
    expect(page.locator("#toasts")).not_to_contain_text("something new")


def test_a_selection_is_analyzed_after_a_question(house, visit):
    page = visit()
    sign_in(page)
    rows = page.locator("[data-row]")
    expect(rows).to_have_count(5)
    page.get_by_label("Select all findings of this page").check()
    page.get_by_role("button", name=re.compile(r"Analyze \(5\)")).click()
    dialog = page.get_by_role("dialog", name="Analyze 4 findings")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("1: The project has no connected repository")
    look_at(page, "analyze")
    page.reload()
    page.get_by_label("Select all findings of this page").check()
    page.get_by_role("button", name=re.compile(r"Analyze \(5\)")).click()

    dialog.get_by_role("button", name="Analyze", exact=True).click()

    expect(page.locator("#toasts")).to_contain_text("4 findings are being analyzed.")
    expect(dialog).to_be_hidden()
    asked = AnalysisRequest.objects.get()
    assert (len(asked.finding_ids), asked.wanted) == (4, ["judge", "remedy"])


def test_one_finding_is_analyzed_from_its_page(house, visit):
    page = visit()
    sign_in(page)
    open_finding(page, house["fixing"])
    page.get_by_role("button", name="Analyze", exact=True).click()
    dialog = page.get_by_role("dialog", name="Analyze 1 finding")
    expect(dialog).to_contain_text("no model is asked")

    dialog.get_by_role("button", name="Analyze", exact=True).click()

    expect(page.locator("#remedy-progress")).to_contain_text("about to begin")
    assert AnalysisRequest.objects.get().finding_ids == [house["fixing"].id]
