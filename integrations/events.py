"""What code hosts and Slack tell us, in our words; each system's folder parses its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from integrations.review_hosts import RemoteChangeRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryName:
    """Which repository an event is about."""

    external_id: str
    full_name: str
    web_url: str = ""
    default_branch: str = ""
    is_public: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentWritten:
    """Somebody wrote or edited a comment in a change request."""

    repository: RepositoryName
    number: int
    comment_id: str
    thread_id: str
    """As in RemoteComment; blank in the conversation."""
    text: str
    author: str
    """For people: the login."""
    author_key: str
    """For ReviewHost.may_write: login at GitHub, user id at GitLab."""
    is_bot: bool
    is_edit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequestChanged:
    """A change request was opened, updated, closed, reopened or merged."""

    repository: RepositoryName
    change_request: RemoteChangeRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryChanged:
    """A repository was renamed, transferred within reach, or made public or private."""

    repository: RepositoryName


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoriesLost:
    """Repositories were deleted, moved away or are no longer shared with the connection."""

    external_ids: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoriesShared:
    """Repositories are (again) shared with the connection."""

    external_ids: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationChanged:
    """A GitHub App's installation was made, suspended, resumed or deleted."""

    installation_id: int
    action: str
    """`created`, `changed` (another name, more permissions), `suspended`, `resumed`, `deleted`."""
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """An event that nothing follows from; `reason` says so for people."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackCommandGiven:
    """Somebody gave a slash command in a channel."""

    command: str
    text: str
    user_id: str
    user_name: str
    team_id: str
    channel_id: str
    channel_name: str
    trigger: str
    """Opens a window, within three seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackButtonPressed:
    """Somebody pressed a button of a message of ours."""

    action: str
    value: str
    user_id: str
    user_name: str
    team_id: str
    channel_id: str
    trigger: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackWindowFilled:
    """Somebody filled in a window of ours and sent it."""

    window: str
    memo: str
    """What we had put into it."""
    fields: Mapping[str, Sequence[str]]
    user_id: str
    user_name: str
    team_id: str


Event = (
    CommentWritten
    | ChangeRequestChanged
    | RepositoryChanged
    | RepositoriesLost
    | RepositoriesShared
    | InstallationChanged
    | SlackCommandGiven
    | SlackButtonPressed
    | SlackWindowFilled
    | Passed
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEvent:
    """An event, and the installation that it came through; None for a connection by token."""

    event: Event
    installation_id: int | None = None
