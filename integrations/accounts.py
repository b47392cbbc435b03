"""What a connection as a whole can do: check itself, list repositories, and make webhooks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionCheck:
    """One thing that a connection must be allowed, and whether it is."""

    name: str
    """`pull_requests:write`, in the code host's words."""
    label: str
    """For people: `Pull requests: read and write`."""
    ok: bool | None
    """None: the code host does not tell."""
    needed_for: str
    detail: str = ""
    """What was found, and the remedy where it is not enough."""
    is_required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """As whom the connection acts, and where."""

    login: str
    """As whom we write: `assay-acme[bot]`."""
    name: str
    """The account or group whose repositories it reaches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteRepository:
    """A repository that the connection reaches."""

    external_id: str
    full_name: str
    """`org/repo`; at GitLab with all groups."""
    web_url: str
    default_branch: str
    is_public: bool
    is_archived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryPage:
    """Some of the repositories, and the page that follows; None after the last."""

    repositories: Sequence[RemoteRepository]
    next_page: int | None


class ConnectedAccount(Protocol):
    """The account behind a connection. Raises as ReviewHost does."""

    def who(self) -> Account:
        """Return as whom and where the connection acts."""
        ...

    def check(self) -> list[PermissionCheck]:
        """Return each needed permission and its state; AccessLostError where nothing works."""
        ...

    def repositories(self, *, page: int) -> RepositoryPage:
        """Return a page (1-based) of the repositories, in the code host's order."""
        ...

    def repository(self, *, full_name: str) -> RemoteRepository:
        """Return one repository by name. Raises GoneError."""
        ...

    def ensure_webhook(self, *, full_name: str, url: str, secret: str) -> str:
        """Make or mend a repository's webhook to `url`; return its id, blank where none is needed.

        Raises AccessLostError where the connection may not: people then make it by hand.
        """
        ...
