"""What there is to say of a finding in a change request, as plain values; channels render them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from findings.models import UNDECIDED, Conclusion, Severity, Status, TriageReason
from rules.models import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One place of a data flow; the line is 1-based."""

    role: str
    path: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who set the status, and why; all blank where nobody did."""

    who: str = ""
    reason: TriageReason | None = None
    note: str = ""
    is_in_code: bool = False
    """Whether a comment in the code mutes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictFacts:
    """The verdict that counts."""

    verdict_id: int
    conclusion: Conclusion
    reason: str
    quotes: tuple[str, ...]
    """Lines of code that were found in the file, and make it safe."""
    is_by_model: bool
    memory_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidanceFacts:
    """What to do about it, in prose."""

    summary: str
    instructions: str
    is_by_model: bool
    memory_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFacts:
    """One check of a fix's proof; `is_met` is None where it could not run."""

    name: str
    is_met: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FixFacts:
    """A proven fix; lines are 1-based, the end inclusive."""

    path: str
    commit: str
    start_line: int
    end_line: int
    replacement: str | None
    """What stands after the fix where the match's lines stood; None where it edits others too."""
    edits: tuple[tuple[str, str], ...]
    """What is searched for and what replaces it, one after the other."""
    checks: tuple[CheckFacts, ...]
    confidence: str
    is_by_model: bool
    memory_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingNotice:
    """All that a comment says of one finding; lines are 1-based, the end inclusive."""

    finding_id: int
    check_id: str
    title: str
    message: str
    references: tuple[str, ...]
    severity: Severity
    mode: Mode
    path: str
    commit: str
    """Whose lines the place speaks of."""
    start_line: int
    end_line: int
    status: Status
    """In this change request: fixed where its newest scan does not find it any more."""
    decision: Decision
    is_being_analyzed: bool
    component: str
    trace: Sequence[Step]
    verdict: VerdictFacts | None
    tells_verdict: bool
    """Whether the organization wants verdicts in comments."""
    guidance: GuidanceFacts | None
    fix: FixFacts | None
    url: str
    """Of the finding's page."""
    list_url: str
    """Of the list with all findings of its rule in this change request."""
    found_at: datetime

    @property
    def is_blocking(self) -> bool:
        """Whether it blocks merging as long as it is open."""
        return self.mode == Mode.BLOCK

    @property
    def is_open(self) -> bool:
        """Whether somebody has still to look at it."""
        return self.status in UNDECIDED

    @property
    def speaks_of_verdict(self) -> bool:
        """Whether its comment goes by the verdict; of what is closed, only where that closed it."""
        return self.is_open or self.status == Status.PROVISIONALLY_IGNORED

    @property
    def is_maybe_safe(self) -> bool:
        """Whether the verdict is that it may be safe to ignore, and comments may say so."""
        verdict = self.verdict
        return (
            self.tells_verdict
            and verdict is not None
            and verdict.conclusion == Conclusion.FALSE_POSITIVE
        )
