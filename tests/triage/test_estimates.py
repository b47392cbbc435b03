"""What an analysis will cost and take."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from llm.models import ModelCall, Outcome
from tenants.scope import organization_scope
from triage.estimates import Estimate, estimate
from triage.models import Analysis

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def a_call(cost="0.01", duration_ms=4000, **values):
    fields = {
        "purpose": "judge",
        "provider": "scripted",
        "model": "scripted-model",
        "outcome": Outcome.ANSWERED,
        **values,
    }
    return ModelCall.objects.create(
        prompt_version="a" * 64, cost_usd=cost, duration_ms=duration_ms, expires_at=NOW, **fields
    )


@pytest.fixture
def model(acme, script_model, settings):
    settings.ASSISTANT_CONCURRENCY = 10
    settings.ASSISTANT_INPUT_PRICE_USD = "1"
    settings.ASSISTANT_OUTPUT_PRICE_USD = "10"
    return script_model()


def test_offline_it_is_free(acme, settings):
    settings.ASSISTANT_PROVIDER = "offline"

    assert estimate(finding_ids=range(100), wanted=[Analysis.JUDGE]) == Estimate(
        count=100, cost_usd=Decimal(0), seconds=5, is_free=True
    )


def test_recent_calls_of_the_same_kind_and_model_are_gone_by(model):
    a_call("0.01", 4000)
    a_call("0.03", 8000, outcome=Outcome.REPAIRED)
    a_call("5", 90_000, purpose="remedy")
    a_call("5", 90_000, model="another")
    a_call("5", 90_000, outcome=Outcome.TIMEOUT)

    found = estimate(finding_ids=range(25), wanted=[Analysis.JUDGE])

    assert (found.count, found.cost_usd, found.seconds) == (25, Decimal("0.5000"), 18)
    assert not found.is_free


def test_without_calls_tokens_are_guessed_and_priced(model):
    found = estimate(finding_ids=[1, 1], wanted=[Analysis.JUDGE, Analysis.REMEDY])

    # (3000 + 4000) tokens in at $1, (400 + 1200) out at $10, each for a million
    assert (found.count, found.cost_usd, found.seconds) == (1, Decimal("0.0230"), 28)


def test_calls_of_another_organization_are_not_gone_by(model, rival):
    with organization_scope(rival.id):
        a_call("9")

    assert estimate(finding_ids=[1], wanted=[Analysis.JUDGE]).cost_usd == Decimal("0.0070")


def test_no_finding_costs_nothing(model):
    found = estimate(finding_ids=[], wanted=[Analysis.JUDGE])

    assert (found.count, found.cost_usd, found.seconds) == (0, Decimal(0), 0)


def test_without_prices_the_cost_is_said_to_be_unknown(model, settings):
    priced = estimate(finding_ids=[1], wanted=[Analysis.JUDGE])
    settings.ASSISTANT_INPUT_PRICE_USD = settings.ASSISTANT_OUTPUT_PRICE_USD = "0"

    unpriced = estimate(finding_ids=[1], wanted=[Analysis.JUDGE])

    assert (priced.is_priced, unpriced.is_priced) == (True, False)
    assert (unpriced.cost_usd, unpriced.is_free) == (Decimal(0), False)
