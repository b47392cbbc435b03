"""The figures that pages draw and list, as values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from triage.evaluation import BINS


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How many opinions of verdicts there are, and how many agree."""

    total: int
    agreed: int

    @property
    def disagreed(self) -> int:
        """How many disagree."""
        return self.total - self.agreed

    @property
    def ratio(self) -> float | None:
        """The share that agrees; None without opinions."""
        return self.agreed / self.total if self.total else None

    @property
    def percentage(self) -> int:
        """The share in percent, 0 without opinions: the length of a bar."""
        return round(100 * (self.ratio or 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAgreement(Agreement):
    """Opinions of the verdicts on one rule's findings."""

    check_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekAgreement(Agreement):
    """The opinions of one week, which begins on a Monday, UTC."""

    week: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationBin(Agreement):
    """Opinions of decided verdicts whose confidence falls into one tenth."""

    index: int
    confidence: float
    """The mean."""

    @property
    def low(self) -> float:
        """Where the bin begins."""
        return self.index / BINS

    @property
    def high(self) -> float:
        """Where the bin ends."""
        return (self.index + 1) / BINS


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """How the verdicts of a period came out."""

    true_positives: int
    false_positives: int
    needs_review: int
    reused: int

    @property
    def total(self) -> int:
        """How many there are."""
        return self.true_positives + self.false_positives + self.needs_review

    @property
    def needs_review_ratio(self) -> float | None:
        """The share that was left to a person; None without verdicts."""
        return self.needs_review / self.total if self.total else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """Fixes that were refused for one reason."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixes:
    """What became of the candidates for fixes."""

    proven: int
    accepted: int
    """Of the fixes that were proven, those that somebody finds good."""
    rejected: int
    """Those that somebody finds bad, and nobody good."""
    open: int
    withdrawn: int
    refusals: tuple[Refusals, ...]

    @property
    def refused(self) -> int:
        """How many were refused."""
        return sum(one.count for one in self.refusals)

    @property
    def total(self) -> int:
        """How many candidates there were."""
        return self.proven + self.refused + self.open + self.withdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What the questions of one purpose took."""

    purpose: str
    calls: int
    findings: int
    tokens: int
    cost_usd: Decimal

    @property
    def tokens_each(self) -> int:
        """Tokens a finding."""
        return round(self.tokens / self.findings) if self.findings else 0

    @property
    def cost_each_usd(self) -> Decimal:
        """US dollars a finding."""
        return self.cost_usd / self.findings if self.findings else Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reuse:
    """How often an equal question was answered before."""

    total: int
    reused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """All figures of one period."""

    verdicts: Verdicts
    rules: Sequence[RuleAgreement]
    weeks: Sequence[WeekAgreement]
    calibration: Sequence[CalibrationBin]
    fixes: Fixes
    spent: Sequence[Spent]
    guidance: Reuse

    @property
    def agreement(self) -> Agreement:
        """All opinions of the period."""
        return Agreement(
            total=sum(week.total for week in self.weeks),
            agreed=sum(week.agreed for week in self.weeks),
        )
