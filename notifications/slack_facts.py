"""What messages in Slack say, as plain values; channels/slack.py renders them."""

from collections.abc import Sequence
from dataclasses import dataclass

from findings.models import Severity, Status
from notifications.facts import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where findings were found."""

    project: str
    branch: str
    commit: str
    change_request: str
    """Its number; blank outside of one."""
    url: str
    """Of the list with its findings, or of the scan's page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldFinding:
    """What is said of one finding; the line is 1-based."""

    title: str
    severity: Severity
    message: str
    path: str
    line: int
    line_url: str
    """At the code host; blank where none is connected."""
    url: str
    """Of its page."""
    advice: str
    """How to fix it, in one line; blank where nobody has said."""
    has_fix: bool
    """Whether a proven fix can be had on its page."""
    references: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanNews:
    """A scan's new findings, the worst first; `count` is of all, told or not."""

    origin: Origin
    findings: Sequence[ToldFinding]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedScan:
    """A scan that ended without a result."""

    origin: Origin
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionTold:
    """Who has agreed or disagreed with a verdict."""

    who: str
    agrees: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedVerdict:
    """A verdict that people are asked to agree with, and what they have answered."""

    origin: Origin
    finding: ToldFinding
    value: str
    """What the buttons carry."""
    reason: str
    is_by_model: bool
    is_safe: bool
    """Whether the verdict that counts is still that it may be safe to ignore."""
    status: Status
    decision: Decision
    opinions: Sequence[OpinionTold]

    @property
    def asks(self) -> bool:
        """Whether there is something to decide."""
        return self.is_safe and self.status in {
            Status.OPEN,
            Status.REVIEWING,
            Status.FIXING,
            Status.PROVISIONALLY_IGNORED,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestLine:
    """One message of many."""

    title: str
    detail: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Many messages as one; `count` is of all, told or not."""

    headline: str
    lines: Sequence[DigestLine]
    count: int
    done_count: int
    """How many of them are decided."""
    url: str


SlackFacts = ScanNews | FailedScan | AskedVerdict | Digest
