"""Run one rule on its test code in the scanner's sandbox, and say in words what came of it."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings

from core.errors import ProblemError
from integrations.semgrep.reports import RuleMatch, RunResult, ScanError
from integrations.semgrep.runner import run_rules
from integrations.semgrep.sandbox import Limits, ScannerFailedError
from rules.annotations import Kind, compare, is_green, most_telling
from rules.definitions import RuleRefusedError
from rules.documents import RuleFileError
from rules.languages import file_name_of
from rules.regexes import has_nested_repeats
from rules.texts import line_of, read_one_rule
from rules.trial_results import Match, TrialResult

MAX_MATCHES = 500
MAX_PROBLEM_CHARACTERS = 600
OUTPUT_MEBIBYTES = 8
# By the code of the error that stopped the scanner.
TRIPPED = {
    "scanner_time_limit": "time",
    "scanner_output_limit": "output",
    "scanner_memory_limit": "memory",
    "scanner_process_limit": "processes",
    "scanner_file_limit": "files",
}
# By the word that the scanner itself has for giving up on a file.
GIVEN_UP = {
    "Timeout": ("time", "The rule took too long on the test code and was stopped"),
    "OutOfMemory": ("memory", "The rule needed too much memory on the test code and was stopped"),
    "StackOverflow": ("memory", "The rule went too deep into the test code and was stopped"),
    "TooManyMatches": ("output", "The rule matches more places than can be told"),
}
CUT_OFF = (
    "A line was not found, and a regular expression of the rule has a repeat inside a repeat: the"
    " scanner gives up on those that go back for too long, and then they match nothing."
)
SLOW_REMEDY = (
    ": look for `...` that stand side by side, for patterns that match everything, and for"
    " regular expressions with a repeat inside a repeat."
)


def try_rule(*, text: str, test_code: str) -> TrialResult:
    """Run the rule in `text` on `test_code`; what goes wrong is said in the result.

    Its `paths` are left out, as the scanner's own test command does: they say where a rule looks,
    not what it finds, and the test code stands in no folder of theirs.
    """
    began = time.monotonic()

    def took() -> int:
        return int((time.monotonic() - began) * 1000)

    try:
        rule = read_one_rule(text)
        run = run_rules(
            rules=[{key: part for key, part in rule.items() if key != "paths"}],
            files={file_name_of(rule["languages"]): test_code},
            limits=trial_limits(),
            is_thorough=True,
        )
    except (RuleFileError, RuleRefusedError) as error:
        return TrialResult(problem=error.detail, problem_line=error.line, duration_ms=took())
    except ScannerFailedError as error:
        tripped = TRIPPED.get(error.code, "")
        return TrialResult(problem=error.detail, tripped_limit=tripped, duration_ms=took())
    except ProblemError as error:
        return TrialResult(problem=error.detail, duration_ms=took())
    return _result(rule=rule, text=text, test_code=test_code, run=run, duration_ms=took())


def trial_limits() -> Limits:
    """Return what one run may use."""
    return Limits(seconds=settings.RULE_TRIAL_SECONDS, output_mebibytes=OUTPUT_MEBIBYTES)


def _result(
    *, rule: Mapping[str, Any], text: str, test_code: str, run: RunResult, duration_ms: int
) -> TrialResult:
    problem, tripped = _problem(run.errors)
    matches = sorted(run.matches, key=lambda match: (match.start_line, match.start_column))
    expectations = compare(
        test_code=test_code,
        rule_id=rule["id"],
        matches={match.start_line for match in matches},
    )
    if not problem and any(one.kind is Kind.RULEID and not one.is_met for one in expectations):
        problem = CUT_OFF if has_nested_repeats(rule) else ""
    return TrialResult(
        problem=problem,
        problem_line=_line_of_fault(run.errors, text),
        matches=tuple(_as_match(match) for match in matches[:MAX_MATCHES]),
        expectations=tuple(most_telling(expectations)),
        is_green=not problem and is_green(expectations),
        duration_ms=duration_ms,
        tripped_limit=tripped,
    )


def _problem(errors: Sequence[ScanError]) -> tuple[str, str]:
    """Return a sentence about what went wrong, and the limit that tripped, if one did."""
    for error in errors:
        if error.kind in GIVEN_UP:
            tripped, sentence = GIVEN_UP[error.kind]
            return sentence + SLOW_REMEDY, tripped
    for error in errors:
        words = " ".join(error.detail.split())[:MAX_PROBLEM_CHARACTERS]
        if error.path and not error.rule_id:
            return f"The test code does not parse, so part of it was not looked at: {words}", ""
        return f"The scanner refuses the rule: {_without_lead(words, error)}", ""
    return "", ""


def _without_lead(words: str, error: ScanError) -> str:
    return words.partition(f"in rule {error.rule_id}: ")[2] or words


def _line_of_fault(errors: Sequence[ScanError], text: str) -> int | None:
    """Return the line of what the scanner complains of, as far as its words name it."""
    for error in errors:
        if error.path is None:
            field = "languages" if "invalid language" in error.detail else "id"
            return line_of(text, field)
    return None


def _as_match(match: RuleMatch) -> Match:
    return Match(
        line=match.start_line,
        column=match.start_column,
        end_line=match.end_line,
        end_column=match.end_column,
        message=match.message,
    )
