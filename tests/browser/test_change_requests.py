"""Change requests in a real browser, and a picture of every comment that we write."""

import pytest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from findings.models import Finding, Scan, TriageReason, TriageState
from findings.triage_states import TriageChange, triage_findings
from integrations.models import RepositoryLink
from notifications.models import CommentState, Review, ReviewCommand, ReviewComment
from notifications.rendering import comment_html
from notifications.reviews import tell, want_review
from remediation.models import FixAttempt
from tenants import jobs
from tenants.audit import Actor
from tests.browser.pages import SCHEMES, SCREENSHOTS, SIZES, look_at, sign_in
from tests.factories import ChangeRequestFactory, FindingFactory, InstanceFactory
from tests.notifications.bodies_made import bodies

BODIES = bodies()


@pytest.fixture
def talk(house):
    """A change request that was told: it brings all of the scene's findings, and ten of a rule."""
    scan = Scan.objects.get(change_request="7")
    now = timezone.now()
    modes = dict.fromkeys(Finding.objects.values_list("rule__check_id", flat=True), "comment")
    Scan.objects.filter(pk=scan.pk).update(
        served_modes={**modes, "python.sql-injection": "block"}, ingested_at=now
    )
    scan.refresh_from_db()
    shop = scan.project
    for finding in Finding.objects.filter(project=shop, state="unresolved"):
        move(finding, scan)
    for number in range(10):
        finding = FindingFactory(
            project=shop, rule=house["fixing"].rule, ref=scan.ref, file=house["fixing"].file,
            start_line=90 + number, end_line=90 + number,
            message="A command line is put together from the request.",
        )  # fmt: skip
        InstanceFactory(finding=finding, ref=scan.ref, last_scan=scan)
    fix = FixAttempt.objects.filter(status="proven").get()
    suggestion = '        "SELECT id, total_cents FROM orders WHERE customer = :customer",'
    fix.edits = [{**fix.edits[0], "suggestion": suggestion}]
    fix.save(update_fields=["edits"])
    change_request = ChangeRequestFactory(
        project=shop, number=7, title="Sort the orders as the customer likes",
        head_commit=scan.commit,
    )  # fmt: skip
    review = want_review(change_request_id=change_request.pk, at=now)
    claimed = jobs.claim(Review, job_id=review.pk, now=now)
    tell(review=claimed, now=now, is_analyzing=False)
    jobs.finish(Review.objects.get(pk=review.pk), now=now)
    return change_request


def move(finding, scan):
    """Let a finding stand in the change request alone."""
    finding.instances.update(ref=scan.ref, last_scan=scan)
    Finding.objects.filter(pk=finding.pk).update(ref=scan.ref)


def open_talk(page, talk):
    page.goto(reverse("notifications:change-request", args=["acme", talk.pk]))
    expect(page.get_by_role("heading", name="Sort the orders")).to_be_visible()


def test_a_newcomer_reads_the_comments_without_an_account_at_a_code_host(house, talk, visit):
    page = visit()
    sign_in(page)
    page.goto(reverse("notifications:change-requests", args=["acme"]))
    expect(page.get_by_role("link", name="Sort the orders")).to_be_visible()
    look_at(page, "change-requests")
    page.get_by_role("link", name="Sort the orders").click()

    real = page.locator("article", has_text="Bind customer as a parameter")
    expect(real).to_contain_text("Blocking: SQL injection")
    expect(real.locator(".suggested")).to_contain_text("customer = :customer")
    steps = real.get_by_text("Steps", exact=True)
    expect(real.get_by_text("Pass the value beside the statement.")).to_be_hidden()
    steps.focus()
    page.keyboard.press("Enter")
    expect(real.get_by_text("Pass the value beside the statement.")).to_be_visible()
    expect(page.locator("main")).to_contain_text("which has no change requests")
    look_at(page, "change-request")


def test_what_went_wrong_and_what_was_answered_is_shown(house, talk, visit):
    now = timezone.now()
    RepositoryLink.objects.update(is_gone=True)
    rows = list(ReviewComment.objects.order_by("id"))
    change = TriageChange(
        state=TriageState.IGNORED, reason=TriageReason.ACCEPTABLE_RISK, note="Only we call it."
    )
    triage_findings(finding_ids=[house["safe"].pk], change=change, actor=Actor.platform(), now=now)
    states = [CommentState.POSTED, CommentState.REFUSED, CommentState.DELETED, CommentState.PLANNED]
    for row, state in zip(rows, states, strict=False):
        row.state, row.url = state, "https://code.example/acme/shop/pull/7#1"
        row.error = "The code host takes no comment here." if state == "refused" else ""
        row.save()
    Review.objects.update(status="failed", error="The token was revoked; make a new one.")
    for number, (state, answer) in enumerate(
        [("done", "It is **ignored** now: an acceptable risk."), ("refused", "Say why.")]
    ):
        ReviewCommand.objects.create(
            change_request=talk, comment=rows[0] if number == 0 else None, author="dana",
            external_id=str(number), text_hash="a" * 64, verb="ar", state=state, answer=answer,
        )  # fmt: skip
    page = visit()
    sign_in(page)
    open_talk(page, talk)

    expect(page.locator("main")).to_contain_text("The token was revoked; make a new one.")
    expect(page.locator("main")).to_contain_text("The code host takes no comment here.")
    look_at(page, "change-request-trouble")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("main")).to_contain_text("The next try is at")


def test_a_findings_page_leads_to_its_comment(house, talk, visit):
    page = visit()
    sign_in(page)
    page.goto(reverse("console:finding", args=["acme", house["real"].pk]))
    panel = page.locator("#review-comments")
    expect(panel).to_contain_text("app/orders.py:18")
    panel.get_by_role("link", name="Sort the orders").click()

    expect(page.locator("article:target")).to_contain_text("SQL injection")


def test_without_change_requests_the_page_says_how_they_come(house, visit):
    page = visit()
    sign_in(page)
    page.goto(reverse("notifications:change-requests", args=["acme"]))
    expect(page.get_by_role("heading", name="No change request was scanned yet")).to_be_visible()
    look_at(page, "change-requests-none")


def test_every_comment_has_its_picture(visit):
    page = visit()
    page.goto("/accounts/login/")
    page.evaluate(ADD_SHEET, static("css/change_requests.css"))
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        for name in BODIES:
            # On the narrow page as whoever unfolds all of it reads it.
            put_on_page(page, [name], is_unfolded=size == "narrow")
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                picture = SCREENSHOTS / f"comment-{name}-{size}-{scheme}.png"
                page.screenshot(path=picture, full_page=True)
            assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), name
    put_on_page(page, ["analyzed-github", "maybe-safe", "fix-outside", "rule"], is_unfolded=True)

    look_at(page, "comments")


ADD_SHEET = """address => new Promise(done => {
  const sheet = document.createElement("link");
  Object.assign(sheet, {rel: "stylesheet", href: address, onload: done});
  document.head.append(sheet);
})"""
SHOW = """([html, isUnfolded]) => {
  const main = document.querySelector("main");
  main.className = document.body.className = "";
  main.innerHTML = html;
  document.querySelectorAll("details").forEach(one => { one.open = isUnfolded });
}"""


def put_on_page(page, names, *, is_unfolded):
    """Show comments as our pages show them, and nothing else."""
    articles = "".join(
        f'<article class="card comment" aria-label="{name}"><div'
        f' class="card-body prose comment-body">{comment_html(BODIES[name])}</div></article>'
        for name in names
    )
    html = f'<div class="page page-narrow"><h1>Comments</h1>{articles}</div>'
    page.evaluate(SHOW, [html, is_unfolded])
