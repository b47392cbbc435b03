"""Reading which code host a project has."""

from collections.abc import Collection

from integrations.accounts import ConnectedAccount
from integrations.codehosts import CodeHost, NoCodeHostError
from integrations.models import Connection, ConnectionState, RepositoryLink
from integrations.registry import ACCOUNTS, CODE_HOSTS, REVIEW_HOSTS
from integrations.review_hosts import ReviewHost
from tenants.models import Project

UNREACHABLE = (ConnectionState.SUSPENDED, ConnectionState.REMOVED)


def code_host_for(project: Project) -> CodeHost:
    """Return the code host of `project`; raise NoCodeHostError without one."""
    link = _link_of(project)
    return CODE_HOSTS[link.connection.kind](link)


def code_hosts_for(project_ids: Collection[int]) -> dict[int, CodeHost]:
    """Return the code hosts of these projects, by project id; one without is left out."""
    links = RepositoryLink.objects.select_related("connection__app").filter(
        project_id__in=project_ids
    )
    return {
        link.project_id: CODE_HOSTS[link.connection.kind](link)
        for link in links
        if not _why_unreachable(link)
    }


def review_host_for(project: Project) -> ReviewHost:
    """Return in whose change requests of `project` we speak.

    Raises NoCodeHostError, with the remedy, where there is none: no connected repository, one that
    is gone, or one on this machine, which has no change requests.
    """
    link = _link_of(project)
    make = REVIEW_HOSTS.get(link.connection.kind)
    if make is None:
        raise NoCodeHostError(
            f"project: {project.name} is connected to a folder on this machine, which has no"
            " change requests; what would be said is shown here only."
        )
    return make(link)


def account_of(connection: Connection) -> ConnectedAccount | None:
    """Return the account behind a connection; None for kinds that have none."""
    make = ACCOUNTS.get(connection.kind)
    return make(connection) if make else None


def _link_of(project: Project) -> RepositoryLink:
    link: RepositoryLink | None = (
        RepositoryLink.objects.select_related("connection__app", "project")
        .filter(project=project)
        .first()
    )
    if link is None:
        raise NoCodeHostError(
            f"project: {project.name} has no connected repository; connect it to show its code."
        )
    if problem := _why_unreachable(link):
        raise NoCodeHostError(problem)
    return link


def _why_unreachable(link: RepositoryLink) -> str:
    if link.is_gone:
        return (
            f"project: the repository {link.location} was deleted, moved or is no longer shared"
            " with the connection; share it again or connect another."
        )
    if link.connection.state in UNREACHABLE:
        return (
            f"project: the connection {link.connection.name} is"
            f" {link.connection.get_state_display().lower()}; mend it in Settings, Connections."
        )
    return ""
