"""What the scanner says in JSON, read strictly into frozen values."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from integrations.semgrep.sandbox import ScannerFailedError

DETAIL_LENGTH = 1000


class UnreadableReportError(ScannerFailedError):
    """What the scanner wrote is not the JSON that we know."""

    code = "scanner_report_unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMatch:
    """A place that a rule matches: lines and columns 1-based, `end_column` exclusive.

    No fingerprint: the scanner's quick path computes another one than `semgrep ci`.
    """

    rule_id: str
    path: str
    start_line: int
    start_column: int
    end_line: int
    end_column: int
    fix: str | None = field(default=None, compare=False)
    """What the rule's own `fix` or `fix-regex` makes of the matched text."""
    start_offset: int = field(default=0, compare=False)
    end_offset: int = field(default=0, compare=False)
    """Bytes into the file, 0-based, the end exclusive: where `fix` goes."""
    message: str = field(default="", compare=False)
    """What the rule says of the match, its metavariables filled in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanError:
    """What the scanner complained of; `rule_id` and `path` where it says them."""

    kind: str
    detail: str
    is_warning: bool
    rule_id: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What one run of the scanner found, and what went wrong in it."""

    matches: tuple[RuleMatch, ...]
    errors: tuple[ScanError, ...]


class _Part(BaseModel):
    """A part of the report; it has more keys than we read."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class _Position(_Part):
    line: int
    col: int
    offset: int = 0


class _Extra(_Part):
    fix: str | None = None
    message: str = ""


class _Match(_Part):
    check_id: str
    path: str
    start: _Position
    end: _Position
    extra: _Extra = _Extra()


class _Error(_Part):
    # A word, or a list of the word and its places.
    type: str | list[Any]
    level: str
    message: str = ""
    long_msg: str = ""
    rule_id: str | None = None
    path: str | None = None


class _Report(_Part):
    results: list[_Match]
    errors: list[_Error]


def read_report(text: bytes) -> RunResult:
    """Parse the output of `semgrep scan --json`; raise UnreadableReportError."""
    try:
        report = _Report.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "the whole"
        raise UnreadableReportError(
            f"The scanner's report is not as it should be ({place}: {first['msg']})."
        ) from error
    return RunResult(
        matches=tuple(_as_match(match) for match in report.results),
        errors=tuple(_as_error(error) for error in report.errors),
    )


def _as_match(match: _Match) -> RuleMatch:
    return RuleMatch(
        rule_id=match.check_id,
        path=match.path,
        start_line=match.start.line,
        start_column=match.start.col,
        end_line=match.end.line,
        end_column=match.end.col,
        fix=match.extra.fix,
        start_offset=match.start.offset,
        end_offset=match.end.offset,
        message=match.extra.message[:DETAIL_LENGTH],
    )


def _as_error(error: _Error) -> ScanError:
    kind = error.type if isinstance(error.type, str) else str(next(iter(error.type), ""))
    return ScanError(
        kind=kind,
        detail=(error.long_msg or error.message)[:DETAIL_LENGTH],
        is_warning=error.level != "error",
        rule_id=error.rule_id,
        path=error.path,
    )
