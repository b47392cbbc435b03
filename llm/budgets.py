"""The monthly budget of an organization: a hard stop, looked at before every call.

Months are those of UTC. Calls that are under way when the limit is reached still end and are paid:
with ASSISTANT_CONCURRENCY calls at one moment, a budget may be passed by the price of as many.
"""

from datetime import UTC, datetime
from decimal import Decimal
from http import HTTPStatus

from django.db.models import Sum

from core.errors import ProblemError
from llm.configuration import assistant_settings
from llm.models import AssistantSettings, ModelCall


class OverBudgetError(ProblemError):
    """The month's budget is used up; no call was made."""

    code = "over_budget"
    status = HTTPStatus.PAYMENT_REQUIRED


def start_of_month(now: datetime) -> datetime:
    """Return the first moment of the month of `now`, in UTC."""
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def spent_this_month(now: datetime) -> Decimal:
    """Return what the organization in scope has spent in the month of `now`, in US dollars."""
    calls = ModelCall.objects.filter(created_at__gte=start_of_month(now), cost_usd__gt=0)
    return calls.aggregate(total=Sum("cost_usd"))["total"] or Decimal(0)


def require_budget(now: datetime, limits: AssistantSettings | None = None) -> None:
    """Raise OverBudgetError where the month's budget is used up; without a budget, look nowhere.

    The runner turns it into a recorded call and a NoAnswerError with the outcome OVER_BUDGET.
    """
    budget = (limits or assistant_settings()).monthly_budget_usd
    if budget is None or spent_this_month(now) < budget:
        return
    raise OverBudgetError(
        f"The assistant's budget of ${budget} for {now.astimezone(UTC):%B %Y} (UTC) is used up."
        " An admin can raise it under Settings, Assistant; it starts anew with the next month."
    )
