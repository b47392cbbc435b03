"""What a code host can do for us in change requests, and the values it takes and gives."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Protocol

from core.errors import ProblemError

BODY_LIMIT = 65_536
"""Characters of a comment at GitHub, the smaller of the two; ours stay below."""


class ReviewRefusedError(ProblemError):
    """The code host refuses, and another try will not mend that; the sentence says what will."""

    code = "review_refused"
    status = HTTPStatus.CONFLICT


class AccessLostError(ReviewRefusedError):
    """The token was revoked, the app is gone or suspended, or a permission is missing."""

    code = "access_lost"


class GoneError(ReviewRefusedError):
    """The repository, change request, commit or comment is not there (any more)."""

    code = "gone"


class RemoteState(enum.StrEnum):
    """What became of a change request."""

    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteChangeRequest:
    """A change request as the code host has it at this moment."""

    number: int
    state: RemoteState
    title: str
    url: str
    author: str
    head_commit: str
    head_ref: str
    base_ref: str
    is_from_fork: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFile:
    """Which lines of a file can be spoken of: those that the change's diff shows."""

    path: str
    old_path: str
    lines: Mapping[int, int | None]
    """New line (1-based) to old line; None for a line that the change adds."""

    def holds(self, start_line: int, end_line: int) -> bool:
        """Say whether every line of a range (1-based, inclusive) stands in the diff."""
        return all(line in self.lines for line in range(start_line, end_line + 1))

    def nearest(self, line: int) -> int | None:
        """Return the line of the diff nearest to `line`, the earlier of two; None without any."""
        return min(self.lines, key=lambda one: (abs(one - line), one), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a change request changes, up to one commit of it."""

    commit: str
    files: Mapping[str, ChangedFile]
    is_complete: bool = True
    """False where the code host cut the list (300 or 3,000 files) or a file's diff."""
    position: Mapping[str, str] = field(default_factory=dict)
    """What the code host needs to place comments; its own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Lines of a file in the diff; 1-based, inclusive."""

    path: str
    start_line: int
    end_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A comment to be posted; its body ends with the marker of `key`. No place: conversation."""

    key: str
    body: str
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteComment:
    """A comment as it stands at the code host."""

    id: str
    thread_id: str
    """Of what replies go to: GitLab's discussion, GitHub's first review comment; blank for none."""
    key: str
    """Of its marker; blank without one."""
    body: str
    url: str
    is_inline: bool
    """At a line, and not in the conversation."""
    path: str = ""
    line: int | None = None


class StatusState(enum.StrEnum):
    """What a check run or commit status says of a commit."""

    PENDING = "pending"
    SUCCESS = "success"
    NEUTRAL = "neutral"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The summary of a commit, as a check run or commit status shows it."""

    state: StatusState
    title: str
    """At most 140 characters."""
    summary: str
    """Markdown, for hosts that show it."""
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A change request that we open: one file changed on a branch of its own."""

    branch: str
    base_ref: str
    path: str
    expected_hash: str
    """Hex SHA-256 of the file's bytes at the head of `base_ref`; other bytes there refuse it."""
    content: bytes
    message: str
    title: str
    body: str


class ReviewHost(Protocol):
    """A code host in whose change requests we speak, for one project.

    Every method may raise CodeHostBusyError (another try may work; `retry_after_seconds` where the
    host says when), AccessLostError and GoneError. No write is repeated by the method itself: who
    is unsure whether one arrived looks with `own_comments`.
    """

    def read_change_request(self, *, number: int) -> RemoteChangeRequest:
        """Return a change request as it is now."""
        ...

    def read_changes(self, *, number: int, commit: str) -> Changes:
        """Return what may be spoken of at `commit`, which may be older than the head."""
        ...

    def own_comments(self, *, number: int) -> list[RemoteComment]:
        """Return all comments whose author is us, inline and in the conversation, oldest first."""
        ...

    def post_comments(self, *, number: int, changes: Changes, drafts: Sequence[Draft]) -> None:
        """Post comments with as few notifications as the code host allows.

        Raises ReviewRefusedError where the code host takes none of them; what it took before an
        error is found with `own_comments`.
        """
        ...

    def edit_comment(self, *, number: int, comment: RemoteComment, body: str) -> None:
        """Replace a comment's text. Raises GoneError where somebody has deleted it."""
        ...

    def delete_comment(self, *, number: int, comment: RemoteComment) -> None:
        """Delete a comment of ours; one that is gone already is no error."""
        ...

    def reply(self, *, number: int, thread_id: str, body: str) -> None:
        """Answer in a thread, or in the conversation where `thread_id` is blank."""
        ...

    def may_write(self, *, author: str) -> bool:
        """Say whether a person (login at GitHub, user id at GitLab) may write to the repository."""
        ...

    def is_public(self) -> bool:
        """Say whether strangers can read the repository, as it is now."""
        ...

    def set_status(self, *, commit: str, status: Status, status_id: str) -> str:
        """Set the check run or commit status; return its id. `status_id`: of the earlier one."""
        ...

    def open_change_request(self, *, proposal: Proposal) -> RemoteChangeRequest:
        """Make branch, commit and change request, or return what an earlier try made.

        Raises ReviewRefusedError where the base has other bytes by now, or the branch is not ours.
        """
        ...
