"""The evidence that a fix holds.

A fix is proven when every check ran and passed: the cheap ones of `steps` first, then one run of
the scanner over the file as it was and as it would be, for as many candidates as there are.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.semgrep.reports import RuleMatch
from integrations.semgrep.sandbox import Limits
from remediation.candidates import Candidate, Check
from remediation.comparison.deletions import lost_message_in
from remediation.comparison.evasions import evasion_in
from remediation.comparison.firing import Firing, compare
from remediation.reasons import Reason
from remediation.scanning import ScanJob, ScanOutcome, scan_all
from remediation.steps import (
    NAMES,
    NO_LONGER_FIRES,
    NOT_COMPARED,
    NOTHING_NEW,
    PARSES,
    Examination,
    RefusedError,
    examine,
)

__all__ = ["Candidate", "Check", "Proof", "prove_all"]

logger = logging.getLogger(__name__)

NOT_REACHED = "Not run, because an earlier check failed."
NO_READER = "There is no grammar for this kind of file, so nobody can say whether it still parses."


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What became of a candidate; `checks` in the order in which they run."""

    key: str
    reason: Reason
    checks: tuple[Check, ...]
    detail: str

    @property
    def is_proven(self) -> bool:
        """Say whether every check ran and passed."""
        return self.reason is Reason.OK


def prove_all(candidates: Sequence[Candidate], *, limits: Limits | None = None) -> list[Proof]:
    """Prove each candidate or refuse it, in order; never raises for a bad candidate."""
    examinations = [examine(candidate) for candidate in candidates]
    waiting = [one for one in examinations if one.refusal is None and _has_target_rule(one)]
    outcomes = scan_all([_job(one) for one in waiting], limits=limits)
    for examination, outcome in zip(waiting, outcomes, strict=True):
        _conclude(examination, outcome)
    return [_proof(examination) for examination in examinations]


def target_rule_id(candidate: Candidate) -> str | None:
    """Return the id of the candidate's own rule as its rules spell it; None if it is missing."""
    known = [str(rule.get("id", "")) for rule in candidate.rules]
    if candidate.rule_id in known:
        return candidate.rule_id
    # A scanner may put the rule file's folder in front.
    ends = {name for name in known if name and candidate.rule_id.endswith(f".{name}")}
    return ends.pop() if len(ends) == 1 else None


def _has_target_rule(examination: Examination) -> bool:
    rules: Sequence[Mapping[str, Any]] = examination.candidate.rules
    if all(rule.get("id") for rule in rules) and target_rule_id(examination.candidate):
        return True
    examination.refusal = RefusedError(
        NO_LONGER_FIRES, Reason.CHECK_FAILED, "The finding's rule is not among the rules."
    )
    return False


def _job(examination: Examination) -> ScanJob:
    candidate, change = examination.candidate, examination.change
    return ScanJob(
        path=candidate.path,
        before=change.before,
        after=change.after,
        rules=candidate.rules,
        needs_probe=PARSES not in examination.checks,
    )


def _conclude(examination: Examination, outcome: ScanOutcome) -> None:
    """Judge what the scanner says."""
    try:
        if outcome.failure:
            examination.refuse(Reason.CHECK_FAILED, outcome.failure, name=NO_LONGER_FIRES)
        _judge_parsing(examination, outcome)
        firing = compare(change=examination.change, before=outcome.before, after=outcome.after)
        gone = _judge_target(examination, outcome, firing)
        _judge_new(examination, firing)
        _judge_statements(examination, gone)
    except RefusedError as refusal:
        examination.refusal = refusal
    except RecursionError:
        examination.refusal = RefusedError(
            NO_LONGER_FIRES, Reason.CHECK_FAILED, "The code is nested too deeply to be compared."
        )
    except Exception:  # whatever one file does to us, the others are still judged
        logger.exception("A candidate could not be judged")
        examination.refusal = RefusedError(NO_LONGER_FIRES, Reason.CHECK_FAILED, NOT_COMPARED)


def _judge_parsing(examination: Examination, outcome: ScanOutcome) -> None:
    before, after = outcome.parse_errors
    if after > before:
        examination.refuse(Reason.SYNTAX_ERROR, "The scanner can no longer read the whole file.")
    if PARSES not in examination.checks:
        if not outcome.was_probed or before:
            examination.refuse(Reason.CHECK_FAILED, NO_READER, name=PARSES)
        examination.passed(PARSES, "Read by the scanner's own grammar.")


def _judge_target(
    examination: Examination, outcome: ScanOutcome, firing: Firing
) -> list[RuleMatch]:
    """Return the finding's matches that are gone."""
    candidate = examination.candidate
    rule_id = target_rule_id(candidate)
    known = [match for match in outcome.before if match.rule_id == rule_id]
    targets = [match for match in known if _is_target(match, candidate)]
    if not targets:
        where = "there" if known else "in the file as it was"
        examination.refuse(
            Reason.CHECK_FAILED, f"The rule does not fire {where}.", name=NO_LONGER_FIRES
        )
    gone = [match for match in firing.gone if match in targets]
    for old, new in firing.still:
        if old in targets and (not gone or not _is_elsewhere(old, new, candidate)):
            examination.refuse(
                Reason.STILL_FIRES, f"The rule still fires, now at line {new.start_line}."
            )
    if not gone:
        line = targets[0].start_line
        examination.refuse(Reason.STILL_FIRES, f"The rule still fires at line {line}.")
    stay = len(known) - len([match for match in firing.gone if match.rule_id == rule_id])
    examination.passed(NO_LONGER_FIRES, f"{stay} other findings of the rule stay." if stay else "")
    return gone


def _is_target(match: RuleMatch, candidate: Candidate) -> bool:
    if candidate.start_line is None:
        return True
    end_line = candidate.end_line or candidate.start_line
    return match.start_line <= end_line and match.end_line >= candidate.start_line


def _is_elsewhere(old: RuleMatch, new: RuleMatch, candidate: Candidate) -> bool:
    """Say whether a match is another finding of the rule that was only moved."""
    same_size = old.end_line - old.start_line == new.end_line - new.start_line
    return candidate.start_line is None and same_size


def _judge_statements(examination: Examination, gone: Sequence[RuleMatch]) -> None:
    """Judge what was done to the statements that the rule fired at, now that they are known."""
    if examination.pair is None:
        return
    lost = lost_message_in(examination.groups, [(one.start_line, one.end_line) for one in gone])
    if lost:
        examination.refuse(Reason.DELETES_CODE, lost)
    lines = range(
        min(match.start_line for match in gone), max(match.end_line for match in gone) + 1
    )
    evasion = evasion_in(examination.pair, examination.groups, lines)
    if evasion:
        examination.refuse(Reason.STILL_FIRES, evasion)


def _judge_new(examination: Examination, firing: Firing) -> None:
    for match in firing.new:
        examination.refuse(
            Reason.NEW_FINDING, f"{match.rule_id} fires at line {match.start_line}, anew."
        )
    examination.passed(NOTHING_NEW)


def _proof(examination: Examination) -> Proof:
    refusal = examination.refusal
    reason = refusal.reason if refusal else Reason.OK
    checks = []
    for name in NAMES:
        if refusal and name == refusal.name:
            ok = None if reason is Reason.CHECK_FAILED else False
            checks.append(Check(name=name, ok=ok, detail=refusal.detail))
        else:
            missing = Check(name=name, ok=None, detail=NOT_REACHED)
            checks.append(examination.checks.get(name, missing))
    return Proof(
        key=examination.candidate.key,
        reason=reason,
        checks=tuple(checks),
        detail=refusal.detail if refusal else reason.sentence,
    )
