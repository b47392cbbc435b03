"""One run of the scanner for many candidates, each with its own rules; falls back to fewer."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from core.errors import ProblemError
from integrations.semgrep.reports import RuleMatch, RunResult, ScanError
from integrations.semgrep.runner import run_rules
from integrations.semgrep.sandbox import Limits

MOST_AT_ONCE = 50
# Of a rule that never ends the scanner rids itself after seconds; this is for what it cannot end.
BASE_SECONDS = 30
SECONDS_EACH = 1
MEMORY_MEBIBYTES = 6144
SYNTAX_ERRORS = ("syntax", "partialparsing", "lexical", "ast builder")
# A scanner may ask for these of each file; nothing in a proof depends on where a file lies.
DROPPED_KEYS = frozenset({"paths", "min-version", "max-version", "fix", "fix-regex"})
# The scanner's own grammars for files that we have none for.
PROBES = {
    "": None, ".tf": "terraform", ".hcl": "terraform", ".scala": "scala", ".swift": "swift",
    ".sol": "solidity", ".lua": "lua", ".dart": "dart", ".vue": "vue", ".ml": "ocaml",
    ".clj": "clojure", ".jl": "julia", ".r": "r", ".proto": "proto", ".hack": "hack",
    ".jsonnet": "jsonnet", ".lisp": "lisp", ".ex": "elixir", ".exs": "elixir", ".cls": "apex",
}  # fmt: skip
PROBE = "probe"


class ScanRefusedError(ProblemError):
    """There is no trustworthy scan of this candidate."""

    code = "scan_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanJob:
    """Two texts of one file, and the rules to run over both."""

    path: str
    before: str
    after: str
    rules: Sequence[Mapping[str, Any]]
    needs_probe: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOutcome:
    """The matches in both texts, under the rules' own ids, or why there are none.

    `parse_errors` are counts before and after; `was_probed`: the scanner's own grammar of the
    file's language read both.
    """

    before: tuple[RuleMatch, ...] = ()
    after: tuple[RuleMatch, ...] = ()
    parse_errors: tuple[int, int] = (0, 0)
    was_probed: bool = False
    failure: str = ""


def scan_all(jobs: Sequence[ScanJob], *, limits: Limits | None = None) -> list[ScanOutcome]:
    """Scan every job, as many in one run as goes well; in order, and never raises for one."""
    outcomes: dict[int, ScanOutcome] = {}
    waiting = [
        list(range(start, min(start + MOST_AT_ONCE, len(jobs))))
        for start in range(0, len(jobs), MOST_AT_ONCE)
    ][::-1]
    while waiting:
        group = waiting.pop()
        refused, failure = _run_group(jobs, group, outcomes, limits)
        rest = [index for index in group if index not in outcomes]
        outcomes |= dict.fromkeys(refused, ScanOutcome(failure=failure))
        if refused and rest:
            waiting.append([index for index in rest if index not in refused])
        elif len(rest) == 1:
            outcomes[rest[0]] = ScanOutcome(failure=failure)
        elif rest:
            middle = len(rest) // 2
            waiting += [rest[middle:], rest[:middle]]
    return [outcomes[index] for index in range(len(jobs))]


def _run_group(
    jobs: Sequence[ScanJob],
    group: Sequence[int],
    outcomes: dict[int, ScanOutcome],
    limits: Limits | None,
) -> tuple[set[int], str]:
    """Scan a group and note what is sure; return the jobs that spoil it, and the failure."""
    if not group:
        return set(), ""
    run = _Run([jobs[index] for index in group])
    try:
        result = run_rules(
            rules=run.rules,
            files=run.files,
            limits=limits or _limits(len(group)),
            is_thorough=True,
        )
    except (ProblemError, OSError, ValueError) as error:
        return set(), str(getattr(error, "detail", "The scanner could not be run."))
    spoiled, failure = run.spoiled_by(result.errors)
    if failure:
        return {group[number] for number in spoiled}, failure
    for number, index in enumerate(group):
        outcomes[index] = run.outcome(number, result)
    return set(), ""


def _limits(count: int) -> Limits:
    return Limits(seconds=BASE_SECONDS + SECONDS_EACH * count, memory_mebibytes=MEMORY_MEBIBYTES)


class _Run:
    """The files and rules of one run: equal sets of rules and equal files stand in it once."""

    def __init__(self, jobs: Sequence[ScanJob]) -> None:
        self.jobs = jobs
        self.files: dict[str, str] = {}
        self.rules: list[dict[str, Any]] = []
        self._sets: dict[str, int] = {}
        self._set_of: list[int] = []
        self._names: list[tuple[str, str]] = []
        self._by_content: dict[tuple[int, str, str], str] = {}
        for job in jobs:
            number = self._sets.setdefault(
                json.dumps([dict(rule) for rule in job.rules], sort_keys=True, default=str),
                len(self._sets),
            )
            self._set_of.append(number)
            self._names.append((self._file(number, job, "b"), self._file(number, job, "a")))
        self._add_rules(jobs)

    def _file(self, number: int, job: ScanJob, side: str) -> str:
        text = job.before if side == "b" else job.after
        key = (number, job.path, text)
        if key not in self._by_content:
            name = f"s{number}_{len(self._by_content)}_{_tail(job.path)}"
            self._by_content[key] = name
            self.files[name] = text
        return self._by_content[key]

    def _add_rules(self, jobs: Sequence[ScanJob]) -> None:
        done: set[int] = set()
        for job, number in zip(jobs, self._set_of, strict=True):
            if number not in done:
                done.add(number)
                self.rules += [
                    _own_rule(rule, f"s{number}-{index}", f"s{number}_*")
                    for index, rule in enumerate(job.rules)
                ]
            language = probe_language(job.path) if job.needs_probe else None
            if language:
                name = f"s{number}-{PROBE}-{language}"
                if not any(rule["id"] == name for rule in self.rules):
                    self.rules.append(_probe(name, language, f"s{number}_*"))

    def spoiled_by(self, errors: Iterable[ScanError]) -> tuple[set[int], str]:
        """Return the jobs that errors other than of syntax tell of, and the first one's words."""
        spoiled: set[int] = set()
        failure = ""
        for error in errors:
            if _is_syntax(error):
                continue
            failure = failure or " ".join(f"{error.kind}: {error.detail}".split())[:300]
            spoiled |= {
                number
                for number, names in enumerate(self._names)
                if (error.path in names if error.path else self._owns(number, error.rule_id))
            }
        return spoiled, failure

    def _owns(self, number: int, rule_id: str | None) -> bool:
        return bool(rule_id) and str(rule_id).startswith(f"s{self._set_of[number]}-")

    def outcome(self, number: int, result: RunResult) -> ScanOutcome:
        """Return what a run says of one job."""
        old, new = self._names[number]
        counts = Counter(error.path for error in result.errors if _is_syntax(error))
        job = self.jobs[number]
        language = probe_language(job.path) if job.needs_probe else None
        return ScanOutcome(
            before=tuple(self._matches(number, old, result)),
            after=tuple(self._matches(number, new, result)),
            parse_errors=(counts[old], counts[new]),
            was_probed=language is not None,
        )

    def _matches(self, number: int, name: str, result: RunResult) -> list[RuleMatch]:
        rules = self.jobs[number].rules
        return [
            replace(match, rule_id=str(rules[int(index)]["id"]), path=self.jobs[number].path)
            for match in result.matches
            if match.path == name and (index := match.rule_id.partition("-")[2]).isdigit()
        ]


def probe_language(path: str) -> str | None:
    """Return the scanner's name for a language that only the scanner can read."""
    name = PurePosixPath(path).name.lower()
    if name.startswith("dockerfile") or name.endswith(".dockerfile"):
        return "dockerfile"
    return PROBES.get(PurePosixPath(name).suffix)


def _tail(path: str) -> str:
    """Return a file name of the same kind, in plain letters."""
    if probe_language(path) == "dockerfile":
        return ".Dockerfile"
    name = PurePosixPath(path).name
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name)[-80:] or "file"


def _own_rule(rule: Mapping[str, Any], name: str, pattern: str) -> dict[str, Any]:
    """Return a rule under our own id, for our own files alone."""
    kept = {key: value for key, value in rule.items() if key not in DROPPED_KEYS}
    return {**kept, "id": name, "paths": {"include": [pattern]}}


def _probe(name: str, language: str, pattern: str) -> dict[str, Any]:
    """Return a rule that matches nothing, so that the scanner reads the file's syntax."""
    return {
        "id": name,
        "languages": [language],
        "severity": "INFO",
        "message": "Reads the file.",
        "pattern": "a_name_that_nobody_uses",
        "paths": {"include": [pattern]},
    }


def _is_syntax(error: ScanError) -> bool:
    return any(word in error.kind.lower() for word in SYNTAX_ERRORS) and bool(error.path)
