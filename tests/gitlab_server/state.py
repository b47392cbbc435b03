"""What the stand-in for GitLab knows."""

import itertools
import secrets
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tests.github_server.git import GitStore

_numbers = itertools.count(2001)
LEVELS = {
    "guest": 10,
    "read": 20,
    "reporter": 20,
    "triage": 20,
    "write": 30,
    "developer": 30,
    "maintainer": 40,
    "maintain": 40,
    "admin": 40,
    "owner": 50,
}
VISIBILITY_LEVELS = {"private": 0, "internal": 10, "public": 20}


def next_id() -> int:
    """Return a number that no other row of this process has."""
    return next(_numbers)


@dataclass
class User:
    """A person or the bot of an access token."""

    username: str
    name: str
    state: str = "active"
    is_bot: bool = False
    id: int = field(default_factory=next_id)


@dataclass
class Note:
    """A comment; the first of a discussion at lines of a diff has a position."""

    author: str
    body: str
    created_at: datetime
    updated_at: datetime
    type: str | None = None
    """DiffNote, DiscussionNote, or None for one that stands alone."""
    position: dict[str, Any] | None = None
    is_system: bool = False
    discussion_id: str = ""
    id: int = field(default_factory=next_id)

    @property
    def path(self) -> str:
        return (self.position or {}).get("new_path") or ""

    @property
    def line(self) -> int | None:
        return (self.position or {}).get("new_line")


@dataclass
class Discussion:
    """A thread of notes."""

    notes: list[Note]
    is_individual: bool = False
    id: str = field(default_factory=lambda: secrets.token_hex(20))


@dataclass
class DraftNote:
    """A comment that its author alone can see."""

    author: str
    note: str
    position: dict[str, Any] | None
    discussion_id: str | None = None
    id: int = field(default_factory=next_id)


@dataclass
class Version:
    """The diff of a merge request as it was after one push."""

    head: str
    base: str
    start: str
    created_at: datetime
    id: int = field(default_factory=next_id)


@dataclass
class MergeRequest:
    """A merge request; each push to its branch adds a version, until it is closed."""

    iid: int
    title: str
    description: str
    author: str
    source_branch: str
    target_branch: str
    sha: str
    created_at: datetime
    updated_at: datetime
    source_project_id: int
    state: str = "opened"
    merged_at: datetime | None = None
    closed_at: datetime | None = None
    merge_commit_sha: str | None = None
    versions: list[Version] = field(default_factory=list)
    discussions: dict[str, Discussion] = field(default_factory=dict)
    drafts: dict[int, DraftNote] = field(default_factory=dict)
    mails: int = 0
    id: int = field(default_factory=next_id)

    @property
    def number(self) -> int:
        return self.iid

    def notes(self) -> list[Note]:
        """Return all notes, oldest first."""
        every = [note for discussion in self.discussions.values() for note in discussion.notes]
        return sorted(every, key=lambda note: note.id)


@dataclass
class Status:
    """A commit status."""

    sha: str
    state: str
    name: str
    description: str | None
    target_url: str | None
    author: str
    created_at: datetime
    ref: str | None = None
    id: int = field(default_factory=next_id)


@dataclass
class Hook:
    """A webhook of one project."""

    url: str
    token: str
    settings: dict[str, Any]
    created_at: datetime
    id: int = field(default_factory=next_id)


@dataclass
class Repository:
    """A project and all that stands beside its code."""

    full_name: str
    git: GitStore
    created_at: datetime
    visibility: str = "private"
    default_branch: str = "main"
    is_archived: bool = False
    members: dict[str, int] = field(default_factory=dict)
    """Username to access level."""
    merge_requests: dict[int, MergeRequest] = field(default_factory=dict)
    statuses: list[Status] = field(default_factory=list)
    hooks: dict[int, Hook] = field(default_factory=dict)
    former_names: set[str] = field(default_factory=set)
    too_large: set[str] = field(default_factory=set)
    """Paths whose diffs are not shown."""
    collapsed: set[str] = field(default_factory=set)
    id: int = field(default_factory=next_id)

    @property
    def namespace(self) -> str:
        return self.full_name.rpartition("/")[0]

    @property
    def name(self) -> str:
        return self.full_name.rpartition("/")[2]


@dataclass
class Token:
    """What a client shows to be let in."""

    value: str
    username: str
    name: str
    scopes: list[str]
    expires_at: date | None = None
    is_revoked: bool = False
    id: int = field(default_factory=next_id)


@dataclass(frozen=True)
class SeenRequest:
    """A request as it came; `body` is parsed JSON or None."""

    method: str
    path: str
    """With the query, without /api/v4."""
    body: Any
    headers: dict[str, str]
    status: int
