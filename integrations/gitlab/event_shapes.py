"""The JSON names of GitLab's events, as far as we read them."""

from integrations.event_shapes import (
    Commit,
    FullName,
    Id,
    Moment,
    Name,
    Number,
    Ref,
    Shape,
    Text,
    WebUrl,
    Word,
)

PUBLIC = 20


class Person(Shape):
    """Who did it."""

    id: Id
    username: Name


class Project(Shape):
    """The project that an event is about."""

    id: Id
    path_with_namespace: FullName
    web_url: WebUrl
    default_branch: Ref | None = None
    visibility_level: int | None = None


class Note(Shape):
    """A comment; versions before 16.11 do not say whether it is new."""

    id: Id
    note: Text | None = None
    noteable_type: Word
    author_id: Id | None = None
    action: Word = "create"
    system: bool = False
    discussion_id: Word | None = None
    type: Word | None = None
    line_code: Name | None = None


class NotedMergeRequest(Shape):
    """The merge request in the event of a comment."""

    iid: Number


class NoteEvent(Shape):
    """`Note Hook`: a comment on a merge request, an issue, a commit or a snippet."""

    user: Person
    project: Project
    object_attributes: Note
    merge_request: NotedMergeRequest | None = None


class LastCommit(Shape):
    """The newest commit of a merge request."""

    id: Commit


class MergeRequest(Shape):
    """A merge request as it was at the moment of the event."""

    iid: Number
    action: Word | None = None
    state: Word
    title: Name
    url: WebUrl
    source_branch: Ref
    target_branch: Ref
    source_project_id: Id | None = None
    target_project_id: Id
    last_commit: LastCommit | None = None
    updated_at: Moment


class MergeRequestEvent(Shape):
    """`Merge Request Hook`: what became of it."""

    user: Person
    project: Project
    object_attributes: MergeRequest
