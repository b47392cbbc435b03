"""A fix's difference as a page shows it: colored rows, in one column and side by side; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.coloring import ColoredLine, color_lines
from remediation.diffs import DiffRow, FileDiff, RowKind

SIGNS = {RowKind.ADDED: "+", RowKind.REMOVED: "-"}
NO_PARTS: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ColoredRow:
    """One line of a difference: texts with the class that Pygments has for each."""

    kind: RowKind
    old_number: int | None
    new_number: int | None
    parts: tuple[tuple[str, str], ...]
    is_cut: bool = False

    @property
    def sign(self) -> str:
        """Return the sign that says what became of the line."""
        return SIGNS.get(self.kind, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What stands side by side: the line before and the line after, either may be missing."""

    before: ColoredRow | None
    after: ColoredRow | None

    @property
    def gap(self) -> ColoredRow | None:
        """Return the row that stands for lines left out, if it is one."""
        is_gap = self.before is not None and self.before.kind == RowKind.GAP
        return self.before if is_gap else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColoredDiff:
    """A difference in both shapes."""

    path: str
    patch: str
    added: int
    removed: int
    rows: tuple[ColoredRow, ...]
    pairs: tuple[Pair, ...]


def color_diff(diff: FileDiff, *, before: str, after: str) -> ColoredDiff:
    """Return the difference of two texts with their colors."""
    old = _lines(diff.path, before, [row.old_number for row in diff.rows])
    new = _lines(diff.path, after, [row.new_number for row in diff.rows])
    rows = tuple(_row(row, old, new) for row in diff.rows)
    return ColoredDiff(
        path=diff.path,
        patch=diff.patch,
        added=diff.added,
        removed=diff.removed,
        rows=rows,
        pairs=tuple(_pairs(rows)),
    )


def _lines(path: str, text: str, numbers: Sequence[int | None]) -> dict[int, ColoredLine]:
    named = [number for number in numbers if number is not None]
    if not named:
        return {}
    colored = color_lines(path=path, text=text, first=min(named), last=max(named))
    return {line.number: line for line in colored}


def _row(row: DiffRow, old: dict[int, ColoredLine], new: dict[int, ColoredLine]) -> ColoredRow:
    line = new.get(row.new_number or 0) or old.get(row.old_number or 0)
    plain = ((row.text, ""),) if row.text else NO_PARTS
    return ColoredRow(
        kind=row.kind,
        old_number=row.old_number,
        new_number=row.new_number,
        parts=line.parts if line else plain,
        is_cut=bool(line and line.is_cut),
    )


def _pairs(rows: Sequence[ColoredRow]) -> Iterator[Pair]:
    """Put lines that were removed beside those that came in their place."""
    removed: list[ColoredRow] = []
    added: list[ColoredRow] = []
    for row in rows:
        if row.kind == RowKind.REMOVED and not added:
            removed.append(row)
        elif row.kind == RowKind.ADDED:
            added.append(row)
        else:
            yield from _zip(removed, added)
            removed, added = ([row], []) if row.kind == RowKind.REMOVED else ([], [])
            if not removed:
                yield Pair(before=row, after=row)
    yield from _zip(removed, added)


def _zip(removed: Sequence[ColoredRow], added: Sequence[ColoredRow]) -> Iterator[Pair]:
    for index in range(max(len(removed), len(added))):
        yield Pair(
            before=removed[index] if index < len(removed) else None,
            after=added[index] if index < len(added) else None,
        )
