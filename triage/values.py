"""What is known of a value, from best to worst."""

import enum
from dataclasses import dataclass


class Trust(enum.IntEnum):
    """How far a value can be trusted, from best to worst."""

    CONSTANT = 0
    NEUTRALIZED = 1
    UNKNOWN = 2
    UNTRUSTED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What is known of a value, and the lines that say so."""

    trust: Trust
    lines: frozenset[int] = frozenset()
    guards: frozenset[int] = frozenset()
    """Lines of the checks and conversions that make it harmless."""
    sources: frozenset[int] = frozenset()
    """Lines on which it comes in from a stranger."""
    is_text: bool = False
    """Whether it is harmless only by its form, as it stands: escaped, or tested by a pattern."""
    is_checked: bool = False
    """Whether something that looks like a check was met and not understood."""


NOTHING = Value(trust=Trust.CONSTANT)


def worst(*values: Value) -> Value:
    """Return what is known of a value that may be any of these."""
    return Value(
        trust=max((value.trust for value in values), default=Trust.UNKNOWN),
        lines=frozenset().union(*(value.lines for value in values)),
        guards=frozenset().union(*(value.guards for value in values)),
        sources=frozenset().union(*(value.sources for value in values)),
        is_text=any(value.is_text for value in values),
        is_checked=any(value.is_checked for value in values),
    )
