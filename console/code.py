"""Code as lines of colored parts, with a match in it; pure. Templates escape every text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_for_filename
from pygments.lexers.special import TextLexer
from pygments.token import STANDARD_TYPES, Token, _TokenType
from pygments.util import ClassNotFound

MARGIN_LINES = 8
LONGEST_MATCH_LINES = 120
LONGEST_LINE_CHARACTERS = 500
LARGEST_COLORED_CHARACTERS = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a match is; lines and columns are 1-based, the end column is exclusive."""

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
            number=number,
            parts=tuple(_split(parts, number, place)),
            is_match=place.start_line <= number <= place.end_line,
            role=roles.get(number, ""),
            is_cut=is_cut,
        )
        for number, parts, is_cut in _colored_lines(path, text, first, last)
    ]


def _lexer_for(path: str) -> Lexer:
    try:
        return get_lexer_for_filename(path, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return TextLexer(stripnl=False, ensurenl=False)


def _colored_lines(
    path: str, text: str, first: int, last: int
) -> Iterator[tuple[int, list[tuple[str, str]], bool]]:
    """Yield number, parts and whether the line was cut, for the lines first to last."""
    # Lexers take a lone carriage return for the end of a line, the scanner does not.
    lines = text.replace("\r\n", "\n").replace("\r", " ").split("\n")[:last]
    is_colored = sum(len(line) for line in lines) <= LARGEST_COLORED_CHARACTERS
    # A lexer must start at the top: a window's first line may stand inside a string.
    offset = 0 if is_colored else first - 1
    lexer = _lexer_for(path) if is_colored else TextLexer(stripnl=False, ensurenl=False)
    number, parts, length = offset + 1, list[tuple[str, str]](), 0
    for kind, value in lexer.get_tokens("\n".join(lines[offset:])):
        css = _css(kind)
        for index, piece in enumerate(value.split("\n")):
            if index:
                if number >= first:
                    yield number, parts, length > LONGEST_LINE_CHARACTERS
                number, parts, length = number + 1, [], 0
            if piece and length <= LONGEST_LINE_CHARACTERS:
                parts.append((piece[: LONGEST_LINE_CHARACTERS - length], css))
            length += len(piece)
    if number >= first:
        yield number, parts, length > LONGEST_LINE_CHARACTERS


def _css(kind: _TokenType) -> str:
    known = next((one for one in reversed(kind.split()) if one in STANDARD_TYPES), Token)
    return STANDARD_TYPES[known]


def _split(parts: list[tuple[str, str]], number: int, place: Place) -> Iterator[Part]:
    """Cut the parts of a line where the match begins and ends in it."""
    begin, end = _columns(number, place)
    column = 0
    for text, css in parts:
        cuts = sorted(
            {0, len(text), *(c - column for c in (begin, end) if 0 < c - column < len(text))}
        )
        for start, stop in pairwise(cuts):
            is_match = begin <= column + start < end
            yield Part(text=text[start:stop], css=css, is_match=is_match)
        column += len(text)


def _columns(number: int, place: Place) -> tuple[int, int]:
    """Return the 0-based columns of the match in a line, the end exclusive."""
    if not place.start_line <= number <= place.end_line:
        return 0, 0
    begin = place.start_column - 1 if number == place.start_line else 0
    end = place.end_column - 1 if number == place.end_line else 1_000_000
    return max(0, begin), end
