"""Reading labelled findings: JSON Lines, each a finding with some of its code and its answer."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from findings.models import Conclusion
from integrations.codehosts import CodeFile
from triage.context import Place, Question, RuleFacts
from triage.knowledge import cwe_numbers
from triage.syntax import Source

MAX_LINE_NUMBER = 1_000_000
MAX_COLUMN = 100_000
PARTIAL = "Of this file no other lines are known than the ones shown."

Text = Annotated[str, Field(max_length=20_000)]
Word = Annotated[str, Field(min_length=1, max_length=1000)]
LineNumber = Annotated[int, Field(ge=1, le=MAX_LINE_NUMBER)]


class LabelledError(ValueError):
    """A line that cannot be used; `field` is blank where the whole line is wrong."""

    def __init__(self, *, line: int, problem: str, field: str = "") -> None:
        named = f"{field}: " if field else ""
        super().__init__(f"line {line}: {named}{problem}")
        self.line = line
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A finding as it is put to the judge, and, apart from it, the right answer."""

    question: Question
    notes: tuple[str, ...]
    """What is known of the project besides the code; told to the judge as data."""
    label: Conclusion
    weaknesses: tuple[str, ...]
    is_undecidable: bool


class _Row(BaseModel):
    """One line. Fields that are not named here, such as `cve` or `commit`, are never read."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    rule_id: Word
    message: Text = ""
    cwe: Annotated[list[Word], Field(max_length=50)] | Word = Field(default_factory=list)
    severity: Text = ""
    rule_confidence: Text = ""
    rule_subcategory: Annotated[list[Text], Field(max_length=50)] | Text = ""
    path: Word
    line: LineNumber
    end_line: LineNumber | None = None
    col: Annotated[int, Field(ge=1, le=MAX_COLUMN)] | None = None
    code: Annotated[str, Field(min_length=1, max_length=200_000)]
    code_lines: Annotated[list[LineNumber | None], Field(max_length=20_000)] | None = None
    context_start_line: LineNumber | None = None
    project_context: Annotated[list[Text], Field(max_length=100)] = Field(default_factory=list)
    label: Literal["true_positive", "false_positive"]
    undecidable_from_code: bool = False


def read_labelled(lines: Iterable[bytes]) -> Iterator[Labelled]:
    """Return the findings of a file's lines; blank lines are passed over.

    Raises LabelledError at the first line that is not one.
    """
    for number, content in enumerate(lines, 1):
        if content.strip():
            yield _labelled(_row(content, line=number), line=number)


def _row(content: bytes, *, line: int) -> _Row:
    try:
        value = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise LabelledError(line=line, problem="this is not UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise LabelledError(line=line, problem=f"this is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise LabelledError(line=line, problem="a JSON object must stand here.")
    try:
        return _Row.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = str(first["loc"][0]) if first["loc"] else ""
        raise LabelledError(line=line, field=field, problem=first["msg"]) from error


def _labelled(row: _Row, *, line: int) -> Labelled:
    numbered = _numbered(row, line=line)
    if row.line not in numbered:
        problem = f"line {row.line} is not among the lines of `code`."
        raise LabelledError(line=line, field="line", problem=problem)
    last = max(numbered)
    text = "\n".join(numbered.get(number, "") for number in range(1, last + 1))
    end_line = min(max(row.end_line or row.line, row.line), last)
    place = Place(
        path=row.path,
        start_line=row.line,
        start_column=row.col or 1,
        end_line=end_line,
        end_column=_end_column(row, text=text, end_line=end_line),
    )
    metadata = _metadata(row)
    return Labelled(
        question=Question(
            file=_file(row.path, text),
            place=place,
            rule=RuleFacts(check_id=row.rule_id, message=row.message, metadata=metadata),
            hidden_lines=frozenset(range(min(numbered), last)) - numbered.keys(),
        ),
        notes=(PARTIAL, *row.project_context),
        label=Conclusion(row.label),
        weaknesses=tuple(dict.fromkeys(f"CWE-{number}" for number in cwe_numbers(metadata))),
        is_undecidable=row.undecidable_from_code,
    )


def _numbered(row: _Row, *, line: int) -> Mapping[int, str]:
    """Return the code by the line numbers that it has in its file; gaps have none."""
    texts = row.code.split("\n")
    if row.code_lines is not None:
        return _lines_by_number(texts, row.code_lines, line=line)
    if row.context_start_line is None:
        problem = "say which lines these are, by `code_lines` or `context_start_line`."
        raise LabelledError(line=line, field="code", problem=problem)
    return dict(enumerate(texts, row.context_start_line))


def _lines_by_number(
    texts: Sequence[str], numbers: Sequence[int | None], *, line: int
) -> Mapping[int, str]:
    if len(texts) != len(numbers):
        problem = f"{len(numbers)} numbers for {len(texts)} lines of `code`."
        raise LabelledError(line=line, field="code_lines", problem=problem)
    known = [number for number in numbers if number is not None]
    if known != sorted(set(known)):
        problem = "the numbers must grow from line to line."
        raise LabelledError(line=line, field="code_lines", problem=problem)
    return {number: text for number, text in zip(numbers, texts, strict=True) if number is not None}


def _end_column(row: _Row, *, text: str, end_line: int) -> int:
    """Return where the match ends: with the largest piece of syntax that begins where it does.

    The files do not say it. Without such a piece it is the end of the line.
    """
    source = Source(path=row.path, text=text)
    if source.tree is not None and row.col is not None:
        start = (row.line - 1, len(source.line(row.line)[: row.col - 1].encode("utf-8", "replace")))
        node = source.root.descendant_for_point_range(start, start)
        best = None
        while node is not None and node.start_point == start:
            if node.end_point.row == end_line - 1:
                best = node
            node = node.parent
        if best is not None:
            ending = source.line(end_line).encode("utf-8", "replace")[: best.end_point.column]
            return len(ending.decode("utf-8", "replace")) + 1
    return len(source.line(end_line)) + 1


def _metadata(row: _Row) -> dict[str, Any]:
    metadata = {
        "cwe": [row.cwe] if isinstance(row.cwe, str) else row.cwe,
        "severity": row.severity,
        "confidence": row.rule_confidence,
        "subcategory": row.rule_subcategory,
    }
    return {name: value for name, value in metadata.items() if value}


def _file(path: str, text: str) -> CodeFile:
    content_hash = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return CodeFile(path=path, commit="", text=text, content_hash=content_hash)
