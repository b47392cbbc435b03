"""Semgrep as a separate program: says which rules are valid, and what they match."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.semgrep.reports import RunResult, ScanError, UnreadableReportError
from integrations.semgrep.sandbox import Limits
from integrations.semgrep.scanner import Way, scan

REASON_LENGTH = 300
# Which file does not matter: the scanner reads the patterns of every language before it looks.
EMPTY_FILE = {"empty.py": ""}
VALID_RULE = {
    "id": "valid",
    "languages": ["python"],
    "severity": "INFO",
    "message": "A rule that every scanner takes.",
    "pattern": "valid()",
}
CRASH = ScanError(
    kind="crash",
    detail="The scanner breaks over this rule: compare its keys and their values with the"
    " description of the rule syntax.",
    is_warning=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleProblem:
    """Why the scanner refuses a rule: its place in what was handed over, 0-based, and its id."""

    index: int
    rule_id: str
    reason: str


def run_rules(
    *,
    rules: Sequence[Mapping[str, Any]],
    files: Mapping[str, str],
    limits: Limits | None = None,
    is_thorough: bool = False,
) -> RunResult:
    """Scan `files`, texts by relative path, with `rules`; `is_thorough`: see `scan`.

    An invalid rule or a file that does not parse is an error in the result, beside the matches of
    the others. Raises ScannerFailedError where there is no result.
    """
    limits = limits or Limits()
    try:
        return scan(rules=rules, files=files, way=Way.QUICK, limits=limits, is_thorough=is_thorough)
    except UnreadableReportError:
        return scan(rules=rules, files=files, way=Way.PLAIN, limits=limits, is_thorough=is_thorough)


def validate_rules(
    rules: Sequence[Mapping[str, Any]], *, limits: Limits | None = None
) -> list[RuleProblem]:
    """Return a problem for each rule that a scanner would refuse or leave out, in order.

    One such rule among those served ends a whole scan. The quick way names what it finds; what
    it lets pass, the way of `semgrep ci` must take too. Raises ScannerFailedError.
    """
    limits = limits or Limits()
    everything = list(range(len(rules)))
    try:
        faults = _find_faults(rules, everything, Way.QUICK, limits)
    except UnreadableReportError:
        faults = {}
    suspects = [index for index, error in faults.items() if error is CRASH]
    for index in suspects:
        del faults[index]
    faults |= _find_faults(rules, suspects, Way.PLAIN, limits)
    if not faults:
        faults = _find_faults(rules, everything, Way.PLAIN, limits)
    return [
        RuleProblem(index=index, rule_id=str(rules[index].get("id", "")), reason=_reason(error))
        for index, error in sorted(faults.items())
    ]


def _find_faults(
    rules: Sequence[Mapping[str, Any]], indexes: Sequence[int], way: Way, limits: Limits
) -> dict[int, ScanError]:
    """Return complaints by index: the scanner's where it names the rule, else by halving."""
    faults: dict[int, ScanError] = {}
    groups = [list(indexes)] if indexes else []
    while groups:
        group = groups.pop()
        is_whole = len(group) == len(indexes)
        errors = _complaints([rules[i] for i in group], way, limits, is_whole=is_whole)
        if not errors:
            continue
        by_id = {error.rule_id: error for error in errors if error.rule_id}
        named = {index for index in group if rules[index].get("id") in by_id}
        faults |= {index: by_id[rules[index]["id"]] for index in named}
        if named:
            # The first complaints may have hidden others.
            rest = [index for index in group if index not in named]
            groups += [rest] if rest else []
        elif len(group) == 1:
            faults[group[0]] = errors[0]
        else:
            middle = len(group) // 2
            groups += [group[middle:], group[:middle]]
    return faults


def _complaints(
    rules: Sequence[Mapping[str, Any]], way: Way, limits: Limits, *, is_whole: bool
) -> Sequence[ScanError]:
    """Return what the scanner says of these rules; over an empty file it is of nothing else.

    A scanner that breaks over them complains too; one that breaks over any rule is an error.
    """
    try:
        return scan(rules=rules, files=EMPTY_FILE, way=way, limits=limits).errors
    except UnreadableReportError:
        if is_whole:
            scan(rules=[VALID_RULE], files=EMPTY_FILE, way=way, limits=limits)
        return [CRASH]


def _reason(error: ScanError) -> str:
    """Return the complaint on one line, without the rule's id and the places in our own files."""
    words = " ".join(error.detail.split())
    for lead in (f"in rule {error.rule_id}: ", "rules.json:1: ", "Fatal error : "):
        words = words.partition(lead)[2] or words
    words = re.split(r" ====\[| ----- pattern -----", words)[0]
    return words[:REASON_LENGTH]
