"""The figures of the Dashboard, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from insights.periods import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One column of the plots: what happened in it, and the backlog at its end."""

    since: datetime
    until: datetime
    first_day: date
    last_day: date
    opened: int
    fixed: int
    ignored: int
    backlog: int
    found: int
    """In change requests."""
    shown: int
    """Of those found, the ones that a comment there spoke of."""
    fixed_early: int
    """Of those found, the ones that went before they were merged."""

    @property
    def closed(self) -> int:
        """How many were fixed or ignored."""
        return self.fixed + self.ignored

    @property
    def net(self) -> int:
        """By how many the backlog grew."""
        return self.opened - self.closed


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectBacklog:
    """The undecided findings of one project."""

    name: str
    severities: Mapping[int, int]
    products: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.severities.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAge:
    """How long undecided findings have been open: the median of whole days."""

    severity: int | None
    """None: of all."""
    count: int
    days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """How many of the projects that were scanned have their change requests scanned, too."""

    scanned: int
    guarded: int

    @property
    def ratio(self) -> float | None:
        """The share; None where nothing was scanned."""
        return self.guarded / self.scanned if self.scanned else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """All figures of one period."""

    window: Window
    parts: Sequence[Part]
    projects: Sequence[ProjectBacklog]
    """Those with the most undecided findings, the most first."""
    project_count: int
    """How many projects have undecided findings."""
    ages: Sequence[OpenAge]
    """The worst severity first, then all; only those of which there are findings."""
    adoption: Adoption

    @property
    def opened(self) -> int:
        """How many findings were opened."""
        return sum(part.opened for part in self.parts)

    @property
    def fixed(self) -> int:
        """How many were fixed."""
        return sum(part.fixed for part in self.parts)

    @property
    def ignored(self) -> int:
        """How many were ignored."""
        return sum(part.ignored for part in self.parts)

    @property
    def net(self) -> int:
        """By how many the backlog grew."""
        return self.opened - self.fixed - self.ignored

    @property
    def backlog(self) -> int:
        """How many are undecided now."""
        return self.parts[-1].backlog

    @property
    def found(self) -> int:
        """How many were found in change requests."""
        return sum(part.found for part in self.parts)

    @property
    def shown(self) -> int:
        """How many of these a comment spoke of."""
        return sum(part.shown for part in self.parts)

    @property
    def fixed_early(self) -> int:
        """How many of these went before they were merged."""
        return sum(part.fixed_early for part in self.parts)

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.backlog or self.opened or self.fixed or self.ignored or self.found)
