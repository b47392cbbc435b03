"""The rows that a report brings or changes, and their way into the database by COPY.

COPY cannot write to a table with row-level security, so the rows go to a temporary table first.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection

from findings.known import KnownInstance
from findings.lifecycle import is_live, reported_state
from findings.models import State
from findings.reading import is_own_id
from findings.reports.values import ReportedFinding, TracePlace

_CHUNK_ROWS = 500
# PostgreSQL's text form of COPY (its documentation of COPY, "Text Format").
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_TAB = "\t"
_NULL = "\\N"
COLUMNS = (
    "finding_id, instance_id, is_new_finding, came_back, keeps_trace, rule_id, file_id, product,"
    " severity, confidence, message, match_based_id, syntactic_id, code_hash, pattern_hash, state,"
    " start_line, start_column, end_line, end_column, trace"
)
_CREATE = """
    CREATE TEMPORARY TABLE incoming (
        finding_id bigint, instance_id bigint, is_new_finding boolean, came_back boolean,
        keeps_trace boolean, rule_id bigint, file_id bigint, product text, severity smallint,
        confidence smallint, message text, match_based_id text, syntactic_id text, code_hash text,
        pattern_hash text, state text, start_line int, start_column int, end_line int,
        end_column int, trace jsonb
    ) ON COMMIT DROP
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A reported finding with the rows that it goes to; `known` is None for a new instance."""

    reported: ReportedFinding
    finding_id: int
    rule_id: int
    file_id: int
    is_new_finding: bool
    known: KnownInstance | None = None

    @property
    def state(self) -> State:
        """What the scanner says of it."""
        return reported_state(is_muted=self.reported.is_muted)

    @property
    def came_back(self) -> bool:
        """Whether it was closed on this ref."""
        return self.known is not None and not is_live(self.known.state)

    @property
    def is_news(self) -> bool:
        """Whether people should hear of it: new or back again, and not muted."""
        return (self.is_new_finding or self.came_back) and not self.reported.is_muted

    @property
    def match_based_id(self) -> str:
        """The scanner's id; one that we made never takes its place."""
        ours = self.reported.match_based_id
        if self.known and is_own_id(ours) and not is_own_id(self.known.match_based_id):
            return self.known.match_based_id or ours
        return ours

    @property
    def keeps_trace(self) -> bool:
        """Whether the format tells of no data flow, and the match stands where it stood."""
        return (
            self.known is not None
            and not self.reported.trace
            and not self.reported.syntactic_id
            and self.reported.start_line == self.known.start_line
        )

    def hashes(self) -> tuple[str, str, str]:
        """Return syntactic id, code hash and pattern hash; what is not reported anew stays."""
        new, old = self.reported, self.known
        if old is None:
            return new.syntactic_id, new.code_hash, new.pattern_hash
        return (
            new.syntactic_id or old.syntactic_id,
            new.code_hash or old.code_hash,
            new.pattern_hash or old.pattern_hash,
        )

    def place(self) -> tuple[int, int, int, int]:
        """Return first line and column, last line and column."""
        new = self.reported
        return new.start_line, new.start_column, new.end_line, new.end_column

    def is_unchanged(self, ref_id: int) -> bool:
        """Say whether the row of the instance, and the finding that shows it, are right already."""
        old = self.known
        if old is None:
            return False
        is_message_right = old.finding_ref_id != ref_id or old.message_hash == _md5(
            self.reported.message
        )
        return (
            is_message_right
            and old.rule_id == self.rule_id
            and old.file_id == self.file_id
            and old.state == self.state
            and old.match_based_id == self.match_based_id
            and (old.syntactic_id, old.code_hash, old.pattern_hash) == self.hashes()
            and (old.start_line, old.start_column, old.end_line, old.end_column) == self.place()
            and (self.keeps_trace or old.trace_hash == _trace_hash(self.reported.trace))
        )

    def line(self) -> str:
        """Return the row as a line of COPY's text form."""
        new, rule = self.reported, self.reported.rule
        instance = _NULL if self.known is None else self.known.id
        flags = "\t".join(
            "t" if flag else "f" for flag in (self.is_new_finding, self.came_back, self.keeps_trace)
        )
        texts = (new.message, self.match_based_id, *self.hashes())
        trace = _escape(_trace_json(new.trace)) or _NULL
        return (
            f"{self.finding_id}\t{instance}\t{flags}\t{self.rule_id}\t{self.file_id}"
            f"\t{rule.product}\t{rule.severity:d}\t{rule.confidence:d}"
            f"\t{_TAB.join(map(_escape, texts))}\t{self.state}"
            f"\t{new.start_line}\t{new.start_column}\t{new.end_line}\t{new.end_column}\t{trace}\n"
        )


def copy_incoming(rows: Sequence[Incoming]) -> None:
    """Fill the temporary table `incoming`; it lives until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.incoming")
        cursor.execute(_CREATE)
        cursor.copy_expert(f"COPY incoming ({COLUMNS}) FROM STDIN", _Lines(rows))
        if any(row.known for row in rows):
            # Those are joined by key; what is all new is only read through.
            cursor.execute("ANALYZE incoming")


class _Lines:
    """A file, as far as COPY reads one, that holds few rows in memory at a time."""

    def __init__(self, rows: Iterable[Incoming]) -> None:
        self.chunks = self._encode(rows)

    @staticmethod
    def _encode(rows: Iterable[Incoming]) -> Iterator[str]:
        lines: list[str] = []
        for row in rows:
            lines.append(row.line())
            if len(lines) == _CHUNK_ROWS:
                yield "".join(lines)
                lines.clear()
        yield "".join(lines)

    def read(self, _size: int = -1) -> str:
        """Return the next rows, blank at the end."""
        return next(self.chunks, "")


def _escape(text: str) -> str:
    # What is printable holds no tab and no line end; asking so is the fast way.
    return text if text.isprintable() and "\\" not in text else text.translate(_ESCAPES)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _trace_hash(trace: tuple[TracePlace, ...]) -> str:
    return _md5(_trace_json(trace)) if trace else ""


def _trace_json(trace: tuple[TracePlace, ...]) -> str:
    """Return a trace as PostgreSQL's jsonb prints it, so that its hash tells of a change."""
    if not trace:
        return ""
    # jsonb orders keys by their length, then by the alphabet.
    return json.dumps(
        [
            {
                "line": place.line,
                "path": place.path,
                "role": place.role,
                "column": place.column,
                "end_line": place.end_line,
                "end_column": place.end_column,
            }
            for place in trace
        ],
        ensure_ascii=False,
    )
