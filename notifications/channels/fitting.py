"""Sections put together to a body that a code host takes; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from integrations.markers import marker

LONGEST_BODY = 60_000
SHORTENED = "*Shortened to fit; the finding's page shows all of it.*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a body; of those that do not fit, the one with the least `need` goes first."""

    text: str
    need: int


def fit(sections: Sequence[Section], *, key: str) -> str:
    """Return the sections in their order, as many as fit, and the mark of `key` at the end."""
    kept = [section for section in sections if section.text]
    room = LONGEST_BODY - len(marker(key)) - len(SHORTENED) - 4
    is_shortened = False
    while len(kept) > 1 and sum(len(one.text) + 2 for one in kept) > room:
        kept.remove(min(kept, key=lambda one: one.need))
        is_shortened = True
    texts = [section.text for section in kept]
    if is_shortened:
        texts.insert(-1, SHORTENED)
    return "\n\n".join([*texts, marker(key)])
