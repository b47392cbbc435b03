"""Pull requests in our words: what they are, and which lines can be spoken of; pure."""

from collections.abc import Sequence
from datetime import datetime

from integrations.diffs import UnreadableDiffError, parse_diff
from integrations.github.shapes import Comment, FilePatch, Pull
from integrations.markers import key_in
from integrations.review_hosts import (
    ChangedFile,
    Changes,
    Draft,
    RemoteChangeRequest,
    RemoteComment,
    RemoteState,
)


def as_change_request(pull: Pull) -> RemoteChangeRequest:
    """Return a pull request in our words."""
    state = RemoteState.OPEN if pull.state == "open" else RemoteState.CLOSED
    # A head without repository is a fork that was deleted.
    same = pull.head.repo is not None and pull.base.repo == pull.head.repo
    return RemoteChangeRequest(
        number=pull.number,
        state=RemoteState.MERGED if pull.merged_at else state,
        title=pull.title,
        url=pull.html_url,
        author=pull.user.login if pull.user else "ghost",
        head_commit=pull.head.sha,
        head_ref=pull.head.ref,
        base_ref=pull.base.ref,
        is_from_fork=not same,
        updated_at=pull.updated_at,
    )


def as_changes(files: Sequence[FilePatch], *, commit: str, most_files: int) -> Changes:
    """Return which lines can be spoken of; `most_files` is where GitHub cuts the list."""
    is_complete = len(files) < most_files
    changed = {}
    for file in files:
        lines, is_whole = _lines_of(file)
        is_complete = is_complete and is_whole
        changed[file.filename] = ChangedFile(
            path=file.filename, old_path=file.previous_filename or file.filename, lines=lines
        )
    return Changes(commit=commit, files=changed, is_complete=is_complete)


def _lines_of(file: FilePatch) -> tuple[dict[int, int | None], bool]:
    """Return the lines of a file's diff, and whether GitHub gave all of it."""
    # A binary file, a bare rename and an empty file have no diff, and no lines that were changed.
    if file.patch is None:
        return {}, file.additions + file.deletions == 0
    try:
        diff = parse_diff(file.patch)
    except UnreadableDiffError:
        return {}, False
    return diff.lines, (diff.added, diff.removed) == (file.additions, file.deletions)


def as_comment(comment: Comment, *, is_inline: bool) -> RemoteComment:
    """Return a comment in our words."""
    body = comment.body or ""
    return RemoteComment(
        id=str(comment.id),
        thread_id=str(comment.in_reply_to_id or comment.id) if is_inline else "",
        key=key_in(body),
        body=body,
        url=comment.html_url,
        is_inline=is_inline,
        path=comment.path,
        line=comment.line,
    )


def in_order(comments: Sequence[tuple[datetime, RemoteComment]]) -> list[RemoteComment]:
    """Return comments, the oldest first; of one second, by number."""
    return [comment for _at, comment in sorted(comments, key=lambda one: (one[0], int(one[1].id)))]


def as_review_comment(draft: Draft) -> dict[str, str | int]:
    """Return a draft at lines as a review takes it: on the side of the new code."""
    assert draft.place is not None  # noqa: S101 the caller sorts the drafts
    place = draft.place
    asked: dict[str, str | int] = {
        "path": place.path,
        "line": place.end_line,
        "side": "RIGHT",
        "body": draft.body,
    }
    if place.start_line < place.end_line:
        asked |= {"start_line": place.start_line, "start_side": "RIGHT"}
    return asked
