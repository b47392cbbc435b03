"""Code with a match in it, as lines of colored parts; pure. Templates escape every text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from core.coloring import color_lines

MARGIN_LINES = 8
LONGEST_MATCH_LINES = 120
DOT = "•"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a match is: 1-based lines and columns in bytes of UTF-8, the end column exclusive."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A run of characters of one color; `css` is a class of Pygments."""

    text: str
    css: str
    is_match: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line; `role` says what it is in the data flow, if anything."""

    number: int
    parts: tuple[Part, ...]
    is_match: bool
    role: str = ""
    is_cut: bool = False


def lines_around(*, path: str, text: str, place: Place, roles: Mapping[int, str]) -> list[Line]:
    """Return the match with some lines around it; empty where the file ends before the match.

    `roles` names lines of the data flow by number.
    """
    first = max(1, place.start_line - MARGIN_LINES)
    last = min(place.end_line, place.start_line + LONGEST_MATCH_LINES) + MARGIN_LINES
    if text.count("\n") + 1 < place.start_line:
        return []
    return [
        Line(
            number=line.number,
            parts=tuple(_split(line.parts, line.number, place)),
            is_match=place.start_line <= line.number <= place.end_line,
            role=roles.get(line.number, ""),
            is_cut=line.is_cut,
        )
        for line in color_lines(path=path, text=text, first=first, last=last)
    ]


def without_match(lines: Sequence[Line]) -> list[Line]:
    """Return lines in which the match is dotted out: nobody needs to read a secret to remove it."""
    return [
        replace(line, parts=tuple(_dotted(part) if part.is_match else part for part in line.parts))
        for line in lines
    ]


def _dotted(part: Part) -> Part:
    return replace(part, text="".join(one if one.isspace() else DOT for one in part.text))


def _split(parts: Sequence[tuple[str, str]], number: int, place: Place) -> Iterator[Part]:
    """Cut the parts of a line where the match begins and ends in it."""
    begin, end = _columns(number, place, line="".join(text for text, _css in parts))
    column = 0
    for text, css in parts:
        cuts = sorted(
            {0, len(text), *(c - column for c in (begin, end) if 0 < c - column < len(text))}
        )
        for start, stop in pairwise(cuts):
            is_match = begin <= column + start < end
            yield Part(text=text[start:stop], css=css, is_match=is_match)
        column += len(text)


def _columns(number: int, place: Place, *, line: str) -> tuple[int, int]:
    """Return the match in a line, as 0-based indexes of characters, the end exclusive."""
    if not place.start_line <= number <= place.end_line:
        return 0, 0
    begin = _characters(line, place.start_column - 1) if number == place.start_line else 0
    end = _characters(line, place.end_column - 1) if number == place.end_line else len(line)
    return begin, end


def _characters(line: str, byte_count: int) -> int:
    """Return how many characters the first bytes of a line are."""
    encoded = line.encode("utf-8", "surrogatepass")[: max(0, byte_count)]
    return len(encoded.decode("utf-8", "ignore"))
