"""Where a comment may stand: lines of a diff, and where they move to when the code does."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tests.github_server.git import FileDiff, GitStore, NotInGitError

_HEADER = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True)
class DiffLine:
    """One line of a diff; `position` counts from 1 below the file's first hunk header."""

    hunk: int
    position: int
    old: int | None
    new: int | None
    text: str


@dataclass(frozen=True)
class Anchor:
    """Where a comment was put."""

    position: int
    diff_hunk: str


class NotInDiffError(Exception):
    """The lines are not part of the diff; the words are GitHub's."""


def lines_of(patch: str) -> list[DiffLine]:
    """Return the lines of a file's patch, hunk headers left out."""
    found: list[DiffLine] = []
    old = new = hunk = 0
    for position, text in enumerate(patch.split("\n")):
        header = _HEADER.match(text)
        if header:
            hunk += 1
            old, new = int(header[1]), int(header[3])
        elif text.startswith("\\"):
            continue
        else:
            is_old, is_new = not text.startswith("+"), not text.startswith("-")
            found.append(
                DiffLine(hunk, position, old if is_old else None, new if is_new else None, text)
            )
            old, new = old + is_old, new + is_new
    return found


def _at(lines: Sequence[DiffLine], line: int | None, side: str) -> DiffLine | None:
    for one in lines:
        if line is not None and line == (one.old if side == "LEFT" else one.new):
            return one
    return None


def place(
    diff: Sequence[FileDiff],
    *,
    path: str,
    line: int | None,
    side: str = "RIGHT",
    start_line: int | None = None,
    start_side: str | None = None,
) -> Anchor:
    """Return the place of a comment. Raises NotInDiffError."""
    patch = next((one.patch for one in diff if one.path == path), None)
    if patch is None:
        raise NotInDiffError("Path could not be resolved")
    lines = lines_of(patch)
    end = _at(lines, line, side)
    problems = [] if end else ["Pull request review thread line must be part of the diff"]
    if start_line is not None:
        start = _at(lines, start_line, start_side or side)
        if line is not None and start_line >= line and (start_side or side) == side:
            problems.append("Pull request review thread start line must precede the end line.")
        elif start is None or end is None or start.hunk != end.hunk:
            problems.append(
                "Pull request review thread start line must be part of the same hunk as the line."
            )
    if end is None:
        problems.append("Pull request review thread diff hunk can't be blank")
    if problems or end is None:
        raise NotInDiffError(_sentence(problems))
    return Anchor(position=end.position, diff_hunk=_hunk(patch, end))


def _sentence(parts: list[str]) -> str:
    if len(parts) < 3:
        return " and ".join(parts)
    return f"{', '.join(parts[:-1])}, and {parts[-1]}"


def _hunk(patch: str, end: DiffLine) -> str:
    rows = patch.split("\n")[: end.position + 1]
    starts = [place for place, row in enumerate(rows) if _HEADER.match(row)]
    return "\n".join(rows[starts[-1] :])


def place_at_position(diff: Sequence[FileDiff], *, path: str, position: int) -> DiffLine:
    """Return the line at a position of a file's diff, the old way to say where."""
    patch = next((one.patch for one in diff if one.path == path), None)
    found = [one for one in lines_of(patch or "") if one.position == position]
    if not found:
        raise NotInDiffError("Position could not be resolved")
    return found[0]


def moved(git: GitStore, *, path: str, old: str, new: str, line: int) -> int | None:
    """Return where a line went between two commits; None if it was changed or removed."""
    try:
        git.object_at(new, path)
        text = git.raw("diff", "-U0", old, new, "--", path).decode("utf-8", "replace")
    except NotInGitError:
        return None
    shift = 0
    for header in _HEADER.finditer(text):
        start, count = int(header[1]), int(header[2] or 1)
        added = int(header[4] or 1)
        last = start if count == 0 else start + count - 1
        if count and start <= line <= last:
            return None
        if line > last:
            shift += added - count
    return line + shift
