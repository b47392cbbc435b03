"""What an analysis will cost and how long it will take, told before it begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db.models import Avg

from llm.costs import are_prices_set, cost_of, prices
from llm.models import ModelCall, Outcome
from llm.providers.base import Usage
from llm.providers.registry import current_provider
from triage.models import Analysis

RECENT_CALLS = 200
OFFLINE_SECONDS = 0.05
# Until there are calls to go by: what a question of middling size takes.
_GUESSES = {
    Analysis.JUDGE: (Usage(input_tokens=3000, output_tokens=400), 8.0),
    Analysis.REMEDY: (Usage(input_tokens=4000, output_tokens=1200), 20.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """How many findings, for how much money, in what time; a guess from the calls before."""

    count: int
    cost_usd: Decimal
    seconds: int
    is_free: bool
    is_priced: bool = True
    """Whether the operator has set what the model's tokens cost."""


def estimate(*, finding_ids: Sequence[int], wanted: Sequence[Analysis]) -> Estimate:
    """Return what it takes to analyze these findings with the organization's provider."""
    return estimate_for(count=len(set(finding_ids)), wanted=wanted)


def estimate_for(*, count: int, wanted: Sequence[Analysis]) -> Estimate:
    """Return what it takes to analyze so many findings with the organization's provider."""
    provider = current_provider()
    if provider.is_offline:
        seconds = OFFLINE_SECONDS * count
        return Estimate(count=count, cost_usd=Decimal(0), seconds=_whole(seconds), is_free=True)
    each = [_average(kind, provider.name, provider.model) for kind in set(wanted)]
    cost = sum((cost for cost, _seconds in each), Decimal(0)) * count
    # Calls run side by side, but one finding's calls follow each other.
    rounds = -(-count // settings.ASSISTANT_CONCURRENCY)
    seconds = sum(seconds for _cost, seconds in each) * rounds
    return Estimate(
        count=count,
        cost_usd=cost.quantize(Decimal("0.0001")),
        seconds=_whole(seconds),
        is_free=False,
        is_priced=are_prices_set(),
    )


def _average(kind: Analysis, provider: str, model: str) -> tuple[Decimal, float]:
    """Return the dollars and seconds of one question of a kind, to the model in use."""
    recent = (
        ModelCall.objects.filter(purpose=kind.value, provider=provider, model=model)
        .filter(outcome__in=[Outcome.ANSWERED, Outcome.REPAIRED])
        .order_by("-id")
    )[:RECENT_CALLS]
    found = ModelCall.objects.filter(pk__in=recent.values("pk")).aggregate(
        cost=Avg("cost_usd"), duration_ms=Avg("duration_ms")
    )
    if found["cost"] is None:
        usage, seconds = _GUESSES[kind]
        return cost_of(usage, prices()), seconds
    return found["cost"], found["duration_ms"] / 1000


def _whole(seconds: float) -> int:
    return max(1, round(seconds)) if seconds else 0
