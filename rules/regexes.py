"""Pure: regular expressions that the scanner may give up on without a word."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_KEYS = ("pattern-regex", "pattern-not-regex", "regex")
# Longer ones are looked at as far as this: what looks must not itself go back for ever.
LONGEST = 1000
_REPEAT = re.compile(r"[*+]|\{\d")
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)


def has_nested_repeats(rule: Mapping[str, Any]) -> bool:
    """Say whether some regular expression of a rule repeats what has a repeat in it.

    On such ones the engine may reach its limit for going back; it then says nothing, and finds
    nothing.
    """
    return any(_is_nested(regex[:LONGEST]) for regex in _regexes(rule))


def _regexes(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            yield from (part[key] for key in _KEYS if isinstance(part.get(key), str))
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


def _is_nested(regex: str) -> bool:
    groups = [False]
    for token in _TOKEN.finditer(regex):
        if token[0] == "(":
            groups.append(False)
        elif token[0] == ")" and len(groups) > 1:
            has_repeat = groups.pop()
            is_repeated = _REPEAT.match(regex, token.end()) is not None
            if has_repeat and is_repeated:
                return True
            groups[-1] |= has_repeat
        elif _REPEAT.match(regex, token.start()):
            groups[-1] = True
    return False
