"""A fix as the difference of two texts: a patch to download, and rows for a page; pure."""

import difflib
import enum
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from remediation.edits import Edit, apply_edits
from remediation.models import FixAttempt

CONTEXT_LINES = 3
MAX_EXACT_LINES = 1500
MAX_CHANGED_LINES = 300
_NO_FINAL_NEWLINE = "\\ No newline at end of file"


class RowKind(enum.StrEnum):
    """What a row of a difference is."""

    CONTEXT = "context"
    REMOVED = "removed"
    ADDED = "added"
    GAP = "gap"


_SIGNS = {RowKind.CONTEXT: " ", RowKind.REMOVED: "-", RowKind.ADDED: "+", RowKind.GAP: ""}
_Tag = Literal["replace", "delete", "insert", "equal"]
_Change = tuple[str, int, int, int, int]
"""As difflib says it: a tag, and the lines before and after, 0-based, ends exclusive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffRow:
    """One line of a difference; its number before and after, 1-based, where it has one."""

    kind: RowKind
    text: str
    old_number: int | None = None
    new_number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDiff:
    """What a fix changes in one file; `patch` is a unified diff that `git apply` takes."""

    path: str
    patch: str
    rows: tuple[DiffRow, ...]
    added: int
    removed: int


def diff_of(*, fix: FixAttempt, original: str) -> FileDiff:
    """Return what a fix changes in `original`, the text of its file at its commit.

    Raises EditRefusedError where the edits do not fit that text.
    """
    edits = [Edit(search=edit["search"], replace=edit["replace"]) for edit in fix.edits]
    return diff_texts(
        path=fix.path, before=original, after=apply_edits(original=original, edits=edits).text
    )


def diff_texts(*, path: str, before: str, after: str) -> FileDiff:
    """Return the difference of two texts of one file."""
    old, new = _lines(before), _lines(after)
    rows: list[DiffRow] = []
    for group in _groups(old, new):
        rows += [DiffRow(kind=RowKind.GAP, text=_header(group)), *_rows(group, old, new)]
    return FileDiff(
        path=path,
        patch=_patch(path, rows),
        rows=tuple(replace(row, text=row.text.rstrip("\r\n")) for row in rows),
        added=sum(row.kind is RowKind.ADDED for row in rows),
        removed=sum(row.kind is RowKind.REMOVED for row in rows),
    )


def _lines(text: str) -> list[str]:
    """Return the lines with their ends, split at line feeds alone, as git does."""
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1].removesuffix("\n")
    return lines if lines[-1] else lines[:-1]


def _groups(old: Sequence[str], new: Sequence[str]) -> Iterator[list[_Change]]:
    """Give the changes with the lines around them, near ones together."""
    first = _common(old, new)
    last = _common(old[first:][::-1], new[first:][::-1])
    start = max(first - CONTEXT_LINES, 0)
    end = max(last - CONTEXT_LINES, 0)
    old_part, new_part = old[start : len(old) - end], new[start : len(new) - end]
    is_large = max(len(old_part), len(new_part)) > MAX_EXACT_LINES
    kind = _QuickMatcher if is_large else difflib.SequenceMatcher
    matcher = kind(a=old_part, b=new_part, autojunk=False)
    for group in matcher.get_grouped_opcodes(CONTEXT_LINES):
        yield [_moved(change, start) for change in group]


def _moved(change: _Change, lines: int) -> _Change:
    tag, old_start, old_end, new_start, new_end = change
    return tag, old_start + lines, old_end + lines, new_start + lines, new_end + lines


class _QuickMatcher(difflib.SequenceMatcher[str]):
    """Finds the way back after each change near it: the exact way is slow on many equal lines."""

    def set_seqs(self, a: Sequence[str], b: Sequence[str]) -> None:
        """Take the lines as they are, without the index of the exact way."""
        self.a, self.b = a, b

    def get_opcodes(self) -> list[tuple[_Tag, int, int, int, int]]:
        """Return the changes in order, as the exact way does."""
        changes: list[tuple[_Tag, int, int, int, int]] = []
        i = j = 0
        while i < len(self.a) or j < len(self.b):
            same = _common(self.a[i:], self.b[j:])
            if same:
                changes.append(("equal", i, i + same, j, j + same))
                i, j = i + same, j + same
                continue
            down, right = self._way_back(i, j)
            tag: _Tag = "replace" if down and right else "delete" if down else "insert"
            changes.append((tag, i, i + down, j, j + right))
            i, j = i + down, j + right
        return changes

    def _way_back(self, i: int, j: int) -> tuple[int, int]:
        """Return how many lines to leave on each side until three lines are equal again."""
        for far in range(1, MAX_CHANGED_LINES):
            steps = [pair for near in range(far, -1, -1) for pair in ((far, near), (near, far))]
            for down, right in steps:
                ahead = self.a[i + down : i + down + 3]
                if ahead and ahead == self.b[j + right : j + right + 3]:
                    return down, right
        return len(self.a) - i, len(self.b) - j


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """Return how many first lines are equal."""
    pairs = zip(old, new, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(old), len(new)))


def _header(group: Sequence[_Change]) -> str:
    old, new = (group[0][1], group[-1][2]), (group[0][3], group[-1][4])
    return f"@@ -{_range(*old)} +{_range(*new)} @@"


def _range(start: int, end: int) -> str:
    # An empty range is named by the line before it.
    return f"{start + 1 if end > start else start},{end - start}"


def _rows(group: Sequence[_Change], old: Sequence[str], new: Sequence[str]) -> Iterator[DiffRow]:
    for tag, old_start, old_end, new_start, new_end in group:
        if tag == "equal":
            for offset, text in enumerate(old[old_start:old_end]):
                yield DiffRow(
                    kind=RowKind.CONTEXT,
                    text=text,
                    old_number=old_start + offset + 1,
                    new_number=new_start + offset + 1,
                )
            continue
        for number, text in enumerate(old[old_start:old_end], start=old_start + 1):
            yield DiffRow(kind=RowKind.REMOVED, text=text, old_number=number)
        for number, text in enumerate(new[new_start:new_end], start=new_start + 1):
            yield DiffRow(kind=RowKind.ADDED, text=text, new_number=number)


def _patch(path: str, rows: Sequence[DiffRow]) -> str:
    if not rows:
        return ""
    parts = [f"--- {_file('a/' + path)}\n", f"+++ {_file('b/' + path)}\n"]
    for row in rows:
        end = "" if row.text.endswith("\n") else "\n"
        is_last = bool(end) and row.kind is not RowKind.GAP
        note = f"{_NO_FINAL_NEWLINE}\n" if is_last else ""
        parts.append(f"{_SIGNS[row.kind]}{row.text}{end}{note}")
    return "".join(parts)


def _file(name: str) -> str:
    """Return a file's name as git writes it: in quotes where it has unusual characters."""
    if re.search(r'[\x00-\x1f"\\\x7f]', name):
        return json.dumps(name, ensure_ascii=False)
    return f"{name}\t" if " " in name else name
