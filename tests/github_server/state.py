"""What the stand-in for GitHub keeps, as plain mutable rows."""

import itertools
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.github_server.git import GitStore

_numbers = itertools.count(1001)


def next_id() -> int:
    """Return a number that no other row of this process has."""
    return next(_numbers)


@dataclass
class Account:
    """A person, an organization or a bot."""

    login: str
    type: str = "User"
    id: int = field(default_factory=next_id)


@dataclass
class ReviewComment:
    """A comment at lines of a diff."""

    user: str
    body: str
    path: str
    commit_id: str
    created_at: datetime
    line: int | None = None
    side: str = "RIGHT"
    start_line: int | None = None
    start_side: str | None = None
    in_reply_to: int | None = None
    review_id: int | None = None
    diff_hunk: str = ""
    subject_type: str = "line"
    position: int | None = None
    original_position: int | None = None
    original_commit_id: str = ""
    original_line: int | None = None
    original_start_line: int | None = None
    updated_at: datetime | None = None
    pull: int = 0
    id: int = field(default_factory=next_id)


@dataclass
class IssueComment:
    """A comment in the conversation of a pull request."""

    user: str
    body: str
    pull: int
    created_at: datetime
    updated_at: datetime | None = None
    id: int = field(default_factory=next_id)


@dataclass
class Review:
    """A review: one mail, however many comments it has."""

    user: str
    body: str
    state: str
    commit_id: str
    submitted_at: datetime
    pull: int
    id: int = field(default_factory=next_id)


@dataclass
class Pull:
    """A pull request; its head follows the branch until it is closed."""

    number: int
    title: str
    body: str
    author: str
    head: str
    base: str
    head_sha: str
    base_sha: str
    created_at: datetime
    updated_at: datetime
    state: str = "open"
    merged_at: datetime | None = None
    closed_at: datetime | None = None
    merge_commit_sha: str | None = None
    merged_by: str | None = None
    is_draft: bool = False
    fork: str = ""
    """Full name of the repository that the head is in, where that is another."""
    fork_is_gone: bool = False
    """Its owner has deleted it since."""
    mails: int = 0
    labels: list[str] = field(default_factory=list)
    id: int = field(default_factory=next_id)


@dataclass
class CheckRun:
    """A check of one commit."""

    name: str
    head_sha: str
    app: "App"
    started_at: datetime
    status: str = "queued"
    conclusion: str | None = None
    details_url: str | None = None
    external_id: str = ""
    completed_at: datetime | None = None
    output: dict[str, Any] = field(default_factory=dict)
    id: int = field(default_factory=next_id)


@dataclass
class Status:
    """A commit status; a later one of the same context counts."""

    sha: str
    state: str
    context: str
    description: str | None
    target_url: str | None
    creator: str
    created_at: datetime
    id: int = field(default_factory=next_id)


@dataclass
class Hook:
    """A webhook of one repository."""

    url: str
    secret: str
    events: list[str]
    active: bool
    content_type: str
    created_at: datetime
    updated_at: datetime
    id: int = field(default_factory=next_id)


@dataclass
class Repository:
    """A repository and all that stands beside its code."""

    full_name: str
    git: GitStore
    created_at: datetime
    is_public: bool = False
    is_archived: bool = False
    default_branch: str = "main"
    permissions: dict[str, str] = field(default_factory=dict)
    """Login to admin, maintain, write, triage or read."""
    pulls: dict[int, Pull] = field(default_factory=dict)
    review_comments: dict[int, ReviewComment] = field(default_factory=dict)
    issue_comments: dict[int, IssueComment] = field(default_factory=dict)
    reviews: dict[int, Review] = field(default_factory=dict)
    check_runs: dict[int, CheckRun] = field(default_factory=dict)
    statuses: list[Status] = field(default_factory=list)
    hooks: dict[int, Hook] = field(default_factory=dict)
    former_names: set[str] = field(default_factory=set)
    id: int = field(default_factory=next_id)

    @property
    def owner(self) -> str:
        return self.full_name.partition("/")[0]

    @property
    def name(self) -> str:
        return self.full_name.partition("/")[2]


@dataclass
class App:
    """A GitHub App, with the key pair that its owner holds."""

    slug: str
    owner: str
    private_key: str
    """PEM."""
    public_key: str
    permissions: dict[str, str]
    events: list[str]
    webhook_secret: str
    webhook_url: str
    created_at: datetime
    name: str = ""
    client_id: str = ""
    client_secret: str = ""
    id: int = field(default_factory=next_id)

    @property
    def bot(self) -> str:
        return f"{self.slug}[bot]"


@dataclass
class Installation:
    """An app on an account, with the repositories that it was given."""

    app: App
    account: str
    repositories: set[int]
    """Ids."""
    permissions: dict[str, str]
    created_at: datetime
    suspended_at: datetime | None = None
    is_deleted: bool = False
    takes_all: bool = False
    id: int = field(default_factory=next_id)


@dataclass
class Token:
    """What a client shows to be let in."""

    value: str
    login: str
    permissions: dict[str, str]
    repositories: set[int]
    expires_at: datetime | None = None
    installation: Installation | None = None
    is_revoked: bool = False


@dataclass(frozen=True)
class SeenRequest:
    """A request as it came; `body` is parsed JSON or None."""

    method: str
    path: str
    """With the query, without /api/v3."""
    body: Any
    headers: dict[str, str]
    status: int
