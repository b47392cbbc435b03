"""Which parser reads which format, and how a format is recognized."""

from collections.abc import Callable, Iterator, Mapping

from findings.models import ReportFormat
from findings.reports.json_stream import members
from findings.reports.sarif import RUNS, read_sarif
from findings.reports.semgrep_ci import FINDINGS, IGNORES, read_semgrep_ci
from findings.reports.semgrep_json import RESULTS, read_semgrep_json
from findings.reports.values import InvalidReportError, ReportedFinding, ReportFacts

Reader = Callable[[str], Iterator[ReportedFinding | ReportFacts]]

READERS: Mapping[ReportFormat, Reader] = {
    ReportFormat.SEMGREP_CI: read_semgrep_ci,
    ReportFormat.SEMGREP_JSON: read_semgrep_json,
    ReportFormat.SARIF: read_sarif,
}
_MARKS = {
    FINDINGS: ReportFormat.SEMGREP_CI,
    RESULTS: ReportFormat.SEMGREP_JSON,
    RUNS: ReportFormat.SARIF,
}


def decode(body: bytes) -> str:
    """Return the text of a report; raise InvalidReportError where it is not UTF-8."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidReportError(
            f"The byte {error.start + 1:,} is not UTF-8; write the report in UTF-8.", field="$"
        ) from error


def detect_format(text: str) -> ReportFormat:
    """Return the format of a report by its members; raise InvalidReportError for none of ours."""
    for key, _index, _value in members(text, streamed=(FINDINGS, IGNORES, RESULTS, RUNS)):
        if key in _MARKS:
            return _MARKS[key]
    raise InvalidReportError(
        "This is none of the known formats: what `semgrep ci` posts, `semgrep scan --json`, SARIF.",
        field="$",
    )
