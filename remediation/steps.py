"""The checks of a proof that need no scanner, cheapest first; pure."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from remediation.candidates import Candidate, Check
from remediation.comparison.bounds import excess_in, is_mere_removal
from remediation.comparison.changes import Change
from remediation.comparison.deletions import deletion_in
from remediation.comparison.groups import Group, groups_of
from remediation.comparison.parsing import parse_problem
from remediation.comparison.plain_deletions import plain_deletion_in
from remediation.comparison.suppressions import added_suppression
from remediation.comparison.trees import Pair, pair_of
from remediation.edits import EditRefusedError
from remediation.reasons import Reason

logger = logging.getLogger(__name__)

NOT_COMPARED = "The check itself failed."
APPLIES = "applies"
ONE_FILE = "one file"
SIZE = "size"
NO_SUPPRESSION = "no suppression"
CHANGES_CODE = "changes code"
PARSES = "parses"
NOTHING_DELETED = "nothing needed deleted"
NO_LONGER_FIRES = "rule no longer fires"
NOTHING_NEW = "nothing new fires"
NAMES = (
    APPLIES,
    ONE_FILE,
    SIZE,
    NO_SUPPRESSION,
    CHANGES_CODE,
    PARSES,
    NOTHING_DELETED,
    NO_LONGER_FIRES,
    NOTHING_NEW,
)
CHECK_OF_REASON = {
    Reason.NO_CHANGE: CHANGES_CODE,
    Reason.DOES_NOT_APPLY: APPLIES,
    Reason.TOUCHES_OTHER_FILE: ONE_FILE,
    Reason.TOO_LARGE: SIZE,
    Reason.SUPPRESSION: NO_SUPPRESSION,
    Reason.SYNTAX_ERROR: PARSES,
    Reason.DELETES_CODE: NOTHING_DELETED,
    Reason.STILL_FIRES: NO_LONGER_FIRES,
    Reason.NEW_FINDING: NOTHING_NEW,
}


class RefusedError(Exception):
    """A check says no, or cannot say yes."""

    def __init__(self, name: str, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.name = name
        self.reason = reason
        self.detail = detail


@dataclass(kw_only=True)
class Examination:
    """A candidate, what is known of its change, and the checks that it has met so far."""

    candidate: Candidate
    change: Change
    pair: Pair | None = None
    groups: Sequence[Group] = ()
    checks: dict[str, Check] = field(default_factory=dict)
    refusal: RefusedError | None = None

    def passed(self, name: str, detail: str = "") -> None:
        """Note that a check passed."""
        self.checks[name] = Check(name=name, ok=True, detail=detail)

    def refuse(self, reason: Reason, detail: str, *, name: str | None = None) -> NoReturn:
        """End the examination."""
        raise RefusedError(name or CHECK_OF_REASON[reason], reason, detail)


def examine(candidate: Candidate) -> Examination:
    """Run the cheap checks, up to the first that says no."""
    after = candidate.patched if candidate.patched is not None else candidate.original
    change = Change(path=candidate.path, before=candidate.original, after=after)
    examination = Examination(candidate=candidate, change=change)
    try:
        for step in STEPS:
            step(examination)
    except RefusedError as refusal:
        examination.refusal = refusal
    except (RecursionError, MemoryError, ValueError):
        examination.refusal = RefusedError(
            PARSES,
            Reason.CHECK_FAILED,
            "The file is too deeply nested, or too long, to be compared.",
        )
    except Exception:  # whatever one file does to us, the others are still judged
        logger.exception("A candidate could not be examined")
        examination.refusal = RefusedError(PARSES, Reason.CHECK_FAILED, NOT_COMPARED)
    return examination


def _applies(examination: Examination) -> None:
    candidate = examination.candidate
    refusal = candidate.refusal
    if refusal is None and candidate.patched is None:
        refusal = EditRefusedError(Reason.DOES_NOT_APPLY, "There is no patched text.")
    if refusal is not None:
        if refusal.reason is not Reason.DOES_NOT_APPLY:
            examination.passed(APPLIES)
        examination.refuse(refusal.reason, refusal.detail, name=CHECK_OF_REASON.get(refusal.reason))
    examination.passed(APPLIES)
    examination.passed(ONE_FILE)
    if candidate.patched == candidate.original:
        examination.refuse(Reason.NO_CHANGE, "The text stays the same.")


def _is_text(examination: Examination) -> None:
    change = examination.change
    if "\0" in change.before:
        examination.refuse(Reason.CHECK_FAILED, "It is a binary file.", name=PARSES)
    if "\0" in change.after:
        examination.refuse(Reason.SYNTAX_ERROR, "It holds a NUL character.")
    for text in (change.before, change.after):
        try:
            text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            examination.refuse(Reason.CHECK_FAILED, "The text holds half a character.", name=PARSES)


def _size(examination: Examination) -> None:
    change = examination.change
    if not change.after.strip():
        examination.refuse(Reason.DELETES_CODE, "The file is empty now.")
    excess = excess_in(change)
    if excess and is_mere_removal(change):
        examination.refuse(Reason.DELETES_CODE, f"It mostly removes. {excess}")
    if excess:
        examination.refuse(Reason.TOO_LARGE, excess)
    examination.passed(SIZE)


def _suppression(examination: Examination) -> None:
    mark = added_suppression(examination.change)
    if mark:
        examination.refuse(Reason.SUPPRESSION, f"It adds `{mark}`, which silences a checker.")
    examination.passed(NO_SUPPRESSION)


def _changes_code(examination: Examination) -> None:
    change = examination.change
    pair = pair_of(change)
    examination.pair = pair
    if pair is not None:
        old = [(unit.depth, unit.kind, unit.tokens) for unit in pair.before_units]
        new = [(unit.depth, unit.kind, unit.tokens) for unit in pair.after_units]
        is_same = old == new
    else:
        is_same = change.before.split() == change.after.split()
    has_errors = pair is not None and pair.after.root_node.has_error
    if is_same and not has_errors:
        examination.refuse(Reason.NO_CHANGE, "It changes only white space or comments.")
    examination.passed(CHANGES_CODE)


def _parses(examination: Examination) -> None:
    change = examination.change
    could_run, problem = parse_problem(
        path=change.path, before=change.before, after=change.after, pair=examination.pair
    )
    if problem:
        examination.refuse(Reason.SYNTAX_ERROR, problem)
    if could_run:
        examination.passed(PARSES)


def _deletions(examination: Examination) -> None:
    candidate, pair = examination.candidate, examination.pair
    if pair is None:
        problem = plain_deletion_in(examination.change)
    else:
        examination.groups = groups_of(pair)
        problem = deletion_in(pair, list(examination.groups), _flagged(candidate))
    if problem:
        examination.refuse(Reason.DELETES_CODE, problem)
    examination.passed(NOTHING_DELETED)


def _flagged(candidate: Candidate) -> range | None:
    if candidate.start_line is None:
        return None
    return range(candidate.start_line, (candidate.end_line or candidate.start_line) + 1)


STEPS: tuple[Callable[[Examination], None], ...] = (
    _applies,
    _is_text,
    _size,
    _suppression,
    _changes_code,
    _parses,
    _deletions,
)
