"""Text in the material that talks to the judge; pure.

Code that is only examined has no reason to name the judge's answers, its instructions or the
frame around it. Where it does, a model may have obeyed it: what it then calls safe, a person
decides, and no fix is asked of it. This is a second wall: the first is that quotes must be code.
"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from triage.context import JudgeContext
from triage.syntax import Ink

MAX_CHARACTERS = 60_000
_SHORTEST_ENCODED = 24
# Marks that turn the direction of text, and invisible letters: an eye reads other code than a
# model. Joiners are not among them; some scripts and emoji need those.
_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
_FRAME = re.compile(
    r"<<<\s*data\b|\bend of data\s*>>>|<\|?(?:im_start|im_end|system|assistant|endoftext)\|?>"
    r"|\[/?INST\]",
    re.IGNORECASE,
)
_ENCODED = re.compile(rf"[A-Za-z0-9+/_-]{{{_SHORTEST_ENCODED},4000}}")
_SIGNS_OF_COMMENTS = re.compile(r"[#/*\"'`|>\\;{}\[\]()]+|--+|\s+")
_PHRASES = tuple(
    re.compile(line)
    for line in (Path(__file__).parent / "steering.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)


def steering_in(context: JudgeContext) -> str:
    """Say, in a sentence, where what the judge was shown talks to it; blank where it does not."""
    for path, number, text in _texts(context):
        if is_steering(text):
            place = f"{path}, line {number}" if number else path
            return f"Text in the material tries to steer the judge ({place})."
    rule = context.question.rule
    if is_steering(rule.message) or is_steering(rule.check_id):
        return "Text of the rule tries to steer the judge."
    return ""


def is_steering(text: str) -> bool:
    """Say whether a text talks to whoever judges it, in the open, hidden or encoded."""
    text = text[:MAX_CHARACTERS]
    if _HIDDEN.search(text) or _FRAME.search(text) or _is_order(text):
        return True
    return any(_is_order(decoded) for decoded in _decoded(text))


def _texts(context: JudgeContext) -> Iterator[tuple[str, int, str]]:
    """Yield what is shown and is not code, in pieces: path, first line, text."""
    for path in dict.fromkeys(line.path for line in context.lines):
        yield path, 0, f"{path}\n{re.sub(r'[/._-]+', ' ', path)}"
        source = context.source_at(path)
        numbers = [line.number for line in context.lines if line.path == path]
        yield from ((path, run[0], _words(source.lines, source.ink, run)) for run in _runs(numbers))


def _words(lines: list[str], inks: list[list[Ink]], numbers: list[int]) -> str:
    """Return comments and strings of neighboring lines as one text: orders run over lines."""
    return "\n".join(
        "".join(
            character if ink != Ink.CODE else " "
            for character, ink in zip(lines[number - 1], inks[number - 1], strict=False)
        )
        for number in numbers
    )


def _runs(numbers: Iterable[int]) -> list[list[int]]:
    """Return line numbers in short runs that overlap, so that a place can be told."""
    ordered = sorted(set(numbers))
    return [ordered[start : start + 6] for start in range(0, len(ordered), 3)]


def _is_order(text: str) -> bool:
    plain = _plain(text)
    return any(phrase.search(plain) for phrase in _PHRASES)


def _plain(text: str) -> str:
    """Return text as an eye reads it: no invisible signs, no comment marks, one kind of letter."""
    visible = "".join(c for c in unicodedata.normalize("NFKC", text) if not _is_invisible(c))
    return _SIGNS_OF_COMMENTS.sub(" ", visible).lower()


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) == "Cf"


def _decoded(text: str) -> Iterator[str]:
    for run in _ENCODED.findall(text):
        padded = run.translate(str.maketrans("-_", "+/")) + "=" * (-len(run) % 4)
        try:
            decoded = base64.b64decode(padded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        yield decoded
