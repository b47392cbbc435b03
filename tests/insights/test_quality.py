"""The figures of the Assistant quality page."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from findings.models import Conclusion, Confidence
from insights.figures import (
    CalibrationBin,
    Fixes,
    Refusals,
    Reuse,
    RuleAgreement,
    Spent,
    Verdicts,
    WeekAgreement,
)
from insights.quality import MAX_RULES, quality_since
from llm.models import ModelCall, Outcome
from remediation.models import FixAttempt, FixFeedback, FixStatus, Guidance, RemedyOrigin
from tenants.models import Door
from tenants.scope import organization_scope
from tests.factories import FindingFactory, ReportedRuleFactory, VerdictFactory
from triage.models import Feedback, Origin, Rating

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)  # a Friday
QUERIES = 8


def a_verdict(conclusion=Conclusion.FALSE_POSITIVE, *, confidence=0.8, ago=1, **fields):
    return VerdictFactory(
        conclusion=conclusion,
        confidence_ratio=confidence,
        created_at=NOW - timedelta(days=ago),
        **fields,
    )


def opine(verdict, rating, *, actor=None, ago=1):
    return Feedback.objects.create(
        verdict=verdict,
        rating=rating,
        actor=actor,
        door=Door.PAGE,
        created_at=NOW - timedelta(days=ago),
    )


def a_call(finding_id, *, purpose="judge", tokens=(900, 100), cost="0.01", ago=1):
    return ModelCall.objects.create(
        purpose=purpose,
        subject_id=finding_id,
        provider="openai",
        model="m",
        prompt_version="v",
        input_tokens=tokens[0],
        output_tokens=tokens[1],
        cost_usd=Decimal(cost),
        duration_ms=1,
        outcome=Outcome.ANSWERED,
        created_at=NOW - timedelta(days=ago),
        expires_at=NOW,
    )


def a_fix(status, *, reason="", ago=1, finding=None):
    return FixAttempt.objects.create(
        finding=finding or FindingFactory(),
        origin=RemedyOrigin.MODEL,
        status=status,
        reason=reason,
        path="a.py",
        content_hash="0" * 64,
        proposed_confidence=Confidence.HIGH,
        confidence=Confidence.HIGH,
        created_at=NOW - timedelta(days=ago),
    )


def figures(days=90):
    return quality_since(days=days, now=NOW)


def test_an_organization_without_verdicts_has_empty_figures(acme):
    quality = figures(days=30)

    assert quality.verdicts == Verdicts(
        true_positives=0, false_positives=0, needs_review=0, reused=0
    )
    assert quality.agreement.ratio is None
    assert (quality.rules, quality.calibration, quality.spent) == ([], [], [])
    assert quality.fixes == Fixes(
        proven=0, accepted=0, rejected=0, open=0, withdrawn=0, refusals=()
    )
    assert quality.guidance == Reuse(total=0, reused=0)


def test_verdicts_are_counted_by_conclusion_and_reuse(acme):
    a_verdict(Conclusion.TRUE_POSITIVE)
    a_verdict(Conclusion.FALSE_POSITIVE, origin=Origin.REUSED)
    a_verdict(Conclusion.NEEDS_REVIEW)
    a_verdict(Conclusion.NEEDS_REVIEW, ago=91)

    verdicts = figures().verdicts

    assert verdicts == Verdicts(true_positives=1, false_positives=1, needs_review=1, reused=1)
    assert verdicts.total == 3


def test_agreement_is_counted_by_rule_whatever_its_content(acme):
    old = ReportedRuleFactory(check_id="acme.sql", content_hash="1" * 64)
    new = ReportedRuleFactory(check_id="acme.sql", content_hash="2" * 64)
    other = ReportedRuleFactory(check_id="acme.eval")
    for rule, rating in ((old, Rating.GOOD), (new, Rating.BAD), (other, Rating.GOOD)):
        opine(a_verdict(finding=FindingFactory(rule=rule)), rating)

    assert figures().rules == [
        RuleAgreement(check_id="acme.sql", total=2, agreed=1),
        RuleAgreement(check_id="acme.eval", total=1, agreed=1),
    ]


def test_of_one_person_the_newest_opinion_counts_and_each_person_counts(acme, ada, mel):
    verdict = a_verdict()
    opine(verdict, Rating.BAD, actor=ada)
    opine(verdict, Rating.GOOD, actor=ada)
    opine(verdict, Rating.BAD, actor=mel)

    agreement = figures().agreement

    assert (agreement.total, agreement.agreed, agreement.disagreed) == (2, 1, 1)
    assert agreement.ratio == 0.5


def test_every_week_of_the_period_is_there(acme):
    opine(a_verdict(), Rating.GOOD, ago=0)
    opine(a_verdict(), Rating.BAD, ago=8)
    opine(a_verdict(), Rating.BAD, ago=40)

    weeks = figures(days=30).weeks

    assert weeks[-2:] == [
        WeekAgreement(week=date(2026, 11, 9), total=1, agreed=0),
        WeekAgreement(week=date(2026, 11, 16), total=1, agreed=1),
    ]
    assert next(week.week for week in weeks) == date(2026, 10, 19)
    assert len(weeks) == 5


@pytest.mark.parametrize(
    ("confidence", "index"), [(0.0, 0), (0.3, 3), (0.69, 6), (0.7, 7), (0.95, 9), (1.0, 9)]
)
def test_a_confidence_falls_into_its_tenth(acme, confidence, index):
    opine(a_verdict(confidence=confidence), Rating.GOOD)

    assert figures().calibration == [
        CalibrationBin(index=index, total=1, agreed=1, confidence=confidence)
    ]


def test_opinions_of_what_was_not_decided_say_nothing_of_confidence(acme):
    opine(a_verdict(Conclusion.NEEDS_REVIEW), Rating.BAD)

    assert figures().calibration == []


def test_fixes_are_counted_by_what_became_of_them(acme, ada, mel):
    accepted, rejected = a_fix(FixStatus.PROVEN), a_fix(FixStatus.PROVEN)
    a_fix(FixStatus.REFUSED, reason="still_fires")
    a_fix(FixStatus.REFUSED, reason="still_fires")
    a_fix(FixStatus.REFUSED, reason="too_large")
    a_fix(FixStatus.PROPOSED)
    a_fix(FixStatus.WITHDRAWN)
    a_fix(FixStatus.PROVEN, ago=100)
    for fix, actor, rating in (
        (accepted, ada, Rating.BAD),
        (accepted, ada, Rating.GOOD),
        (accepted, mel, Rating.BAD),
        (rejected, mel, Rating.BAD),
    ):
        FixFeedback.objects.create(fix=fix, rating=rating, actor=actor, door=Door.PAGE)

    fixes = figures().fixes

    assert fixes == Fixes(
        proven=2,
        accepted=1,
        rejected=1,
        open=1,
        withdrawn=1,
        refusals=(
            Refusals(reason="still_fires", count=2),
            Refusals(reason="too_large", count=1),
        ),
    )
    assert fixes.refused == 3


def test_tokens_and_cost_are_told_for_each_finding(acme):
    a_call(1)
    a_call(1, tokens=(500, 500))
    a_call(2)
    a_call(3, purpose="remedy", cost="0.05")
    a_call(4, purpose="evaluation")
    a_call(None, purpose="test")
    a_call(5, ago=100)

    judged, remedied = figures().spent

    assert judged == Spent(
        purpose="judge", calls=3, findings=2, tokens=3000, cost_usd=Decimal("0.030000")
    )
    assert (judged.tokens_each, judged.cost_each_usd) == (1500, Decimal("0.015"))
    assert (remedied.purpose, remedied.cost_each_usd) == ("remedy", Decimal("0.05"))


def test_reused_guidance_is_counted(acme):
    for origin in (RemedyOrigin.MODEL, RemedyOrigin.REUSED):
        Guidance.objects.create(
            finding=FindingFactory(), summary="Bind it.", instructions="1.", origin=origin,
            created_at=NOW,
        )  # fmt: skip

    assert figures().guidance == Reuse(total=2, reused=1)


def test_the_number_of_queries_does_not_grow(acme, django_assert_num_queries):
    for index in range(MAX_RULES + 2):
        rule = ReportedRuleFactory(check_id=f"acme.rule-{index}")
        opine(a_verdict(finding=FindingFactory(rule=rule), ago=index), Rating.GOOD, ago=index)
        a_call(index)
        a_fix(FixStatus.REFUSED, reason="too_large")

    with django_assert_num_queries(QUERIES):
        quality = figures()

    assert len(quality.rules) == MAX_RULES


def test_another_organization_sees_none_of_it(acme, rival):
    opine(a_verdict(), Rating.GOOD)
    a_call(1)
    a_fix(FixStatus.PROVEN)

    with organization_scope(rival.id):
        quality = figures()

    assert (quality.verdicts.total, quality.agreement.total, quality.fixes.proven) == (0, 0, 0)
    assert quality.spent == []
