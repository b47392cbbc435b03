"""What people write to us in comments of change requests: `/fp why`; pure.

A command begins the first line that a reader sees: quotes, code and HTML comments do not count.
Its reason may go on to the end of the comment.
"""

import enum
import re
from dataclasses import dataclass

from findings.texts import storable_text
from integrations.markers import key_in
from memories.models import TEXT_LIMIT

NOTE_LIMIT = 3000
_HTML_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_QUOTE = re.compile(r" {0,3}>")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_LINE_END = re.compile(r"\r\n?")
# They would let a note read otherwise than it is written.
_INVISIBLE = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
# Four spaces would make it code.
_WORD = re.compile(r" {0,3}(/[a-z][a-z0-9-]*)[:.,;!]*(?=\s|\Z)\s*", re.IGNORECASE)
_SUBWORD = re.compile(r"([a-z]+)[:.,;!]*(?=\s|\Z)\s*", re.IGNORECASE)


class Verb(enum.StrEnum):
    """What a command asks for."""

    AGREE = "agree"
    DISAGREE = "disagree"
    FALSE_POSITIVE = "fp"
    ACCEPTABLE_RISK = "ar"
    OTHER = "other"
    IGNORE = "ignore"
    OPEN = "open"
    REMEMBER = "remember"
    HELP = "help"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command with its note, as it can be kept: storable, and within the limits."""

    verb: Verb
    note: str = ""
    has_prefix: bool = False
    """Nobody but us is meant; `/open` may be another program's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadCommand:
    """What begins like a command and is none; `problem` says what is missing, as a sentence."""

    problem: str
    has_prefix: bool = False


SHORT = {
    "/fp": Verb.FALSE_POSITIVE,
    "/ar": Verb.ACCEPTABLE_RISK,
    "/other": Verb.OTHER,
    "/ignore": Verb.IGNORE,
    "/open": Verb.OPEN,
}
_AFTER_PREFIX = {
    "ignore": Verb.IGNORE,
    "open": Verb.OPEN,
    "remember": Verb.REMEMBER,
    "help": Verb.HELP,
}
_AFTER_ASSISTANT = {"agree": Verb.AGREE, "disagree": Verb.DISAGREE}
_NEEDS_NOTE = {
    Verb.FALSE_POSITIVE: "Say why, in the same comment.",
    Verb.ACCEPTABLE_RISK: "Say why, in the same comment.",
    Verb.OTHER: "Say why, in the same comment.",
    Verb.IGNORE: "Say why, in the same comment.",
    Verb.REMEMBER: "Write what is to be remembered, in the same comment.",
}


def read_command(text: str, *, prefix: str) -> Command | BadCommand | None:
    """Return the command of a comment; None where it is a comment like any other.

    `prefix` is the organization's own, such as `/semgrep`. Words that only other programs know
    (`/approve`) are none of ours, nor is a comment that carries our mark.
    """
    visible = _visible(text)
    found = _WORD.match(visible)
    if found is None or key_in(_without_quotes(text)):
        return None
    word, rest = found.group(1).lower(), visible[found.end() :]
    if word == prefix.lower():
        return _after_prefix(rest)
    verb = SHORT.get(word)
    return None if verb is None else _checked(verb, rest, has_prefix=False)


def _after_prefix(rest: str) -> Command | BadCommand:
    word, rest = _split(rest)
    verb = _AFTER_PREFIX.get(word)
    if word == "assistant":
        word, rest = _split(rest)
        verb = _AFTER_ASSISTANT.get(word)
    if verb is None:
        return BadCommand(problem="This command is not one that is known here.", has_prefix=True)
    return _checked(verb, rest, has_prefix=True)


def _split(text: str) -> tuple[str, str]:
    found = _SUBWORD.match(text)
    return (found.group(1).lower(), text[found.end() :]) if found else ("", text)


def _checked(verb: Verb, rest: str, *, has_prefix: bool) -> Command | BadCommand:
    note = "" if verb == Verb.HELP else rest.strip()
    limit = TEXT_LIMIT if verb == Verb.REMEMBER else NOTE_LIMIT
    if verb in _NEEDS_NOTE and not any(letter.isalnum() for letter in note):
        return BadCommand(problem=_NEEDS_NOTE[verb], has_prefix=has_prefix)
    if len(note) > limit:
        problem = f"Your text has {len(note):,} characters; use at most {limit:,}."
        return BadCommand(problem=problem, has_prefix=has_prefix)
    return Command(verb=verb, note=note, has_prefix=has_prefix)


def _visible(text: str) -> str:
    """Return what a reader sees as the writer's own words, from the first such line on."""
    text = _INVISIBLE.sub("", _without_quotes(_HTML_COMMENT.sub("", _unix(text))))
    lines = text.split("\n")
    start = _after_code(lines)
    return storable_text("\n".join(lines[start:]).rstrip())


def _after_code(lines: list[str]) -> int:
    """Return where the first line stands that is neither blank nor in a fence."""
    fence = ""
    for index, line in enumerate(lines):
        found = _FENCE.match(line)
        if fence:
            is_end = found and found.group(1).startswith(fence) and not found.group(2).strip()
            fence = "" if is_end else fence
        elif found:
            fence = found.group(1)
        elif line.strip():
            return index
    return len(lines)


def _without_quotes(text: str) -> str:
    return "\n".join(line for line in _unix(text).split("\n") if not _QUOTE.match(line))


def _unix(text: str) -> str:
    return _LINE_END.sub("\n", text)
