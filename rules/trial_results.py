"""What came of running a rule on its test code: a frozen value, and the mapping that is stored."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rules.annotations import Expectation, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A place that the rule matches: 1-based, `end_column` exclusive; what the rule says of it."""

    line: int
    column: int
    end_line: int
    end_column: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    """What came of a trial.

    `problem` is a sentence where there is one, else empty: why nothing could be run, or what went
    wrong in the run; `problem_line` is a line of the rule's text, 1-based, where it is known.
    `tripped_limit` names the limit that ended the run: one of `TRIPPED`.
    """

    problem: str = ""
    problem_line: int | None = None
    matches: tuple[Match, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    is_green: bool = False
    duration_ms: int = 0
    tripped_limit: str = ""

    @property
    def unmet(self) -> tuple[Expectation, ...]:
        """What came out otherwise than expected, and counts."""
        return tuple(one for one in self.expectations if not one.is_met and not one.is_todo)

    def as_mapping(self) -> dict[str, Any]:
        """Return what is stored as JSON."""
        return {
            "problem": self.problem,
            "problem_line": self.problem_line,
            "matches": [asdict(match) for match in self.matches],
            "expectations": [
                {
                    "line": one.line,
                    "kind": one.kind.value,
                    "is_met": one.is_met,
                    "is_todo": one.is_todo,
                }
                for one in self.expectations
            ],
            "is_green": self.is_green,
            "duration_ms": self.duration_ms,
            "tripped_limit": self.tripped_limit,
        }

    @classmethod
    def from_mapping(cls, stored: Mapping[str, Any]) -> "TrialResult":
        """Return what `as_mapping` gave; an empty mapping is an empty result."""
        return cls(
            problem=stored.get("problem", ""),
            problem_line=stored.get("problem_line"),
            matches=tuple(Match(**match) for match in stored.get("matches", ())),
            expectations=tuple(
                Expectation(line=one["line"], kind=Kind(one["kind"]), is_met=one["is_met"])
                for one in stored.get("expectations", ())
            ),
            is_green=stored.get("is_green", False),
            duration_ms=stored.get("duration_ms", 0),
            tripped_limit=stored.get("tripped_limit", ""),
        )
