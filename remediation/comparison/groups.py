"""Statements that went and the ones that came in their place; pure."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from remediation.comparison.syntax_kinds import STRINGS
from remediation.comparison.trees import Pair, Unit, callee_of, text_of

WORD = re.compile(r"[^\W\d]\w*")
ASSIGNMENT_SIGNS = frozenset({"=", ":=", "+=", ".=", "||=", "??="})
LEAST_LIKENESS = 0.25


@dataclass(frozen=True, kw_only=True)
class Group:
    """Neighboring statements that went, and those that came there."""

    before: tuple[Unit, ...]
    after: tuple[Unit, ...]

    def pairs(self) -> list[tuple[Unit, Unit | None]]:
        """Return each old statement with the new one that stands for it, or None."""
        scores = sorted(
            (-likeness(unit, other), abs(i - j), i, j)
            for i, unit in enumerate(self.before)
            for j, other in enumerate(self.after)
        )
        chosen: dict[int, int] = {}
        for score, _distance, i, j in scores:
            if -score >= LEAST_LIKENESS and i not in chosen and j not in chosen.values():
                chosen[i] = j
        if not chosen and self._are_counterparts():
            chosen[0] = 0
        return [
            (unit, self.after[chosen[i]] if i in chosen else None)
            for i, unit in enumerate(self.before)
        ]

    def _are_counterparts(self) -> bool:
        """Say whether one statement stands for another, although they share no word."""
        return len(self.before) == len(self.after) == 1 and bool(
            self.before[0].calls and self.after[0].calls
        )


def groups_of(pair: Pair) -> list[Group]:
    """Return what differs between the statements of both sides, in order."""
    old, new = pair.before_units, pair.after_units
    matcher = SequenceMatcher(
        None, [unit.tokens for unit in old], [unit.tokens for unit in new], autojunk=False
    )
    return [
        Group(before=tuple(old[i1:i2]), after=tuple(new[j1:j2]))
        for kind, i1, i2, j1, j2 in matcher.get_opcodes()
        if kind != "equal"
    ]


def likeness(unit: Unit, other: Unit) -> float:
    """Return how much two statements have in common: 0 nothing, 1 and above much."""
    if unit.is_import != other.is_import:
        return 0.0
    mine, others = words_of(unit), words_of(other)
    shared = len(mine & others) / max(1, min(len(mine), len(others)))
    same_target = bool(target_of(unit)) and target_of(unit) == target_of(other)
    same_callee = bool(last_callees(unit) & last_callees(other))
    same_kind = unit.kind == other.kind and shared > 0
    both_return = "return" in unit.tokens[:1] and "return" in other.tokens[:1]
    return (
        shared * 0.6 + same_target * 0.6 + same_callee * 0.3 + same_kind * 0.2 + both_return * 0.3
    )


def words_of(unit: Unit) -> set[str]:
    """Return all words of a statement: names, and those in texts."""
    words = {word for token in unit.tokens for word in WORD.findall(token)}
    return words - KEYWORDS


KEYWORDS = frozenset({
    "if", "else", "elif", "for", "while", "return", "const", "let", "var", "new", "val", "final",
    "public", "private", "static", "def", "func", "fun", "function", "await", "async", "try", "in",
    "not", "and", "or", "is", "do", "end", "then", "String", "int", "void",
})  # fmt: skip


def last_callees(unit: Unit) -> set[str]:
    """Return what a statement calls, by the last part of each name."""
    return {callee_of(call)[-1] for call in unit.calls}


def assignment_at(unit: Unit) -> int | None:
    """Return the index of the token that assigns; None where nothing is assigned."""
    depth = 0
    for index, token in enumerate(unit.tokens):
        depth += token in {"(", "["}
        depth -= token in {")", "]"}
        if depth == 0 and token in ASSIGNMENT_SIGNS:
            return index or None
    return None


def target_of(unit: Unit) -> str | None:
    """Return what a statement assigns to, without its type."""
    index = assignment_at(unit)
    if index is None:
        return None
    left = "".join(unit.tokens[:index])
    names = [token for token in unit.tokens[:index] if WORD.fullmatch(token.lstrip("$@"))]
    return left if any(sign in left for sign in (".", "[", "->", "::")) else (names or [left])[-1]


def value_tokens(unit: Unit) -> tuple[str, ...]:
    """Return the tokens of the assigned or returned value."""
    index = assignment_at(unit)
    if index is not None:
        return unit.tokens[index + 1 :]
    return unit.tokens[1:] if unit.tokens[:1] == ("return",) else unit.tokens


def literals_of(unit: Unit) -> list[str]:
    """Return the contents of the texts in a statement."""
    return [unquoted(text_of(node)) for node in unit.parts if node.type in STRINGS]


def unquoted(text: str) -> str:
    """Return a literal's content without its quotes and prefix."""
    text = re.sub(r"^[A-Za-z@$]{0,3}(?=[\"'`])", "", text)
    for mark in ('"""', "'''", '"', "'", "`"):
        if len(text) >= 2 * len(mark) and text.startswith(mark) and text.endswith(mark):
            return text[len(mark) : -len(mark)]
    return text.removeprefix(":") if re.fullmatch(r":\w+", text) else text
