"""Which repositories an import can choose from, as the code host lists them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.errors import ProblemError, TransientError
from integrations.accounts import RemoteRepository
from integrations.checking import note_trouble
from integrations.models import Connection, RepositoryLink
from integrations.selectors import account_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A repository, and the project that it is already."""

    repository: RemoteRepository
    project_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """One page of repositories; a problem stands in place of what could not be had."""

    choices: Sequence[Choice] = ()
    total: int = 0
    """Of the page, before it was searched."""
    next_page: int | None = None
    problem: str = ""


def choices_of(*, connection: Connection, page: int, text: str, now: datetime) -> Choices:
    """Ask the code host for a page (1-based) of repositories; `text` searches within it."""
    account = account_of(connection)
    if account is None:
        return Choices(problem="This connection has no repositories to choose from.")
    try:
        found = account.repositories(page=page)
    except ProblemError as error:
        note_trouble(connection_id=connection.pk, error=error, now=now)
        return Choices(problem=error.detail)
    except TransientError:
        return Choices(problem="The code host does not answer at the moment; load the page again.")
    words = text.lower().split()
    shown = [
        one for one in found.repositories if all(word in one.full_name.lower() for word in words)
    ]
    known = dict(
        RepositoryLink.objects.filter(
            connection=connection,
            external_id__in=[one.external_id for one in shown],
            is_gone=False,
        ).values_list("external_id", "project_id")
    )
    return Choices(
        choices=[Choice(repository=one, project_id=known.get(one.external_id)) for one in shown],
        total=len(found.repositories),
        next_page=found.next_page,
    )
