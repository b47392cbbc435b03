"""What mails say, as plain values; channels/mail.py renders them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from findings.models import Severity


def percent_of(done: int, total: int) -> int:
    """Return a share from 0 to 100; all of nothing is done."""
    return round(100 * done / total) if total else 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What each mail says of itself: whose it is, why it came, and how to have no more."""

    organization: str
    reason: str
    """A sentence: why this person gets it."""
    unsubscribe_url: str = ""
    """Works without signing in; blank where a mail was asked for."""
    preferences_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the tasks of a week came."""

    done: int
    total: int

    @property
    def percent(self) -> int:
        """The share that is done, from 0 to 100."""
        return percent_of(self.done, self.total)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailTask:
    """One of the week's tasks."""

    title: str
    product: str
    project: str
    rationale: str
    done: int
    total: int
    is_done: bool
    url: str

    @property
    def percent(self) -> int:
        """The share that is done, from 0 to 100."""
        return percent_of(self.done, self.total)


@dataclass(frozen=True, slots=True, kw_only=True)
class MondayFacts:
    """The week's tasks, and how the last week's went."""

    week: date
    """Its Monday."""
    tasks: Sequence[MailTask]
    last_week: Progress | None
    url: str
    """Of the page with the tasks."""

    @property
    def heading(self) -> str:
        """What the mail is about."""
        count = len(self.tasks)
        return "One task for this week" if count == 1 else f"{count} tasks for this week"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPlace:
    """Where a finding stands, and its page."""

    path: str
    line: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRule:
    """The new findings of one rule."""

    title: str
    check_id: str
    severity: Severity
    message: str
    places: Sequence[FoundPlace]
    more: int
    """How many places are not told."""

    @property
    def count(self) -> int:
        """How many findings there are."""
        return len(self.places) + self.more


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFacts:
    """What a scan found that is new."""

    project: str
    branch: str
    commit: str
    kind: str
    """`Full`, `Diff`."""
    rules: Sequence[FoundRule]
    more_rules: int
    count: int
    """Of the new findings that are open."""
    open_counts: Sequence[tuple[Severity, int]]
    """All open findings of the project, the worst first; those of change requests too."""
    url: str
    list_url: str
    """Of all open findings of the project."""

    @property
    def heading(self) -> str:
        """What the mail is about."""
        return f"{self.count} new finding{'' if self.count == 1 else 's'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedScanFacts:
    """A scan that ended without a result."""

    project: str
    branch: str
    commit: str
    problem: str
    detail: str
    """The scanner's own words, redacted; may have many lines."""
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestLine:
    """One scan of many."""

    project: str
    branch: str
    count: int
    """Of its new findings; 0 where it failed."""
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestFacts:
    """What gathered while nobody was to be disturbed, one line a scan."""

    is_of_failures: bool
    lines: Sequence[DigestLine]
    more: int
    url: str
    """Of all scans."""

    @property
    def count(self) -> int:
        """How many scans there are."""
        return len(self.lines) + self.more

    @property
    def heading(self) -> str:
        """What the mail is about."""
        scans = "1 scan" if self.count == 1 else f"{self.count} scans"
        return f"{scans} failed" if self.is_of_failures else f"{scans} with new findings"


MailFacts = MondayFacts | ScanFacts | FailedScanFacts | DigestFacts
