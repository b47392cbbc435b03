"""One round of a model that writes a rule: a frozen value, and the mapping that is stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rules.models import RuleDraft
from rules.trial_results import TrialResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What a model proposed, and what came of it.

    `problem` is a sentence: why the proposal could not be tried at all; empty where it could.
    """

    text: str
    test_code: str
    problem: str
    result: TrialResult
    cost_usd: Decimal

    @property
    def is_green(self) -> bool:
        """Say whether the rule passed its test."""
        return not self.problem and self.result.is_green

    @property
    def why_red(self) -> str:
        """Say in a sentence what is wrong; empty where nothing is."""
        if self.is_green:
            return ""
        if self.problem or self.result.problem:
            return self.problem or self.result.problem
        unmet = len(self.result.unmet)
        if not unmet:
            return "The test names no line that the rule must find."
        lines = "1 line of the test came" if unmet == 1 else f"{unmet} lines of the test came"
        return f"{lines} out otherwise than expected."

    def as_mapping(self) -> dict[str, Any]:
        """Return what is stored as JSON."""
        return {
            "text": self.text,
            "test_code": self.test_code,
            "problem": self.problem,
            "result": self.result.as_mapping(),
            "is_green": self.is_green,
            "cost_usd": str(self.cost_usd),
        }

    @classmethod
    def from_mapping(cls, stored: Mapping[str, Any]) -> "Round":
        """Return what `as_mapping` gave."""
        return cls(
            text=stored["text"],
            test_code=stored["test_code"],
            problem=stored["problem"],
            result=TrialResult.from_mapping(stored["result"]),
            cost_usd=Decimal(stored["cost_usd"]),
        )


def rounds_of(draft: RuleDraft) -> list[Round]:
    """Return the rounds of a draft so far."""
    return [Round.from_mapping(stored) for stored in draft.rounds]


def best_of(rounds: Iterable[Round]) -> int | None:
    """Return the number, 1-based, of the green round or the one that failed least; None of none.

    Where there is no rule at all it fails most, then one that could not be tried, then one whose
    run broke off; then what counts is how much of its test came out otherwise. Of equal ones the
    later: it knew of the others.
    """
    ranked = [(_badness(one), -number, number) for number, one in enumerate(rounds, start=1)]
    return min(ranked)[2] if ranked else None


def _badness(one: Round) -> tuple[int, float]:
    if one.is_green:
        return 0, 0
    if one.problem:
        return (3, 0) if one.text else (4, 0)
    if one.result.problem:
        return 2, 0
    counting = [expected for expected in one.result.expectations if not expected.is_todo]
    return 1, len(one.result.unmet) / len(counting) if counting else 1


def cost_of_rounds(rounds: Iterable[Round]) -> Decimal:
    """Return what all of them cost together, in US dollars."""
    return sum((one.cost_usd for one in rounds), Decimal(0))
