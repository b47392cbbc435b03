"""Events of GitLab, read into our words.

https://docs.gitlab.com/user/project/integrations/webhook_events/

Project hooks tell of comments and merge requests. That a project was renamed, transferred, deleted
or made public, only hooks of groups and of the whole server tell, which are out of our reach. Our
calls go by the project's number, so that a new name breaks none of them, and visibility is asked
for where it counts.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from integrations.event_shapes import parse
from integrations.events import (
    ChangeRequestChanged,
    CommentWritten,
    Event,
    Passed,
    ReadEvent,
    RepositoryName,
)
from integrations.gitlab import event_shapes as shapes
from integrations.gitlab.shapes import STATES
from integrations.review_hosts import RemoteChangeRequest, RemoteState

NOTE = "Note Hook"
MERGE_REQUEST = "Merge Request Hook"
# The actions that something follows from; an event that is not here is of no use to us.
KEPT: dict[str, frozenset[str]] = {
    NOTE: frozenset({"create", "update"}),
    MERGE_REQUEST: frozenset({"open", "update", "close", "reopen", "merge"}),
}
# https://docs.gitlab.com/user/project/settings/project_access_tokens/#bot-users-for-projects
_BOT = re.compile(r"(?:project|group)_[0-9]+_bot[0-9a-z_]*|service_account_\w+", re.ASCII)


def is_needed(*, name: str, body: Mapping[str, Any]) -> bool:
    """Say whether something may follow from an event; a cheap look, before it is kept."""
    told = body.get("object_attributes")
    if not isinstance(told, dict):
        return False
    action = told.get("action", "create" if name == NOTE else None)
    if not isinstance(action, str) or action not in KEPT.get(name, frozenset()):
        return False
    return name != NOTE or (told.get("noteable_type") == "MergeRequest" and not told.get("system"))


def read_event(*, name: str, body: Mapping[str, Any]) -> ReadEvent:
    """Return what an event says; raise InvalidInputError for one that is not as documented."""
    reader = _READERS.get(name)
    if reader is None:
        return ReadEvent(event=Passed(reason=f"Nothing follows from the event {name[:60]}."))
    return ReadEvent(event=reader(body))


def _read_note(body: Mapping[str, Any]) -> Event:
    read = parse(shapes.NoteEvent, name=NOTE, body=body)
    note, author = read.object_attributes, read.user
    if reason := _why_passed(read):
        return Passed(reason=reason)
    if read.merge_request is None:
        return Passed(reason="The comment stands at no merge request.")
    return CommentWritten(
        repository=_repository(read.project),
        number=read.merge_request.iid,
        comment_id=str(note.id),
        thread_id=_thread_of(note),
        text=note.note or "",
        author=author.username,
        author_key=str(author.id),
        is_bot=_BOT.fullmatch(author.username) is not None,
        is_edit=note.action == "update",
    )


def _why_passed(read: shapes.NoteEvent) -> str:
    note = read.object_attributes
    if note.noteable_type != "MergeRequest":
        return "The comment stands at no merge request."
    if note.system:
        return "GitLab wrote the comment itself."
    if note.action not in KEPT[NOTE]:
        return f"Nothing follows from {NOTE}, {note.action}."
    # A new comment is of who sends the event; of an edited one that is to be told.
    is_told = note.author_id is not None or note.action == "update"
    if is_told and note.author_id != read.user.id:
        # What stands there now is not what its author said.
        return "The comment was edited by somebody who did not write it."
    return ""


def _thread_of(note: shapes.Note) -> str:
    """Return the discussion, where one was begun: a plain comment has an id for it as well."""
    is_in_thread = note.type in ("DiffNote", "DiscussionNote") or note.line_code
    return note.discussion_id or "" if is_in_thread else ""


def _read_merge_request(body: Mapping[str, Any]) -> Event:
    read = parse(shapes.MergeRequestEvent, name=MERGE_REQUEST, body=body)
    told = read.object_attributes
    if told.action not in KEPT[MERGE_REQUEST]:
        return Passed(reason=f"Nothing follows from {MERGE_REQUEST}, {told.action or 'no action'}.")
    if told.last_commit is None:
        return Passed(reason="The merge request has no commits.")
    return ChangeRequestChanged(
        repository=_repository(read.project),
        change_request=RemoteChangeRequest(
            number=told.iid,
            state=STATES.get(told.state, RemoteState.OPEN),
            title=told.title,
            url=told.url,
            # The event names who did it, and of the author a number alone.
            author=read.user.username if told.action == "open" else "",
            head_commit=told.last_commit.id,
            head_ref=told.source_branch,
            base_ref=told.target_branch,
            is_from_fork=told.source_project_id != told.target_project_id,
            updated_at=told.updated_at,
        ),
    )


def _repository(told: shapes.Project) -> RepositoryName:
    level = told.visibility_level
    return RepositoryName(
        external_id=str(told.id),
        full_name=told.path_with_namespace,
        web_url=told.web_url,
        default_branch=told.default_branch or "",
        is_public=None if level is None else level == shapes.PUBLIC,
    )


_READERS: dict[str, Callable[[Mapping[str, Any]], Event]] = {
    NOTE: _read_note,
    MERGE_REQUEST: _read_merge_request,
}
