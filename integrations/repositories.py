"""What code hosts tell of repositories and installations, and what it does to our rows.

Whoever calls has found the connections that an event speaks for: those of the endpoint that it
came to, and of its installation. A repository that none of them reaches changes nothing.
"""

from collections.abc import Collection

from integrations.events import (
    InstallationChanged,
    RepositoriesLost,
    RepositoriesShared,
    RepositoryChanged,
)
from integrations.models import GitHubApp, RepositoryLink


def link_of_event(*, connection_ids: Collection[int], external_id: str) -> RepositoryLink | None:
    """Return the link to a repository, by the code host's number; None where there is none."""
    raise NotImplementedError


def note_repository(*, connection_ids: Collection[int], event: RepositoryChanged) -> str:
    """Take over a repository's new name and visibility; return what happened, for people."""
    raise NotImplementedError


def note_lost(*, connection_ids: Collection[int], event: RepositoriesLost) -> str:
    """Mark repositories as gone; return what happened, for people."""
    raise NotImplementedError


def note_shared(*, connection_ids: Collection[int], event: RepositoriesShared) -> str:
    """Take repositories as reachable again; return what happened, for people."""
    raise NotImplementedError


def note_installation(*, app: GitHubApp, event: InstallationChanged) -> str:
    """Make, refresh, suspend or end the connection of an installation; return what happened."""
    raise NotImplementedError
