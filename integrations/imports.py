"""Making projects of repositories that a connection reaches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from django.db import transaction

from core.errors import NotFoundError, ProblemError, TransientError
from integrations.accounts import ConnectedAccount, RemoteRepository
from integrations.checking import note_trouble
from integrations.locks import lock_connections
from integrations.models import Connection, RepositoryLink, SignIn
from integrations.selectors import account_of
from integrations.webhooks import endpoint_secret, endpoint_url
from tenants.audit import Actor, record_audit_event
from tenants.models import Project

LONGEST_PROBLEM = 1000


class NoRepositoriesError(ProblemError):
    """The connection leads to no account with repositories to choose from."""

    code = "no_repositories"
    status = HTTPStatus.CONFLICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of one repository: a project, or the reason why there is none."""

    full_name: str
    project: Project | None = None
    problem: str = ""
    """Also beside a project: what is left to be done by hand."""


def import_repositories(
    *,
    connection_id: int,
    full_names: Sequence[str],
    tags: Sequence[str],
    actor: Actor,
    now: datetime,
) -> list[Imported]:
    """Make a project of each repository, or join the one of its name; say how each one went.

    One that fails keeps none of the others back. Raises NotFoundError and NoRepositoriesError.
    """
    connection = _connection(connection_id)
    account = account_of(connection)
    if account is None:
        raise NoRepositoriesError(f"connection: {connection.name} has no repositories to choose.")
    return [
        _import_one(connection, account, full_name=name, tags=tags, actor=actor, now=now)
        for name in dict.fromkeys(full_names)
    ]


def _import_one(
    connection: Connection,
    account: ConnectedAccount,
    *,
    full_name: str,
    tags: Sequence[str],
    actor: Actor,
    now: datetime,
) -> Imported:
    try:
        remote = account.repository(full_name=full_name)
    except ProblemError as error:
        note_trouble(connection_id=connection.pk, error=error, now=now)
        return Imported(full_name=full_name, problem=error.detail)
    except TransientError as error:
        return Imported(full_name=full_name, problem=f"{error} Import it again in a minute.")
    link = _store(connection, remote=remote, tags=tags, actor=actor)
    problem = _make_webhook(connection, account, link=link)
    return Imported(full_name=full_name, project=link.project, problem=problem)


@transaction.atomic
def _store(
    connection: Connection, *, remote: RemoteRepository, tags: Sequence[str], actor: Actor
) -> RepositoryLink:
    """Store project and link; the link that this repository has already decides the project."""
    lock_connections()
    known = _link_of(connection, remote)
    project = known.project if known else _project_named(remote.full_name)
    before = sorted(project.tags)
    project.tags = list(dict.fromkeys([*project.tags, *tags]))
    project.is_archived = False
    project.url = project.url or remote.web_url[:1000]
    project.primary_branch = project.primary_branch or remote.default_branch[:400]
    project.save(update_fields=["tags", "is_archived", "url", "primary_branch"])
    link: RepositoryLink
    link, _is_new = RepositoryLink.objects.update_or_create(
        project=project,
        defaults={
            "connection": connection,
            "location": remote.full_name,
            "external_id": remote.external_id,
            "web_url": remote.web_url[:1000],
            "default_branch": remote.default_branch[:400],
            "is_public": remote.is_public,
            "is_gone": False,
            "hook_id": _hook_kept(project, connection),
            "hook_problem": "",
        },
    )
    record_audit_event(
        actor=actor,
        action="repository.connected",
        object_label=project.name,
        before={"tags": before},
        after={
            "connection": connection.name,
            "location": remote.full_name,
            "tags": sorted(project.tags),
        },
    )
    return link


def _make_webhook(
    connection: Connection, account: ConnectedAccount, *, link: RepositoryLink
) -> str:
    """Have the repository tell us of events; return why it does not, blank where it does."""
    endpoint, hook_id, problem = getattr(connection, "endpoint", None), link.hook_id, ""
    if connection.sign_in == SignIn.APP or endpoint is None:
        return ""
    try:
        hook_id = account.ensure_webhook(
            full_name=link.location,
            url=endpoint_url(endpoint),
            secret=endpoint_secret(endpoint),
        )
    except ProblemError as error:
        problem = f"No webhook was made: {error.detail}"
    except TransientError as error:
        problem = f"No webhook was made: {error} Import it again in a minute."
    problem = problem[:LONGEST_PROBLEM]
    RepositoryLink.objects.filter(id=link.pk).update(
        hook_id=hook_id or link.hook_id, hook_problem=problem
    )
    return problem


def _link_of(connection: Connection, remote: RemoteRepository) -> RepositoryLink | None:
    if not remote.external_id:
        return None
    link: RepositoryLink | None = (
        RepositoryLink.objects.select_related("project")
        .filter(connection=connection, external_id=remote.external_id)
        .first()
    )
    return link


def _hook_kept(project: Project, connection: Connection) -> str:
    """Return the webhook that the project has; one of another connection counts no more."""
    links = RepositoryLink.objects.filter(project=project, connection=connection)
    return links.values_list("hook_id", flat=True).first() or ""


def _project_named(name: str) -> Project:
    project: Project
    project, _is_new = Project.objects.get_or_create(name=name[:400])
    return project


def _connection(connection_id: int) -> Connection:
    connection: Connection | None = (
        Connection.objects.select_related("app", "endpoint").filter(id=connection_id).first()
    )
    if connection is None:
        raise NotFoundError("There is no such connection in this organization.")
    return connection
