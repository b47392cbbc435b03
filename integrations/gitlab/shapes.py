"""What we read of GitLab's answers, parsed; the other fields are passed over."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from integrations.review_hosts import RemoteState

# Of a merge request, in answers and events alike.
STATES = {
    "opened": RemoteState.OPEN,
    "locked": RemoteState.OPEN,
    "closed": RemoteState.CLOSED,
    "merged": RemoteState.MERGED,
}
# The levels of roles.
REPORTER, DEVELOPER, MAINTAINER = 20, 30, 40


class Shape(BaseModel):
    """A frozen value with the fields that we read."""

    model_config = ConfigDict(frozen=True)


class User(Shape):
    """A person, or the bot behind a project's or group's token."""

    id: int
    username: str


class Token(Shape):
    """https://docs.gitlab.com/api/personal_access_tokens/#get-details-on-a-personal-access-token."""

    scopes: list[str]
    expires_at: str | None = None


class Group(Shape):
    """https://docs.gitlab.com/api/groups/#retrieve-a-group."""

    full_path: str


class Project(Shape):
    """https://docs.gitlab.com/api/projects/#retrieve-a-project."""

    id: int
    path_with_namespace: str
    web_url: str
    default_branch: str | None = None
    visibility: str = ""
    archived: bool = False


class Member(Shape):
    """https://docs.gitlab.com/api/project_members/."""

    id: int
    state: str = "active"
    access_level: int


class File(Shape):
    """https://docs.gitlab.com/api/repository_files/; `content` in base64."""

    size: int
    encoding: str
    content: str
    content_sha256: str
    commit_id: str
    last_commit_id: str


class TreeEntry(Shape):
    """https://docs.gitlab.com/api/repositories/#list-repository-tree."""

    path: str
    mode: str


class Commit(Shape):
    """https://docs.gitlab.com/api/commits/."""

    id: str
    message: str = ""


class Branch(Shape):
    """https://docs.gitlab.com/api/branches/."""

    commit: Commit


class MergeRequest(Shape):
    """https://docs.gitlab.com/api/merge_requests/#get-single-mr."""

    iid: int
    state: str
    title: str
    web_url: str
    author: User
    sha: str | None = None
    """Null where the source branch was deleted before anything was merged."""
    source_branch: str
    target_branch: str
    source_project_id: int | None = None
    target_project_id: int
    updated_at: datetime


class Version(Shape):
    """https://docs.gitlab.com/api/merge_requests/#get-merge-request-diff-versions."""

    id: int
    head_commit_sha: str
    base_commit_sha: str
    start_commit_sha: str
    state: str = ""
    real_size: str | None = None

    @property
    def is_cut(self) -> bool:
        """Whether GitLab kept only a part of the files."""
        return self.state.startswith("overflow") or (self.real_size or "").endswith("+")


class Diff(Shape):
    """What a version changes in one file."""

    old_path: str
    new_path: str
    diff: str = ""
    collapsed: bool | None = None
    too_large: bool | None = None
    new_file: bool = False
    deleted_file: bool = False

    @property
    def is_hidden(self) -> bool:
        """Whether GitLab leaves the lines out because they are many."""
        return bool(self.collapsed or self.too_large)


class FullVersion(Version):
    """A version with what it changes."""

    diffs: list[Diff]


class Position(Shape):
    """Where a note stands."""

    new_path: str | None = None
    old_path: str | None = None
    new_line: int | None = None
    old_line: int | None = None


class Note(Shape):
    """https://docs.gitlab.com/api/notes/#merge-requests."""

    id: int
    body: str = ""
    author: User
    system: bool = False
    position: Position | None = None


class Discussion(Shape):
    """https://docs.gitlab.com/api/discussions/#merge-requests."""

    id: str
    notes: list[Note]


class DraftNote(Shape):
    """https://docs.gitlab.com/api/draft_notes/."""

    id: int
    note: str
    line_code: str | None = None
    """Of its place; null where GitLab finds none, and will drop the draft without a word."""


class Status(Shape):
    """https://docs.gitlab.com/api/commits/#commit-status."""

    id: int
    status: str


class Hook(Shape):
    """https://docs.gitlab.com/api/project_webhooks/."""

    id: int
    url: str
