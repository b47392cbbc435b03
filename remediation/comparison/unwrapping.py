"""Calls taken away from around their argument, and conditions that ask less; pure."""

import re
from collections import Counter

from remediation.comparison.trees import Unit, arguments_of, callee_of, text_of

CONNECTIVES = frozenset({"and", "or", "&&", "||"})
CONDITIONS = frozenset({"if", "elif", "while", "unless", "elsif", "assert"})
TRUE = frozenset({"True", "true", "1"})


def unwrapped_call(unit: Unit, other: Unit) -> tuple[str, ...] | None:
    """Return the name of a call that went while its argument or receiver stayed in its place."""
    after = squeezed(other.tokens)
    for call in unit.calls:
        inner = [text_of(argument) for argument in arguments_of(call)]
        inner += [text_of(child) for child in call.children[:1] if child.child_count]
        whole = squeezed_text(text_of(call))
        before = squeezed(unit.tokens)
        if whole in before and any(
            kept and before.replace(whole, squeezed_text(kept), 1) == after for kept in inner
        ):
            return callee_of(call)
    return None


def squeezed(tokens: tuple[str, ...]) -> str:
    """Return tokens without white space and optional signs."""
    return squeezed_text("".join(tokens))


def squeezed_text(text: str) -> str:
    """Return a text without white space and semicolons."""
    return re.sub(r"[\s;]", "", text)


def weakened_condition(unit: Unit, other: Unit) -> str | None:
    """Return in a sentence what a condition no longer asks."""
    if unit.tokens[0] not in CONDITIONS or other.tokens[0] != unit.tokens[0]:
        return None
    old, new = _operands(unit.tokens), _operands(other.tokens)
    if not new - old and old - new:
        lost = ", ".join(sorted(old - new))
        return f"A condition no longer asks for `{lost[:80]}`."
    if set(new) <= TRUE:
        return "A condition now always holds."
    return None


def _operands(tokens: tuple[str, ...]) -> Counter[str]:
    """Return the parts of a condition between its connectives."""
    parts, current = [], ""
    for token in tokens[1:]:
        if token in CONNECTIVES:
            parts.append(current)
            current = ""
        elif token not in {"(", ")", "{", "}", ":", "then", ";"}:
            current += token
    return Counter(part for part in [*parts, current] if part)
