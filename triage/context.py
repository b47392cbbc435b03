"""What a judge must see of a finding; pure, and cut to a budget of source lines."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.codehosts import CodeFile
from memories.selectors import MemoryFact
from triage.modules import Module
from triage.slicing import Slice
from triage.syntax import Source, end_line_of, line_of

MAX_LINE_CHARACTERS = 300
MAX_MATCHED_LINES = 20
MAX_IMPORT_LINES = 6
_WINDOW = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a file: 1-based lines and columns in bytes of UTF-8, the end column exclusive."""

    path: str
    start_line: int
    start_column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFacts:
    """What is known of the rule that matched."""

    check_id: str
    message: str
    metadata: Mapping[str, Any]
    definition: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierTriage:
    """What a person of the organization decided on another finding of this rule."""

    state: str
    reason: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """All that the context is built from."""

    file: CodeFile
    place: Place
    rule: RuleFacts
    trace: Sequence[Place] = ()
    """The steps of the data flow, source first."""
    other_files: Mapping[str, CodeFile] | None = None
    earlier_triage: Sequence[EarlierTriage] = ()
    hidden_lines: frozenset[int] = frozenset()
    """Lines of the file that nobody has: only a piece of it is known."""
    memories: Sequence[MemoryFact] = ()

    @property
    def memory_ids(self) -> tuple[int, ...]:
        """The memories that the judge is told, in the order of the question."""
        return tuple(memory.id for memory in self.memories)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    """A source line as the judge sees it: cut where it is very long."""

    path: str
    number: int
    text: str


@dataclass(frozen=True, kw_only=True)
class JudgeContext:
    """What the judge is shown, and what it is not."""

    question: Question
    source: Module
    other_sources: Mapping[str, Source]
    slice: Slice
    lines: tuple[ShownLine, ...]
    left_out: tuple[str, ...]

    @property
    def matched_lines(self) -> range:
        """The lines that the rule matched."""
        return range(self.question.place.start_line, self.question.place.end_line + 1)

    def source_at(self, path: str) -> Source:
        """Return the source of a shown path."""
        return self.source if path == self.source.path else self.other_sources[path]

    def input_hash(self, *, judged_by: str) -> str:
        """Return the key under which an equal question is known: line numbers do not count.

        `judged_by` names the prompt and the model.
        """
        first = self.question.place.start_line
        shown = [
            (line.path, line.text.strip(), line.number in self.matched_lines) for line in self.lines
        ]
        parts = [
            judged_by,
            self.question.rule.check_id,
            self.question.rule.message,
            self.question.rule.metadata,
            self.question.rule.definition,
            shown,
            [(step.path, step.start_line - first) for step in self.question.trace],
            [(old.state, old.reason, old.note) for old in self.question.earlier_triage],
            [(memory.id, memory.text) for memory in self.question.memories],
            self.left_out,
        ]
        text = json.dumps(parts, sort_keys=True, default=str)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class _Selection:
    """Line numbers chosen within a budget, most needed first."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.chosen: dict[str, set[int]] = {}

    @property
    def room(self) -> int:
        return self.budget - sum(len(lines) for lines in self.chosen.values())

    def take(self, source: Source, lines: Iterable[int], *, most: int | None = None) -> int:
        """Choose lines while there is room; return how many of them stay unchosen."""
        mine = self.chosen.setdefault(source.path, set())
        wanted = [
            line
            for line in dict.fromkeys(lines)
            if 0 < line <= len(source.lines) and line not in mine and source.line(line).strip()
        ]
        taken = wanted[: max(0, self.room if most is None else min(self.room, most))]
        mine.update(taken)
        return len(wanted) - len(taken)


def build_context(question: Question, *, budget: int) -> JudgeContext:
    """Choose at most `budget` source lines for the judge, and tell what is left out."""
    source = Module(path=question.file.path, text=question.file.text)
    others = {
        path: Source(path=path, text=file.text)
        for path, file in (question.other_files or {}).items()
        if path != source.path
    }
    found = Slice(
        source=source, start_line=question.place.start_line, end_line=question.place.end_line
    )
    selection = _Selection(budget)
    left_out = [
        *_take_match(selection, source, question),
        *_take_trace(selection, source, others, question),
        *_take_function(selection, found),
        *_take_surroundings(selection, found),
    ]
    shown, cut = _shown(selection, {source.path: source, **others})
    if cut:
        left_out.append(f"{cut} lines are longer than {MAX_LINE_CHARACTERS} characters and cut.")
    if source.language is not None and source.tree is None:
        left_out.append("The file is too large to be parsed; lines around the match are shown.")
    if question.file.is_damaged:
        left_out.append("The file is not valid UTF-8: some characters are replaced.")
    return JudgeContext(
        question=question,
        source=source,
        other_sources=others,
        slice=found,
        lines=shown,
        left_out=tuple(left_out),
    )


def _take_match(selection: _Selection, source: Source, question: Question) -> list[str]:
    place = question.place
    rest = selection.take(
        source, range(place.start_line, place.end_line + 1), most=MAX_MATCHED_LINES
    )
    return [f"{rest} of the matched lines are not shown."] if rest else []


def _take_trace(
    selection: _Selection, source: Source, others: Mapping[str, Source], question: Question
) -> list[str]:
    left_out: list[str] = []
    for step in question.trace:
        file = source if step.path == source.path else others.get(step.path)
        if file is None:
            left_out.append(f"A step of the data flow is in {step.path}, which is not shown.")
        elif selection.take(
            file, range(step.start_line, min(step.end_line, step.start_line + 4) + 1)
        ):
            left_out.append(f"A step of the data flow in line {step.start_line} is not shown.")
    return list(dict.fromkeys(left_out))


def _take_function(selection: _Selection, found: Slice) -> list[str]:
    source = found.source
    selection.take(source, found.header_lines)
    feeding = [line for line in found.feeding[1] if line <= found.end_line]
    selection.take(source, sorted(feeding, reverse=True), most=selection.room * 2 // 3)
    selection.take(source, reversed(found.guard_lines), most=selection.room * 2 // 3)
    if found.function is None:
        first, last = found.start_line - _WINDOW, found.end_line + _WINDOW
        selection.take(source, _nearest_first(found, range(first, last + 1)))
        return [
            "The match stands outside any function that could be found; lines around it are shown."
        ]
    # Imports and callees come after the body, but a long body must leave room for them.
    kept_free = min(selection.room // 4, 10)
    body = _nearest_first(found, found.function_lines)
    rest = selection.take(source, body, most=selection.room - kept_free)
    return [f"{rest} lines of the function around the match are not shown."] if rest else []


def _nearest_first(found: Slice, lines: range) -> list[int]:
    middle = found.start_line
    return sorted(lines, key=lambda line: (abs(line - middle), line))


def _take_surroundings(selection: _Selection, found: Slice) -> list[str]:
    source, left_out = found.source, []
    rest = selection.take(source, found.import_lines, most=MAX_IMPORT_LINES)
    if rest:
        left_out.append(f"{rest} lines of imports in use are not shown.")
    missing: list[str] = []
    for name, node in found.callees.items():
        rest = selection.take(source, range(line_of(node), end_line_of(node) + 1))
        if rest:
            missing.append(name)
    if missing:
        left_out.append(f"Not all lines of functions it calls are shown: {', '.join(missing[:8])}.")
    return left_out


def _shown(
    selection: _Selection, sources: Mapping[str, Source]
) -> tuple[tuple[ShownLine, ...], int]:
    shown: list[ShownLine] = []
    cut = 0
    for path, numbers in selection.chosen.items():
        for number in sorted(numbers):
            text = sources[path].line(number)
            cut += len(text) > MAX_LINE_CHARACTERS
            shown.append(ShownLine(path=path, number=number, text=text[:MAX_LINE_CHARACTERS]))
    return tuple(shown), cut
