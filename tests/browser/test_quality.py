"""An admin's way through the Assistant quality page and an evaluation, in a real browser."""

import random
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone
from playwright.sync_api import expect

from findings.models import Conclusion, Confidence, TriageState
from llm.models import ModelCall
from remediation.models import FixAttempt, FixFeedback, FixStatus, RemedyOrigin
from tenants.models import Door
from tests.browser.pages import look_at, sign_in
from tests.factories import VerdictFactory
from triage.evaluations import run_evaluation
from triage.models import EvaluationRun, Feedback, Rating


def _history(findings):
    """Half a year of verdicts, opinions, fixes and calls, the same each time."""
    chance = random.Random(7)
    now = timezone.now()
    for index in range(70):
        at = now - timedelta(days=chance.triangular(0, 85, 5))
        confidence = chance.choice([0.62, 0.75, 0.8, 0.88, 0.93, 0.97])
        finding = chance.choice(findings)
        verdict = VerdictFactory(
            finding=finding,
            conclusion=chance.choice([Conclusion.FALSE_POSITIVE, Conclusion.TRUE_POSITIVE]),
            confidence_ratio=confidence,
            created_at=at,
        )
        rating = Rating.GOOD if chance.random() < confidence else Rating.BAD
        Feedback.objects.create(verdict=verdict, rating=rating, door=Door.PAGE, created_at=at)
        ModelCall.objects.create(
            purpose=chance.choice(["judge", "judge", "remedy"]), subject_id=finding.id,
            provider="openai", model="m", prompt_version="v", input_tokens=2100, output_tokens=310,
            cost_usd=Decimal("0.0031"), duration_ms=900, outcome="answered", created_at=at,
            expires_at=now,
        )  # fmt: skip
        fix = FixAttempt.objects.create(
            finding=finding, origin=RemedyOrigin.MODEL, path="a.py", content_hash="0" * 64,
            status=FixStatus.PROVEN if index % 3 else FixStatus.REFUSED,
            reason="ok" if index % 3 else chance.choice(["still_fires", "too_large"]),
            proposed_confidence=Confidence.HIGH, confidence=Confidence.HIGH, created_at=at,
        )  # fmt: skip
        if index % 6 == 1:
            FixFeedback.objects.create(fix=fix, rating=Rating.GOOD, door=Door.PAGE)


def test_an_admin_reads_the_figures_and_measures_the_judge(house, visit, settings):
    settings.ALLOW_LOCAL_REPOSITORIES = True
    page = visit()
    sign_in(page)
    page.goto("/orgs/acme/quality")
    expect(page.get_by_text("There is nothing to measure against yet")).to_be_visible()
    look_at(page, "quality-empty")
    _history(list(house.values()))
    VerdictFactory(finding=house["doubt"], conclusion=Conclusion.NEEDS_REVIEW)
    house["real"].triage_state = TriageState.FIXING
    house["real"].save(update_fields=["triage_state"])
    page.goto("/orgs/acme/quality")
    expect(page.get_by_role("img", name="Opinions of verdicts by week")).to_be_visible()
    look_at(page, "quality")

    page.goto("/orgs/acme/quality")
    page.get_by_label("Name", exact=True).fill("As it is")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="As it is")).to_be_visible()
    look_at(page, "evaluation-running")
    first = EvaluationRun.objects.get()
    assert not run_evaluation(evaluation_id=first.id, now=timezone.now())
    second = EvaluationRun.objects.create(
        name="Another", prompt="judge.md", status="done", report=EvaluationRun.objects.get().report,
        results=[
            {**one, "verdict": "needs_review"} for one in EvaluationRun.objects.get().results
        ],
    )  # fmt: skip
    page.goto(f"/orgs/acme/quality/evaluations/{first.id}")
    page.get_by_label("Compare with").select_option(
        label=page.get_by_label("Compare with").locator("option").last.inner_text()
    )
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="What changed")).to_be_visible()
    assert f"with={second.id}" in page.url
    look_at(page, "evaluation")
