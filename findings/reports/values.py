"""What every report format is read into: frozen values, and the refusal of what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from core.errors import ProblemError
from findings.models import Confidence, Product, Severity


class InvalidReportError(ProblemError):
    """A report is wrong somewhere, so it is refused whole; `field` is the place's JSON path."""

    code = "invalid_report"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFacts:
    """What a report says of a rule; findings of one rule share one value."""

    check_id: str
    severity: Severity
    confidence: Confidence
    category: str
    product: Product
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TracePlace:
    """One step of a data flow; positions as in ReportedFinding."""

    role: str
    path: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedFinding:
    """One match, as a report tells of it.

    Lines and columns are 1-based; the last line is inclusive, the last column exclusive. An id or
    hash that the format does not carry is blank.
    """

    rule: RuleFacts
    path: str
    start_line: int
    start_column: int
    end_line: int
    end_column: int
    message: str
    is_muted: bool = False
    match_based_id: str = ""
    syntactic_id: str = ""
    code_hash: str = ""
    pattern_hash: str = ""
    trace: tuple[TracePlace, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """What a report says of its scan; None: the format, or this report, does not say."""

    searched_paths: frozenset[str] | None = None
    skipped_paths: frozenset[str] = frozenset()
    renamed_paths: frozenset[str] = frozenset()
    rule_ids: frozenset[str] | None = None
    names_all_rules: bool = True
    """Whether a rule outside `rule_ids` was off, rather than another tool's."""
    tells_muted: bool = True
    """Whether the format lists what is muted in the code."""
    is_diff: bool = False
    """Whether the report can only be that of a diff scan, whatever was announced."""
