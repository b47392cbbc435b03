"""The file that `semgrep scan --json` and `semgrep ci --json-output` write."""

from collections.abc import Iterator, Mapping
from typing import Any

from findings.reports.code_hash import hash_code
from findings.reports.fields import Fields, list_in
from findings.reports.json_stream import members
from findings.reports.rule_facts import SEVERITY_WORDS, RuleBook, dependency_in
from findings.reports.secrets import message_of
from findings.reports.semgrep_ci import HASH_LIMIT, MATCH_BASED_ID_LIMIT
from findings.reports.traces import read_trace
from findings.reports.values import InvalidReportError, ReportedFinding, ReportFacts

RESULTS = "results"
# Our own addition to a result, made by `import_scan --checkout`.
CODE_HASH = "assistant_code_hash"
SHOWS_CODE = ("lines", "metavars", "fix", "fixed_lines", "rendered_fix", "dataflow_trace")
_GAVE_UP = frozenset({"Timeout", "OutOfMemory", "StackOverflow", "TimeoutDuringInterfile"})


def read_semgrep_json(text: str) -> Iterator[ReportedFinding | ReportFacts]:
    """Yield the findings of the file, and last what it says of the scan: not which rules ran."""
    book = RuleBook()
    has_results = False
    searched: frozenset[str] | None = None
    skipped: frozenset[str] = frozenset()
    for key, index, value in members(text, streamed=(RESULTS,)):
        if index is not None:
            yield _finding(Fields(value, f"$.{RESULTS}[{index}]"), book)
        elif key == "paths":
            paths = Fields(value, "$.paths").texts("scanned")
            searched = frozenset(path.removeprefix("./") for path in paths)
        elif key == "errors":
            skipped = _gave_up_on(value)
        elif key == RESULTS and value != []:
            raise InvalidReportError("A list is expected.", field="$.results")
        has_results = has_results or key == RESULTS
    if not has_results:
        raise InvalidReportError(
            "The list of results is missing: this is not a report of `semgrep scan --json`.",
            field="$.results",
        )
    yield ReportFacts(searched_paths=searched, skipped_paths=skipped, tells_muted=False)


def _finding(fields: Fields, book: RuleBook) -> ReportedFinding:
    start, end, extra = fields.object("start"), fields.object("end"), fields.object("extra")
    if end.position("line") < start.position("line"):
        raise end.refuse("line", "The match ends before it begins.")
    word = extra.text("severity").upper()
    if word not in SEVERITY_WORDS:
        raise extra.refuse("severity", f"One of {', '.join(SEVERITY_WORDS)} is expected.")
    product, package = dependency_in(extra.values.get("sca_info"))
    rule = book.facts(
        check_id=fields.check_id("check_id"),
        severity=SEVERITY_WORDS[word],
        metadata=extra.object("metadata").values,
        product=product,
        package=package,
    )
    return ReportedFinding(
        rule=rule,
        path=fields.file_path("path"),
        start_line=start.position("line"),
        start_column=start.position("col"),
        end_line=end.position("line"),
        end_column=end.position("col"),
        message=message_of(rule, extra.message("message"), shown=shown_in(extra.values)),
        is_muted=extra.values.get("is_ignored") is True,
        match_based_id=extra.identifier("fingerprint", MATCH_BASED_ID_LIMIT),
        code_hash=extra.identifier(CODE_HASH, HASH_LIMIT) or hash_code(extra.text("lines")),
        trace=read_trace(extra.values.get("dataflow_trace")),
    )


def shown_in(extra: Mapping[str, Any]) -> list[Any]:
    """Return what shows code in a result's `extra`."""
    return [extra.get(name) for name in SHOWS_CODE]


def _gave_up_on(errors: Any) -> frozenset[str]:
    """Return the files on which the engine timed out or ran out of memory: nothing is proven."""
    paths = set()
    for index, error in enumerate(list_in(errors, "$.errors")):
        fields = Fields(error, f"$.errors[{index}]")
        kind = fields.values.get("type")
        kind = kind[0] if isinstance(kind, list) and kind else kind
        path = fields.values.get("path")
        if isinstance(kind, str) and kind in _GAVE_UP and isinstance(path, str):
            paths.add(path.removeprefix("./"))
    return frozenset(paths)
