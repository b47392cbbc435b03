"""Whether a model wrote down what it was told to do, in place of an answer; pure."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from llm.prompts import Prompt

# Eighty characters of a prompt hold at least so many letters and digits.
SHORTEST_QUOTE = 54


def quotes_prompt(text: str, *, prompts: Sequence[Prompt]) -> bool:
    """Say whether a text holds some eighty characters in a row of a prompt's system part.

    Only letters and digits count: a quote is one in Markdown, over lines and with signs of no
    width in it as well.
    """
    plain = _plain(text)
    pieces = {plain[at : at + SHORTEST_QUOTE] for at in range(len(plain) - SHORTEST_QUOTE + 1)}
    return any(not pieces.isdisjoint(_pieces(prompt.system)) for prompt in prompts)


@lru_cache(maxsize=32)
def _pieces(system: str) -> frozenset[str]:
    plain = _plain(system)
    return frozenset(
        plain[at : at + SHORTEST_QUOTE] for at in range(len(plain) - SHORTEST_QUOTE + 1)
    )


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(character for character in folded if character.isalnum())
