"""Unified diffs as code hosts give them, a file at a time; pure."""

import re
from dataclasses import dataclass

_HUNK = re.compile(r"@@ -([0-9]{1,9})(?:,([0-9]{1,9}))? \+([0-9]{1,9})(?:,([0-9]{1,9}))? @@")


class UnreadableDiffError(ValueError):
    """What should be a diff is none, or ends too early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedDiff:
    """What a file's diff shows."""

    lines: dict[int, int | None]
    """New line (1-based) to old line; None for an added one. Removed lines have no entry."""
    added: int
    removed: int


def parse_diff(diff: str) -> ParsedDiff:
    """Return what a file's diff shows; lines before the first hunk are passed over.

    Raises UnreadableDiffError where a hunk holds other lines than its head says.
    """
    # Only line feeds end lines here: a form feed or a lone carriage return is part of the code.
    rows = diff.split("\n")
    lines: dict[int, int | None] = {}
    added = removed = index = 0
    while index < len(rows):
        head = _HUNK.match(rows[index])
        index += 1
        if head is None:
            continue
        hunk = _read_hunk(rows, index, head)
        lines.update(hunk.lines)
        added += hunk.added
        removed += hunk.removed
        index = hunk.ends_before
    return ParsedDiff(lines=lines, added=added, removed=removed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hunk:
    lines: dict[int, int | None]
    added: int
    removed: int
    ends_before: int


def _read_hunk(rows: list[str], index: int, head: re.Match[str]) -> _Hunk:
    old_line, old_count, new_line, new_count = (
        int(text) if text is not None else 1 for text in head.groups()
    )
    old_end, new_end = old_line + old_count, new_line + new_count
    lines: dict[int, int | None] = {}
    added = removed = 0
    while old_line < old_end or new_line < new_end:
        # An empty context line loses its blank where somebody trims lines; at the end it is none.
        sign = (rows[index][:1] or " ") if index < len(rows) else ""
        index += 1
        match sign:
            case "+":
                lines[new_line] = None
                new_line, added = new_line + 1, added + 1
            case "-":
                old_line, removed = old_line + 1, removed + 1
            case " ":
                lines[new_line] = old_line
                new_line, old_line = new_line + 1, old_line + 1
            case "\\":
                continue
            case _:
                raise UnreadableDiffError("A hunk ends before its lines do.")
    if (old_line, new_line) != (old_end, new_end):
        raise UnreadableDiffError("A hunk has other lines than its head says.")
    return _Hunk(lines=lines, added=added, removed=removed, ends_before=index)
