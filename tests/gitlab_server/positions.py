"""Whether a place is one of a diff, as GitLab judges it.

A line is spoken of by its numbers before and after the change: an added line has the second alone,
a removed one the first alone, an unchanged one both, also where the diff does not show it.
"""

import hashlib
import re
from typing import Any

from tests.github_server.git import FileDiff
from tests.gitlab_server.state import MergeRequest, Repository

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
Line = tuple[str, int, int]
"""`+`, `-` or blank, and GitLab's two counters at that line."""


def line_code(path: str, old: int, new: int) -> str:
    """Return GitLab's name of a line."""
    return f"{hashlib.sha1(path.encode()).hexdigest()}_{old}_{new}"


def diff_lines(patch: str) -> list[Line]:
    """Return the lines that a diff shows."""
    lines, old, new = [], 0, 0
    for text in patch.split("\n"):
        if hunk := _HUNK.match(text):
            old, new = int(hunk[1]), int(hunk[3])
        elif text.startswith("\\"):
            continue
        elif text[:1] in ("+", "-", " "):
            lines.append((text[0], old, new))
            old += text[0] != "+"
            new += text[0] != "-"
    return lines


def all_lines(project: Repository, diff: FileDiff, head: str) -> list[Line]:
    """Return every line of the new file and each removed one; where nothing is shown, unfolded."""
    shown = diff_lines(diff.patch or "")
    if diff.status == "removed":
        return shown
    by_new = {new: (kind, old, new) for kind, old, new in shown if kind != "-"}
    content = project.git.read(head, diff.path).removesuffix(b"\n")
    found, shift = [], 0
    for number in range(1, content.count(b"\n") + 2):
        if number in by_new:
            found.append(by_new[number])
            kind, old, new = by_new[number]
            shift = old + (kind != "+") - (new + 1)
        else:
            found.append((" ", number + shift, number))
    return found + [line for line in shown if line[0] == "-"]


def find_line(
    project: Repository, one: MergeRequest, position: dict[str, Any]
) -> tuple[str, list[Line]] | None:
    """Return the line code of a position and the file's lines; None where it is no place."""
    triple = (position["base_sha"], position["start_sha"], position["head_sha"])
    if triple not in {(row.base, row.start, row.head) for row in one.versions}:
        return None
    diffs = project.git.diff(position["base_sha"], position["head_sha"])
    paths = (position["old_path"], position["new_path"])
    diff = next((row for row in diffs if (row.old_path, row.path) == paths), None)
    if diff is None:
        return None
    lines = all_lines(project, diff, position["head_sha"])
    wanted = (position.get("old_line"), position.get("new_line"))
    for kind, old, new in lines:
        if wanted == (None if kind == "+" else old, None if kind == "-" else new):
            return line_code(diff.path, old, new), lines
    return None


def problem_of_range(position: dict[str, Any], lines: list[Line]) -> str:
    """Return what is wrong with a range, which GitLab would show at the wrong lines."""
    for end in (position.get("line_range") or {}).values():
        kinds = {line_code(position["new_path"], old, new): kind for kind, old, new in lines}
        kind = kinds.get(end.get("line_code", ""))
        if kind is None:
            return f"line_range: {end} names no line of {position['new_path']}"
        if (end.get("type") == "new") != (kind == "+"):
            return f"line_range: {end} has the wrong type"
    return ""
