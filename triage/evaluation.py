"""Counting how good a judge is, on findings whose right answer is known; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from findings.models import Conclusion

BINS = 10
NO_WEAKNESS = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One finding: the right answer, and what the judge said."""

    label: Conclusion
    conclusion: Conclusion
    confidence: float
    weaknesses: tuple[str, ...] = ()
    """Like `CWE-89`; a finding counts once for each of them."""
    is_undecidable: bool = False

    @property
    def is_decided(self) -> bool:
        """Whether the judge did not leave it to a person."""
        return self.conclusion != Conclusion.NEEDS_REVIEW

    @property
    def is_kept(self) -> bool:
        """Whether people would still see it: doubt keeps a finding."""
        return self.conclusion != Conclusion.FALSE_POSITIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many findings were kept and dismissed, by what they really are."""

    true_positives_kept: int
    true_positives_dismissed: int
    false_positives_dismissed: int
    false_positives_kept: int
    needs_review: int
    """Of the kept ones, those that were left to a person."""

    @property
    def total(self) -> int:
        """How many findings there are."""
        true_positives = self.true_positives_kept + self.true_positives_dismissed
        return true_positives + self.false_positives_kept + self.false_positives_dismissed

    @property
    def precision(self) -> float | None:
        """Kept true positives of all kept; None where nothing was kept."""
        return _ratio(self.true_positives_kept, self.true_positives_kept, self.false_positives_kept)

    @property
    def recall(self) -> float | None:
        """Kept true positives of all true positives; None where there is none."""
        return _ratio(
            self.true_positives_kept, self.true_positives_kept, self.true_positives_dismissed
        )

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; None where one of them is."""
        if self.precision is None or self.recall is None:
            return None
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What the judging took."""

    tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """The decided verdicts of one tenth of confidence: 0.7 falls into 0.7-0.8, 1 into the last."""

    index: int
    count: int
    right: int
    confidence_sum: float

    @property
    def low(self) -> float:
        """Where the bin begins."""
        return self.index / BINS

    @property
    def high(self) -> float:
        """Where the bin ends."""
        return (self.index + 1) / BINS

    @property
    def confidence(self) -> float:
        """The mean confidence."""
        return self.confidence_sum / self.count

    @property
    def right_ratio(self) -> float:
        """How many were right."""
        return self.right / self.count


def bin_index(confidence: float) -> int:
    """Return the number, 0-based, of the bin that a confidence falls into."""
    return min(int(confidence * BINS), BINS - 1)


def count(judged: Iterable[Judged]) -> Counts:
    """Count what was kept and dismissed."""
    rows = [(one.label == Conclusion.TRUE_POSITIVE, one.is_kept, one.is_decided) for one in judged]
    return Counts(
        true_positives_kept=sum(real and kept for real, kept, _ in rows),
        true_positives_dismissed=sum(real and not kept for real, kept, _ in rows),
        false_positives_dismissed=sum(not real and not kept for real, kept, _ in rows),
        false_positives_kept=sum(not real and kept for real, kept, _ in rows),
        needs_review=sum(not decided for _, _, decided in rows),
    )


def bins_of(judged: Iterable[Judged]) -> list[Bin]:
    """Return the bins of confidence that hold decided verdicts, the lowest first."""
    found: dict[int, list[Judged]] = {}
    for one in judged:
        if one.is_decided:
            found.setdefault(bin_index(one.confidence), []).append(one)
    return [
        Bin(
            index=index,
            count=len(members),
            right=sum(one.conclusion == one.label for one in members),
            confidence_sum=sum(one.confidence for one in members),
        )
        for index, members in sorted(found.items())
    ]


def expected_calibration_error(bins: Sequence[Bin]) -> float | None:
    """Return how far confidence is from being right, weighted by the bins' sizes.

    None where nothing was decided: there is nothing to calibrate.
    """
    total = sum(one.count for one in bins)
    if not total:
        return None
    return sum(one.count * abs(one.right_ratio - one.confidence) for one in bins) / total


def report(judged: Sequence[Judged], *, spending: Spending) -> dict[str, Any]:
    """Return the report that `evaluate --json` prints.

    `undecidable` counts again those whose code alone does not decide them.
    """
    weaknesses = sorted({name for one in judged for name in _weaknesses(one)}, key=_by_number)
    return {
        **_measures(judged),
        "tokens": spending.tokens,
        "cost_usd": float(spending.cost_usd),
        "seconds": round(spending.seconds, 3),
        "by_cwe": {
            name: _measures([one for one in judged if name in _weaknesses(one)])
            for name in weaknesses
        },
        "undecidable": _measures([one for one in judged if one.is_undecidable]),
    }


def _measures(judged: Sequence[Judged]) -> dict[str, Any]:
    counts = count(judged)
    return {
        "n": counts.total,
        "true_positives_kept": counts.true_positives_kept,
        "true_positives_dismissed": counts.true_positives_dismissed,
        "false_positives_dismissed": counts.false_positives_dismissed,
        "false_positives_kept": counts.false_positives_kept,
        "needs_review": counts.needs_review,
        "precision": _rounded(counts.precision),
        "recall": _rounded(counts.recall),
        "f1": _rounded(counts.f1),
        "expected_calibration_error": _rounded(expected_calibration_error(bins_of(judged))),
    }


def _weaknesses(one: Judged) -> tuple[str, ...]:
    return one.weaknesses or (NO_WEAKNESS,)


def _by_number(name: str) -> tuple[int, str]:
    digits = name.rpartition("-")[2]
    return (int(digits), name) if digits.isdecimal() else (10**9, name)


def _ratio(part: int, *whole: int) -> float | None:
    return part / sum(whole) if sum(whole) else None


def _rounded(ratio: float | None) -> float | None:
    return None if ratio is None else round(ratio, 6)
