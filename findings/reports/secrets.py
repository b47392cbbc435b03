"""The values of secrets, out of what a report says of them; pure.

The message of a secret may quote it. What is known to be the value, because the report shows the
code, is masked; so is everything in quotes and every word that is not plainly one: too much rather
than too little. A word of letters alone, neither quoted nor in code that the report shows, stays.
"""

import re
from collections.abc import Iterator
from typing import Any

from core.redaction import redact
from findings.models import Product
from findings.reports.values import RuleFacts

MASK = "[redacted:secret]"
SHORTEST_VALUE = 4
LONGEST_CODE = 20_000
_LITERAL = re.compile(r"[\"'`]([^\"'`\n]{4,})[\"'`]")
_ASSIGNED = re.compile(r"[=:][ \t]{0,8}([^\s\"'`,;]{4,})")
_QUOTED = re.compile(r"(?<!\w)([\"'`])([^\"'`\n]{4,})\1(?!\w)")
_MARK = re.compile(r"\[redacted:[a-z-]{1,30}\]")
_WORDS = re.compile(r"\S+")
_AROUND = "()[]{}<>.,:;!?\"'`*_"
# An ordinary word, an acronym, a small number; several of them with a hyphen or slash between.
_PLAIN = re.compile(
    r"(?:[A-Z]?[a-z]{0,23}|[A-Z]{1,8}s?|[0-9]{1,3})"
    r"(?:[-/'](?:[A-Z]?[a-z]{0,23}|[A-Z]{1,8}s?|[0-9]{1,3})){0,4}"
)


def message_of(facts: RuleFacts, message: str, *, shown: Any = ()) -> str:
    """Return a finding's message; of a secret without its value.

    `shown` is what the report shows of the code: JSON, in whose texts the value may stand.
    """
    return masked(message, shown=shown) if facts.product == Product.SECRETS else message


def masked(message: str, *, shown: Any = ()) -> str:
    """Return a secret's message without the secret; a second run changes nothing."""
    text = redact(message)
    values = {value for code in _texts_within(shown) for value in _values_in(code)}
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, MASK)
    text = _QUOTED.sub(_mask_quoted, text)
    return _WORDS.sub(_mask_word, text)


def _values_in(code: str) -> Iterator[str]:
    """Yield what may be the value of a secret in matched code: its lines and its literals."""
    code = code[:LONGEST_CODE]
    found = [line.strip() for line in code.split("\n")]
    found += _LITERAL.findall(code)
    found += _ASSIGNED.findall(code)
    yield from (value for value in found if len(value) >= SHORTEST_VALUE)


def _texts_within(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value: of metavariables, what they were bound to."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts_within(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts_within(item)


def _mask_quoted(match: re.Match[str]) -> str:
    return match[0] if _MARK.search(match[2]) else f"{match[1]}{MASK}{match[1]}"


def _mask_word(match: re.Match[str]) -> str:
    rest, marks = _MARK.subn("", match[0])
    if _PLAIN.fullmatch(rest.strip(_AROUND)):
        return match[0]
    # Beside a mark may stand the rest of a value.
    return MASK if marks else match[0].replace(match[0].strip(_AROUND), MASK)
