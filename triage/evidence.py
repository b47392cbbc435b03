"""Whether the quotes of a judge are code that it was shown; pure, checked by a program."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from triage.answers import Quote
from triage.context import JudgeContext, ShownLine
from triage.syntax import Ink

MIN_CODE_CHARACTERS = 8
_TRIVIAL = re.compile(
    r"^(?:return|pass|break|continue|else|try|finally|do|end|begin|then|fi|done|null|none|true"
    r"|false|self|this|[\W\d_])*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedQuote:
    """A quote with what the check found; `problem` is blank when it is supported."""

    text: str
    line: int | None
    problem: str

    @property
    def is_supported(self) -> bool:
        """Whether it proves something."""
        return not self.problem

    def as_json(self) -> dict[str, object]:
        """Return what is kept with the verdict."""
        return {
            "text": self.text,
            "line": self.line,
            "is_supported": self.is_supported,
            "problem": self.problem,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """Neighboring shown lines without blanks, with the line and the ink of each character."""

    path: str
    text: str
    lines: tuple[int, ...]
    inks: tuple[Ink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hit:
    path: str
    lines: tuple[int, ...]
    code: str
    """What of it is code, strings without their contents."""
    written: str
    """What of it is not a comment."""


def check_quotes(
    quotes: Sequence[Quote], *, context: JudgeContext, confirmed_lines: Iterable[int] = ()
) -> tuple[CheckedQuote, ...]:
    """Check each quote against the lines that were shown.

    `confirmed_lines` are matched lines that a rule of thumb found harmless by itself: there, and
    nowhere else, the dangerous line can be its own proof.
    """
    stretches = _stretches(context)
    confirmed = frozenset(confirmed_lines)
    return tuple(_check(quote, stretches, context, confirmed) for quote in quotes)


def _check(
    quote: Quote, stretches: list[_Stretch], context: JudgeContext, confirmed: frozenset[int]
) -> CheckedQuote:
    hits = _find(quote.text, stretches)
    if not hits:
        return CheckedQuote(
            text=quote.text, line=None, problem="It is not in the lines that were shown."
        )
    hits.sort(key=lambda hit: abs(hit.lines[0] - (quote.line or hit.lines[0])))
    problems = [_problem(hit, context, confirmed) for hit in hits]
    best = problems.index("") if "" in problems else 0
    return CheckedQuote(text=quote.text, line=hits[best].lines[0], problem=problems[best])


def _problem(hit: _Hit, context: JudgeContext, confirmed: frozenset[int]) -> str:
    if not hit.written.strip():
        return "It is a comment or a docstring, which proves nothing."
    if not re.search(r"\w", hit.code):
        return "It is the text of a string, which proves nothing."
    is_short = len(hit.written) < MIN_CODE_CHARACTERS
    if is_short or _TRIVIAL.match(hit.code):
        return "It is too little code to prove anything."
    is_here = hit.path == context.source.path
    if is_here and set(hit.lines) <= set(context.matched_lines) - confirmed:
        return "It is the matched code itself, which cannot be its own proof."
    if is_here and not set(hit.lines) & confirmed and not _is_related(hit, context):
        return "It has nothing to do with the matched code."
    return ""


def _is_related(hit: _Hit, context: JudgeContext) -> bool:
    if context.source.tree is None:
        return True
    return any(
        context.slice.is_related(line=line, names=_names(hit, context, line)) for line in hit.lines
    )


def _names(hit: _Hit, context: JudgeContext, line: int) -> set[str]:
    words = set(re.findall(r"\w+", hit.code))
    return {name for name in context.source.names_on(line) if name in words or name in hit.code}


def _stretches(context: JudgeContext) -> list[_Stretch]:
    runs: list[list[ShownLine]] = []
    for line in context.lines:
        previous = runs[-1][-1] if runs else None
        # Blank lines are not sent: they do not part what stands around them.
        if previous is None or previous.path != line.path or not _follows(context, previous, line):
            runs.append([])
        runs[-1].append(line)
    return [_stretch(context, run) for run in runs]


def _follows(context: JudgeContext, previous: ShownLine, line: ShownLine) -> bool:
    source = context.source_at(line.path)
    return not any(source.line(n).strip() for n in range(previous.number + 1, line.number))


def _stretch(context: JudgeContext, run: list[ShownLine]) -> _Stretch:
    inks = context.source_at(run[0].path).ink
    characters = [
        (character, line.number, inks[line.number - 1][column])
        for line in run
        for column, character in enumerate(line.text)
        if not character.isspace()
    ]
    return _Stretch(
        path=run[0].path,
        text="".join(character for character, _line, _ink in characters),
        lines=tuple(line for _character, line, _ink in characters),
        inks=tuple(ink for _character, _line, ink in characters),
    )


def _find(text: str, stretches: list[_Stretch]) -> list[_Hit]:
    wanted = "".join(text.split())
    hits: list[_Hit] = []
    for stretch in stretches if wanted else ():
        start = stretch.text.find(wanted)
        while start >= 0:
            hits.append(_hit(stretch, start, start + len(wanted)))
            start = stretch.text.find(wanted, start + 1)
    return hits


def _hit(stretch: _Stretch, start: int, end: int) -> _Hit:
    marked = list(zip(stretch.text[start:end], stretch.inks[start:end], strict=True))
    return _Hit(
        path=stretch.path,
        lines=tuple(dict.fromkeys(stretch.lines[start:end])),
        code="".join(character for character, ink in marked if ink == Ink.CODE),
        written="".join(character for character, ink in marked if ink != Ink.COMMENT),
    )
