"""Code in colors: as lines of parts, whose text templates escape, or as a block of HTML; pure."""

from collections.abc import Iterator
from dataclasses import dataclass

import pygments
from django.utils.html import escape
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.lexers.special import TextLexer
from pygments.token import STANDARD_TYPES, Token, _TokenType
from pygments.util import ClassNotFound

LONGEST_LINE_CHARACTERS = 500
LARGEST_COLORED_CHARACTERS = 400_000
COLORS = frozenset(STANDARD_TYPES.values()) - {""}


@dataclass(frozen=True, slots=True, kw_only=True)
class ColoredLine:
    """One line (1-based) as texts with the class that Pygments has for each."""

    number: int
    parts: tuple[tuple[str, str], ...]
    is_cut: bool


def color_block(code: str, language: str, _attributes: str = "") -> str:
    """Return a block of code as HTML, in colors where its language is known."""
    try:
        lexer = get_lexer_by_name(language, stripnl=False) if language else None
    except ClassNotFound:
        lexer = None
    if lexer is None:
        return escape(code)
    return str(pygments.highlight(code, lexer, HtmlFormatter(nowrap=True)))


def color_lines(*, path: str, text: str, first: int, last: int) -> Iterator[ColoredLine]:
    """Yield the lines first to last of `text`; long lines are cut, huge texts are not colored."""
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
                    yield _line(number, parts, length)
                number, parts, length = number + 1, [], 0
            if piece and length <= LONGEST_LINE_CHARACTERS:
                parts.append((piece[: LONGEST_LINE_CHARACTERS - length], css))
            length += len(piece)
    if number >= first:
        yield _line(number, parts, length)


def _line(number: int, parts: list[tuple[str, str]], length: int) -> ColoredLine:
    is_cut = length > LONGEST_LINE_CHARACTERS
    return ColoredLine(number=number, parts=tuple(parts), is_cut=is_cut)


def _lexer_for(path: str) -> Lexer:
    try:
        return get_lexer_for_filename(path, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return TextLexer(stripnl=False, ensurenl=False)


def _css(kind: _TokenType) -> str:
    known = next((one for one in reversed(kind.split()) if one in STANDARD_TYPES), Token)
    return STANDARD_TYPES[known]
