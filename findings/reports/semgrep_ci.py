"""The body that `semgrep ci` posts as its results."""

from collections.abc import Iterator
from typing import Any

from findings.models import Severity
from findings.reports.fields import Fields, texts_in
from findings.reports.json_stream import members
from findings.reports.rule_facts import SEVERITY_NUMBERS, RuleBook, dependency_in
from findings.reports.secrets import message_of
from findings.reports.traces import read_trace
from findings.reports.values import InvalidReportError, ReportedFinding, ReportFacts

FINDINGS = "findings"
IGNORES = "ignores"
_LISTS = ("searched_paths", "skipped_paths", "renamed_paths", "rule_ids")
MATCH_BASED_ID_LIMIT = 160
HASH_LIMIT = 64


def read_semgrep_ci(text: str) -> Iterator[ReportedFinding | ReportFacts]:
    """Yield the findings of a results body, and last what it says of the scan."""
    book = RuleBook()
    lists: dict[str, frozenset[str]] = {}
    seen: set[str] = set()
    for key, index, value in members(text, streamed=(FINDINGS, IGNORES)):
        seen.add(key)
        if index is not None:
            fields = Fields(value, f"$.{key}[{index}]")
            yield _finding(fields, book, is_muted=key == IGNORES)
        elif key in (FINDINGS, IGNORES) and value != []:
            raise InvalidReportError("A list is expected.", field=f"$.{key}")
        elif key in _LISTS and value is not None:
            lists[key] = texts_in(value, f"$.{key}")
    if FINDINGS not in seen:
        raise InvalidReportError(
            "The list of findings is missing: this is not what `semgrep ci` posts.",
            field=f"$.{FINDINGS}",
        )
    if "searched_paths" not in lists:
        # Every scanner says it; without it, what was not looked at would be closed.
        raise InvalidReportError(
            "The list of searched files is missing: this is not what `semgrep ci` posts.",
            field="$.searched_paths",
        )
    yield ReportFacts(
        searched_paths=lists["searched_paths"],
        skipped_paths=lists.get("skipped_paths", frozenset()),
        renamed_paths=lists.get("renamed_paths", frozenset()),
        rule_ids=lists.get("rule_ids", frozenset()),
        # Only diff scans send it, whatever they announced (a merge base that we served).
        is_diff="changed_dependency_sources" in seen,
    )


def _finding(fields: Fields, book: RuleBook, *, is_muted: bool) -> ReportedFinding:
    hashes = fields.object("hashes")
    start, end = fields.position("line"), fields.position("end_line")
    if end < start:
        raise fields.refuse("end_line", "The match ends before it begins.")
    product, package = dependency_in(fields.values.get("sca_info"))
    rule = book.facts(
        check_id=fields.check_id("check_id"),
        severity=_severity(fields),
        metadata=fields.object("metadata").values,
        product=product,
        package=package,
    )
    shown = fields.values.get("fixed_lines"), fields.values.get("dataflow_trace")
    return ReportedFinding(
        rule=rule,
        path=fields.file_path("path"),
        start_line=start,
        start_column=fields.position("column"),
        end_line=end,
        end_column=fields.position("end_column"),
        message=message_of(rule, fields.message("message"), shown=shown),
        is_muted=is_muted,
        match_based_id=fields.identifier("match_based_id", MATCH_BASED_ID_LIMIT),
        syntactic_id=fields.identifier("syntactic_id", HASH_LIMIT),
        code_hash=hashes.identifier("code_hash", HASH_LIMIT),
        pattern_hash=hashes.identifier("pattern_hash", HASH_LIMIT),
        trace=read_trace(fields.values.get("dataflow_trace")),
    )


def _severity(fields: Fields) -> Severity:
    number: Any = fields.values.get("severity")
    if type(number) is not int or not 0 <= number < len(SEVERITY_NUMBERS):
        raise fields.refuse("severity", "A number from 0 (low) to 4 (experiment) is expected.")
    return SEVERITY_NUMBERS[number]
