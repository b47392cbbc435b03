"""A rule's own fix as edits: the scanner fills it in, and the place is told apart by its text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import ProblemError
from integrations.semgrep.reports import RuleMatch
from integrations.semgrep.runner import run_rules
from remediation.edits import Edit

MAX_LINES_AROUND = 20
NOT_FOUND = "The rule does not match there any more, or says no fix for this match."
NOT_ALONE = "The matched code stands several times in the file, with the same lines around it."


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedFix:
    """A match whose rule says its own fix; lines and columns as the scanner counts them."""

    key: str
    path: str
    text: str
    definition: Mapping[str, Any]
    start_line: int
    end_line: int
    start_column: int | None = None
    """Only needed where one line has several matches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFix:
    """The edits that a rule says, or why there are none; `is_failure`: the scanner did not work."""

    edits: tuple[Edit, ...] = ()
    problem: str = ""
    is_failure: bool = False


def rule_fixes(wanted: Sequence[WantedFix]) -> dict[str, RuleFix]:
    """Return what the rules say, by key; all in one run of the scanner where that works."""
    if not wanted:
        return {}
    try:
        matches = _matches(wanted)
    except ProblemError as error:
        if len(wanted) == 1:
            return {wanted[0].key: RuleFix(problem=error.detail, is_failure=True)}
        # One bad rule or file must not cost the others their fix.
        alone = (rule_fixes([one]) for one in wanted)
        return {key: fix for found in alone for key, fix in found.items()}
    return {one.key: _fix(one, _folder(n, one), matches) for n, one in enumerate(wanted)}


def _matches(wanted: Sequence[WantedFix]) -> Sequence[RuleMatch]:
    rules = {str(one.definition["id"]): _anywhere(one.definition) for one in wanted}
    files = {_folder(n, one): one.text for n, one in enumerate(wanted)}
    return run_rules(rules=list(rules.values()), files=files).matches


def _folder(number: int, wanted: WantedFix) -> str:
    """Return a path of its own for each file: two commits may have one of the same name."""
    return f"{number}/{wanted.path}"


def _anywhere(definition: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in definition.items() if key != "paths"}


def _fix(wanted: WantedFix, path: str, matches: Sequence[RuleMatch]) -> RuleFix:
    match = _own(wanted, [match for match in matches if match.path == path])
    if match is None or match.fix is None:
        return RuleFix(problem=NOT_FOUND)
    content = wanted.text.encode("utf-8", "surrogateescape")
    start = len(content[: match.start_offset].decode("utf-8", "replace"))
    end = len(content[: match.end_offset].decode("utf-8", "replace"))
    edit = edit_at(wanted.text, start=start, end=end, new=match.fix)
    return RuleFix(edits=(edit,)) if edit else RuleFix(problem=NOT_ALONE)


def _own(wanted: WantedFix, matches: Sequence[RuleMatch]) -> RuleMatch | None:
    """Return the match that is meant; None where it cannot be told."""
    place = (wanted.definition["id"], wanted.start_line, wanted.end_line)
    there = [m for m in matches if (m.rule_id, m.start_line, m.end_line) == place]
    exact = [match for match in there if match.start_column == wanted.start_column]
    chosen = exact or there
    return chosen[0] if len(chosen) == 1 else None


def edit_at(text: str, *, start: int, end: int, new: str) -> Edit | None:
    """Return an edit of one place; whole lines around it are taken in until it stands alone."""
    first, last = start, end
    for _round in range(MAX_LINES_AROUND + 1):
        search = text[first:last]
        if search.strip() and _stands_once(text, search):
            return Edit(search=search, replace=text[first:start] + new + text[end:last])
        if (first, last) == (0, len(text)):
            return None
        first = text.rfind("\n", 0, max(first - 1, 0)) + 1
        following = text.find("\n", last + 1)
        last = len(text) if following < 0 else following
    return None


def _stands_once(text: str, search: str) -> bool:
    position = text.find(search)
    return position >= 0 and text.find(search, position + 1) < 0
