"""What a merge request changes, and where in it GitLab takes comments; pure.

https://docs.gitlab.com/api/discussions/#create-a-new-thread-in-the-merge-request-diff
"""

import hashlib
from collections.abc import Iterable
from typing import Any

from integrations.diffs import UnreadableDiffError, parse_diff
from integrations.gitlab.shapes import Diff, Version
from integrations.review_hosts import ChangedFile, Changes, Place, ReviewRefusedError


def changes_of(version: Version, diffs: Iterable[Diff], *, is_complete: bool) -> Changes:
    """Return what a version changes; a file of it that GitLab or we cannot show has no lines."""
    files = {}
    for diff in diffs:
        if diff.deleted_file:
            continue
        lines = _lines_of(diff)
        is_complete = is_complete and lines is not None
        # A new file has no old path, which `position_of` must know.
        old_path = "" if diff.new_file else diff.old_path
        files[diff.new_path] = ChangedFile(path=diff.new_path, old_path=old_path, lines=lines or {})
    return Changes(
        commit=version.head_commit_sha,
        files=files,
        is_complete=is_complete and not version.is_cut,
        position={
            "base_sha": version.base_commit_sha,
            "start_sha": version.start_commit_sha,
            "head_sha": version.head_commit_sha,
        },
    )


def position_of(place: Place, *, changes: Changes) -> dict[str, Any]:
    """Return where a comment at `place` is to stand, in GitLab's words.

    Raises ReviewRefusedError where the diff does not hold the lines.
    """
    file = changes.files.get(place.path)
    if file is None or not file.holds(place.start_line, place.end_line):
        raise ReviewRefusedError(
            f"{place.path}, line {place.end_line}: the merge request's diff does not show it."
        )
    position = {
        **changes.position,
        "position_type": "text",
        "old_path": file.old_path or file.path,
        "new_path": file.path,
        "new_line": place.end_line,
    }
    # An unchanged line is known by both its numbers, an added one by the new alone.
    if (old_line := file.lines[place.end_line]) is not None:
        position["old_line"] = old_line
    start, end = _end_of(file, place.start_line), _end_of(file, place.end_line)
    if place.start_line != place.end_line and start and end:
        position["line_range"] = {"start": start, "end": end}
    return position


def _lines_of(diff: Diff) -> dict[int, int | None] | None:
    if diff.is_hidden:
        return None
    try:
        return parse_diff(diff.diff).lines
    except UnreadableDiffError:
        return None


def _end_of(file: ChangedFile, line: int) -> dict[str, Any] | None:
    """Return one end of a range of lines; None where GitLab's name of it cannot be told."""
    old_line = file.lines[line]
    counter = old_line if old_line is not None else _old_counter(file, line)
    if counter is None:
        return None
    code = f"{hashlib.sha1(file.path.encode(), usedforsecurity=False).hexdigest()}_{counter}_{line}"
    if old_line is None:
        return {"line_code": code, "type": "new", "new_line": line}
    return {"line_code": code, "type": "old", "old_line": old_line, "new_line": line}


def _old_counter(file: ChangedFile, line: int) -> int | None:
    """Return how far GitLab has counted the old lines where `line` is added.

    That is the next unchanged line, because a diff names removed lines before added ones; where
    none follows, nobody can tell without the removed lines.
    """
    if not file.old_path:
        return 0
    following = line + 1
    while following in file.lines:
        if (old_line := file.lines[following]) is not None:
            return old_line
        following += 1
    return None
