"""From stored attempts to candidates for the proof: their files, rules and edits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.errors import TransientError
from integrations.codehosts import CodeFile, CodeHostBusyError, CodeUnavailableError
from integrations.selectors import code_host_for
from remediation.edits import Applied, Edit, EditRefusedError, apply_edits
from remediation.fixes import why_unwritable
from remediation.models import FixAttempt, RemedyOrigin
from remediation.proof import Candidate, Check, Proof
from remediation.reasons import Reason
from remediation.rule_fixes import RuleFix, WantedFix, rule_fixes
from remediation.scan_rules import RulesInUse

AT_HAND = "code and rule are at hand"
FileKey = tuple[int, str, str]
OTHER_FILE = "The file at this commit is not the one that the fix was written for."
DAMAGED = "The file is not valid UTF-8: an edit would not leave its other bytes as they are."
NO_RULE = "The rule itself is not known here, so nothing can show that it stops matching."
NO_EDITS = "The model gave no edits."


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """An attempt that can be put to the proof; `failed`: the proof cannot even begin."""

    attempt: FixAttempt
    edits: tuple[Edit, ...]
    applied: Applied | None
    candidate: Candidate
    failed: Proof | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """The trials of a set of attempts, and what kept others from being tried for now."""

    trials: tuple[Trial, ...]
    obstacle: TransientError | None = None


@dataclass(slots=True, kw_only=True)
class _Bench:
    """What the attempts of one run share."""

    files: dict[FileKey, CodeFile | CodeUnavailableError | CodeHostBusyError] = field(
        default_factory=dict
    )
    rules: RulesInUse = field(default_factory=RulesInUse)
    rule_fixes: Mapping[str, RuleFix] = field(default_factory=dict)


def prepare(attempts: Sequence[FixAttempt]) -> Preparation:
    """Read the code and the rules of all attempts, each file and each policy once.

    An attempt whose code host is busy is left out, and named as the obstacle.
    """
    bench = _Bench()
    for attempt in attempts:
        _read(bench, attempt)
    bench.rule_fixes = rule_fixes([w for attempt in attempts if (w := _wanted(bench, attempt))])
    trials: list[Trial] = []
    obstacle: TransientError | None = None
    for attempt in attempts:
        file = bench.files[_key(attempt)]
        if isinstance(file, CodeHostBusyError):
            obstacle = file
        else:
            trials.append(_trial(bench, attempt, file))
    return Preparation(trials=tuple(trials), obstacle=obstacle)


def _key(attempt: FixAttempt) -> FileKey:
    return attempt.finding.project_id, attempt.commit, attempt.path


def _read(bench: _Bench, attempt: FixAttempt) -> None:
    key = _key(attempt)
    if key in bench.files:
        return
    try:
        host = code_host_for(attempt.finding.project)
        bench.files[key] = host.read_file(path=attempt.path, commit=attempt.commit)
    except (CodeUnavailableError, CodeHostBusyError) as error:
        bench.files[key] = error


def _wanted(bench: _Bench, attempt: FixAttempt) -> WantedFix | None:
    """Return what the scanner is to fill in for an attempt with the rule's own fix."""
    file, finding = bench.files[_key(attempt)], attempt.finding
    definition = bench.rules.definition(finding.rule.check_id)
    if (
        attempt.origin != RemedyOrigin.RULE
        or not isinstance(file, CodeFile)
        or file.content_hash != attempt.content_hash
        or definition is None
    ):
        return None
    is_there = finding.start_line == attempt.start_line
    return WantedFix(
        key=str(attempt.pk),
        path=attempt.path,
        text=file.text,
        definition=definition,
        start_line=attempt.start_line,
        end_line=attempt.end_line,
        start_column=finding.start_column if is_there else None,
    )


def _trial(bench: _Bench, attempt: FixAttempt, file: CodeFile | CodeUnavailableError) -> Trial:
    edits = _edits(bench, attempt)
    problem = _why_not_tried(bench, attempt, file)
    applied: Applied | None = None
    refusal: EditRefusedError | None = None
    if not problem:
        try:
            _require_edits(bench, attempt, edits)
            applied = apply_edits(original=_text(file), edits=edits)
        except EditRefusedError as error:
            refusal = error
    check_id = attempt.finding.rule.check_id
    candidate = Candidate(
        key=str(attempt.pk),
        path=attempt.path,
        original=_text(file),
        patched=applied.text if applied else None,
        rules=bench.rules.for_file(attempt.finding.project, path=attempt.path, check_id=check_id),
        rule_id=check_id,
        start_line=attempt.start_line,
        end_line=attempt.end_line,
        refusal=refusal,
    )
    return Trial(
        attempt=attempt,
        edits=edits,
        applied=applied,
        candidate=candidate,
        failed=_failed(attempt, problem) if problem else None,
    )


def _failed(attempt: FixAttempt, problem: str) -> Proof:
    check = Check(name=AT_HAND, ok=None, detail=problem)
    return Proof(key=str(attempt.pk), reason=Reason.CHECK_FAILED, checks=(check,), detail=problem)


def _text(file: CodeFile | CodeUnavailableError) -> str:
    return file.text if isinstance(file, CodeFile) else ""


def _edits(bench: _Bench, attempt: FixAttempt) -> tuple[Edit, ...]:
    filled = bench.rule_fixes.get(str(attempt.pk))
    if filled is not None:
        return filled.edits
    return tuple(
        Edit(search=str(edit["search"]), replace=str(edit["replace"])) for edit in attempt.edits
    )


def _why_not_tried(
    bench: _Bench, attempt: FixAttempt, file: CodeFile | CodeUnavailableError
) -> str:
    """Say why the proof cannot begin; blank: it can."""
    if isinstance(file, CodeUnavailableError):
        return f"The code could not be read. {file.detail}"
    if file.content_hash != attempt.content_hash:
        return OTHER_FILE
    if file.is_damaged:
        return DAMAGED
    if bench.rules.definition(attempt.finding.rule.check_id) is None:
        return NO_RULE
    filled = bench.rule_fixes.get(str(attempt.pk))
    return filled.problem if filled is not None and filled.is_failure else ""


def _require_edits(bench: _Bench, attempt: FixAttempt, edits: Sequence[Edit]) -> None:
    filled = bench.rule_fixes.get(str(attempt.pk))
    if filled is not None and filled.problem:
        raise EditRefusedError(Reason.DOES_NOT_APPLY, filled.problem)
    if not edits:
        raise EditRefusedError(Reason.DOES_NOT_APPLY, attempt.detail or NO_EDITS)
    problem = why_unwritable(edits)
    if problem:
        raise EditRefusedError(Reason.DOES_NOT_APPLY, problem)
