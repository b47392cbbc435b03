"""What the editor shows of a run: the table of its test, its matches, and what the panes mark."""

import json
from dataclasses import dataclass
from typing import Any

from rules.annotations import Expectation, Kind
from rules.models import RuleTrial
from rules.trial_results import Match, TrialResult
from rules.trials import result_of
from tenants.jobs import LIVE, JobStatus

MOST_MATCHES_LISTED = 50
_EXPECTED = {
    Kind.RULEID: ("ruleid:", "A match"),
    Kind.OK: ("ok:", "No match"),
    Kind.TODORULEID: ("todoruleid:", "A match, one day"),
    Kind.TODOOK: ("todook:", "No match, one day"),
    Kind.UNMARKED: ("none", "No match, for no comment asks for one"),
}
_LIMITS = {
    "time": "Time limit reached",
    "memory": "Memory limit reached",
    "output": "Output limit reached",
    "processes": "Process limit reached",
}
_MET, _MISSED, _WAITING = "✓", "✗", "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One expectation of the test; `line` is 1-based."""

    line: int
    comment: str
    expected: str
    code: str
    outcome: str
    glyph: str
    tone: str
    """good, bad, or quiet for what does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRun:
    """A run as its panel shows it; `for_panes` is JSON for the page's script."""

    result: TrialResult
    rows: tuple[Row, ...]
    matches: tuple[Match, ...]
    headline: str
    tone: str
    """good, bad, or doubt where nothing is proven either way."""
    limit: str
    took: str
    for_panes: str


def show_trial(trial: RuleTrial) -> tuple[bool, bool, ShownRun | None]:
    """Return whether a trial is live, whether it runs, and what came of it once it has ended."""
    result = result_of(trial)
    is_running = trial.status == JobStatus.RUNNING
    shown = show_result(result, trial.test_code) if result else None
    return trial.status in LIVE, is_running, shown


def show_result(result: TrialResult, test_code: str) -> ShownRun:
    """Return what the panel shows of a result; `test_code` is the code that was run on."""
    lines = test_code.split("\n")
    rows = tuple(_row(one, lines) for one in result.expectations)
    headline, tone = _headline(result)
    return ShownRun(
        result=result,
        rows=rows,
        matches=result.matches[:MOST_MATCHES_LISTED],
        headline=headline,
        tone=tone,
        limit=_LIMITS.get(result.tripped_limit, ""),
        took=f"{result.duration_ms / 1000:.1f} s" if result.duration_ms else "",
        for_panes=json.dumps(_for_panes(result, rows, lines)),
    )


def _row(one: Expectation, lines: list[str]) -> Row:
    comment, expected = _EXPECTED[one.kind]
    has_match = one.is_met == (one.kind in {Kind.RULEID, Kind.TODORULEID})
    outcome = "matched" if has_match else "not matched"
    glyph, tone = (_MET, "good") if one.is_met else (_MISSED, "bad")
    if one.is_todo:
        tone = "quiet"
        glyph = _MET if one.is_met else _WAITING
    return Row(
        line=one.line,
        comment=comment,
        expected=expected,
        code=lines[one.line - 1].strip()[:200] if one.line <= len(lines) else "",
        outcome=outcome,
        glyph=glyph,
        tone=tone,
    )


def _headline(result: TrialResult) -> tuple[str, str]:
    counting = [one for one in result.expectations if not one.is_todo]
    if result.problem:
        return "The run found a problem.", "bad"
    if result.is_green:
        lines = "line" if len(counting) == 1 else "lines"
        return f"The test passes: {len(counting)} {lines} as expected.", "good"
    if result.unmet:
        lines = "line" if len(counting) == 1 else "lines"
        missed = f"{len(result.unmet)} of {len(counting)} {lines}"
        return f"The test fails: {missed} came out otherwise.", "bad"
    return "Nothing is proven yet: no “ruleid:” comment names a line that must match.", "doubt"


def _for_panes(result: TrialResult, rows: tuple[Row, ...], lines: list[str]) -> dict[str, Any]:
    return {
        "problem": result.problem,
        "problem_line": result.problem_line,
        "matches": [
            {
                "line": match.line,
                "column": _column(lines, match.line, match.column),
                "end_line": match.end_line,
                "end_column": _column(lines, match.end_line, match.end_column),
                "message": match.message[:300],
            }
            for match in result.matches
        ],
        "signs": [
            {
                "line": row.line,
                "kind": {"good": "met", "bad": "missed"}.get(row.tone, "waiting"),
                "glyph": row.glyph,
                "title": f"Expected: {row.expected.lower()}. It was {row.outcome}.",
            }
            for row in rows
        ],
    }


def _column(lines: list[str], line: int, column: int) -> int:
    """Return a 1-based column as browsers count, in units of UTF-16; the scanner counts bytes."""
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    before = text.encode()[: max(column - 1, 0)].decode(errors="ignore")
    return len(before.encode("utf-16-le")) // 2 + 1
