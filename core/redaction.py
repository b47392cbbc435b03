"""Secrets out of texts: log lines, prompts, comments and mails."""

import logging
import math
import re
from collections import Counter
from collections.abc import Iterable

from core.secret_shapes import SHAPES, Shape

_MARKS = re.compile(r"(?>(?:\[redacted:[a-z-]{1,30}+\])+)")
# What stands where a secret will be, and is none.
_PLACEHOLDER = re.compile(
    r"[*xX.]{1,200}+|\$\{[^{}]{1,200}+\}|\$[A-Za-z_]\w{0,200}+|\{\{[^{}]{1,200}+\}\}"
    r"|\{[^{}]{0,200}+\}|<[^<>]{1,200}+>|%\(\w{1,200}+\)s|%s"
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{1,20}+ ){0,4}?PRIVATE KEY(?: BLOCK)?-----"
    r"((?>(?:[^-\[]|-(?!----)|\[(?!redacted:))*))(-----END [A-Z0-9 ]{1,60}+-----)?"
)
_KEY_MATERIAL = re.compile(r"[A-Za-z0-9+/=]{32,}+")
# How much may stand between two lines of a key: line ends, quotes, line numbers.
_MAX_GAP = 30
_MIN_BITS_PER_HEX_DIGIT = 3.0
_MIN_BITS_PER_CHARACTER = 3.8
_HEX = re.compile(r"[0-9a-fA-F]++")

_WORDS = frozenset(word for shape in SHAPES for word in shape.words)

_formatter = logging.Formatter()


def redact(text: str) -> str:
    """Return `text` with each secret replaced by `[redacted:<kind>]`, and its lines kept apart.

    Lines keep their numbers: a private key leaves as many line ends as it had. The time is
    proportional to the length, and a second run changes nothing.
    """
    if "PRIVATE KEY" in text:
        text = _PRIVATE_KEY.sub(_hide_private_key, text)
    words = _words_in(text, _WORDS)
    if not words:
        return text
    return "\n".join(_redact_line(line, words) for line in text.split("\n"))


def _redact_line(line: str, words: Iterable[str]) -> str:
    # Looking for words is far cheaper than searching, and most lines have none.
    found = _words_in(line, words)
    if not found:
        return line
    for shape in SHAPES:
        if not found.isdisjoint(shape.words):
            line = _hide(shape, line)
    return line


def _words_in(text: str, words: Iterable[str]) -> set[str]:
    lowered = text.lower()
    return {word for word in words if word in lowered}


def _hide(shape: Shape, text: str) -> str:
    def replacement(match: re.Match[str]) -> str:
        group = match.lastindex
        if group is None or not _is_secret(shape.kind, match[group]):
            return match[0]
        begin, end = (position - match.start() for position in match.span(group))
        return f"{match[0][:begin]}[redacted:{shape.kind}]{match[0][end:]}"

    return shape.pattern.sub(replacement, text)


def _is_secret(kind: str, value: str) -> bool:
    if _MARKS.fullmatch(value) or _PLACEHOLDER.fullmatch(value):
        return False
    return kind != "random-value" or _is_random(value)


def _is_random(value: str) -> bool:
    """Tell a key from a long name: by its digits, and by the bits that each character carries."""
    if not any(character.isdigit() for character in value):
        return False
    bits = sum(
        -count / len(value) * math.log2(count / len(value)) for count in Counter(value).values()
    )
    is_hex = _HEX.fullmatch(value) is not None
    return bits >= (_MIN_BITS_PER_HEX_DIGIT if is_hex else _MIN_BITS_PER_CHARACTER)


def _hide_private_key(match: re.Match[str]) -> str:
    """Replace a key by a mark; of one that was cut off, the lines that still look like one."""
    body = match[1]
    runs = list(_KEY_MATERIAL.finditer(body))
    end = len(body) if match[2] and runs else _end_of_key(runs)
    if not end:
        return match[0]
    line_ends = "\n" * body[:end].count("\n")
    return f"[redacted:private-key]{line_ends}{body[end:]}"


def _end_of_key(runs: list[re.Match[str]]) -> int:
    end = 0
    for run in runs:
        if run.start() - end > _MAX_GAP:
            break
        end = run.end()
    return end


class RedactingFilter(logging.Filter):
    """Takes secrets out of log lines: out of the message, its arguments and the exception."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; it is always let through."""
        record.msg = redact(_message_of(record))
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = _formatter.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True


def _message_of(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 an argument's __str__ may raise anything; a log line may not
        return f"{record.msg} (its arguments cannot be shown)"
