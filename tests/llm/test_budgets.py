"""The monthly budget."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from llm.budgets import OverBudgetError, require_budget, spent_this_month
from llm.models import AssistantSettings, ModelCall, Outcome
from llm.providers.base import ProviderReply, Usage
from llm.runner import NoAnswerError
from tenants.scope import organization_scope
from tests.llm.logged import CallFactory
from tests.llm.questions import GOOD, NOW, ask_it

FIRST = datetime(2026, 11, 1, tzinfo=UTC)


def budget(dollars, **fields):
    return AssistantSettings.objects.create(monthly_budget_usd=dollars, **fields)


def test_a_month_is_one_of_utc(acme):
    CallFactory(created_at=FIRST, cost_usd="1.5")
    CallFactory(created_at=FIRST - timedelta(microseconds=1), cost_usd="100")
    CallFactory(created_at=NOW, cost_usd="0.25")

    assert spent_this_month(NOW) == Decimal("1.75")


def test_another_organizations_calls_do_not_count(acme, rival):
    with organization_scope(rival.id):
        CallFactory(created_at=NOW, cost_usd="100")

    assert spent_this_month(NOW) == 0


def test_without_a_budget_nothing_is_counted(acme, django_assert_num_queries):
    CallFactory(created_at=NOW, cost_usd="100")

    with django_assert_num_queries(1):  # the settings alone
        require_budget(NOW)


@pytest.mark.parametrize(("spent", "is_over"), [("9.999999", False), ("10", True), ("11", True)])
def test_a_budget_is_used_up_when_it_is_reached(acme, spent, is_over):
    CallFactory(created_at=NOW, cost_usd=spent)
    budget("10")

    if not is_over:
        require_budget(NOW)
        return
    with pytest.raises(OverBudgetError, match=r"\$10.* for November 2026 .* raise it"):
        require_budget(NOW)


def test_a_budget_of_nothing_stops_the_first_call(acme):
    budget("0")

    with pytest.raises(OverBudgetError):
        require_budget(NOW)


def test_a_question_over_budget_is_not_asked_and_says_so(acme, script_model):
    provider = script_model(GOOD)
    CallFactory(created_at=NOW, cost_usd="10")
    budget("10")

    with pytest.raises(NoAnswerError, match="budget") as caught:
        ask_it()

    assert provider.requests == []
    call = ModelCall.objects.get(outcome=Outcome.OVER_BUDGET)
    assert caught.value.call == call
    assert caught.value.call_id == call.id
    assert caught.value.outcome == Outcome.OVER_BUDGET
    assert (call.cost_usd, call.request, call.duration_ms) == (0, "", 0)
    assert "is used up" in call.error


def test_the_budget_is_looked_at_before_the_repair_too(acme, script_model, settings):
    settings.ASSISTANT_INPUT_PRICE_USD = "1"
    usage = Usage(input_tokens=1_000_000)
    provider = script_model(ProviderReply(text="no json", usage=usage), GOOD)
    budget("1")

    with pytest.raises(NoAnswerError) as caught:
        ask_it()

    assert caught.value.outcome == Outcome.OVER_BUDGET
    assert len(provider.requests) == 1


def test_rules_of_thumb_cost_nothing_and_go_on(acme):
    budget("0")

    assert ask_it().is_offline


def test_the_next_month_starts_anew(acme, script_model):
    script_model(GOOD)
    CallFactory(created_at=NOW - timedelta(days=30), cost_usd="10")
    budget("10")

    assert ask_it().call.outcome == Outcome.ANSWERED
