"""Which lines differ between a file and its patched self; pure."""

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

# Beyond so many lines, lines that stand everywhere no longer guide the comparison: it would take
# minutes.
EXACT_LINES = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Lines that were replaced by others; line numbers 1-based, the ends excluded."""

    before_start: int
    before_end: int
    after_start: int
    after_end: int

    @property
    def removed(self) -> int:
        """How many lines went."""
        return self.before_end - self.before_start

    @property
    def added(self) -> int:
        """How many lines came."""
        return self.after_end - self.after_start


@dataclass(frozen=True, kw_only=True)
class Change:
    """A file's text before and after, and the blocks of lines in which they differ."""

    path: str
    before: str
    after: str

    @cached_property
    def before_lines(self) -> list[str]:
        """The old lines, split at line feeds as scanners do."""
        return self.before.split("\n")

    @cached_property
    def after_lines(self) -> list[str]:
        """The new lines."""
        return self.after.split("\n")

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The differing blocks, in order."""
        return tuple(_blocks(self.before_lines, self.after_lines))

    @property
    def added_text(self) -> list[str]:
        """The lines that came."""
        return [
            line
            for block in self.blocks
            for line in self.after_lines[block.after_start - 1 : block.after_end - 1]
        ]

    @property
    def removed_text(self) -> list[str]:
        """The lines that went."""
        return [
            line
            for block in self.blocks
            for line in self.before_lines[block.before_start - 1 : block.before_end - 1]
        ]

    @cached_property
    def _ends(self) -> list[int]:
        return [block.before_end for block in self.blocks]

    def new_line(self, number: int) -> int | None:
        """Return where an old line stands now; None for one that was changed."""
        index = bisect.bisect_right(self._ends, number)
        if index < len(self.blocks):
            block = self.blocks[index]
            if block.before_start <= number:
                return None
        previous = self.blocks[index - 1] if index else None
        return number + (previous.after_end - previous.before_end if previous else 0)


def _blocks(before: Sequence[str], after: Sequence[str]) -> list[Block]:
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) > EXACT_LINES)
    return [
        Block(
            before_start=head + i1 + 1,
            before_end=head + i2 + 1,
            after_start=head + j1 + 1,
            after_end=head + j2 + 1,
        )
        for kind, i1, i2, j1, j2 in matcher.get_opcodes()
        if kind != "equal"
    ]


def _common(before: Sequence[str], after: Sequence[str]) -> int:
    count = 0
    for one, other in zip(before, after, strict=False):
        if one != other:
            break
        count += 1
    return count
