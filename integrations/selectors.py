"""Reading which code host a project has."""

from collections.abc import Collection

from integrations.codehosts import CodeHost, NoCodeHostError
from integrations.models import RepositoryLink
from integrations.registry import CODE_HOSTS
from tenants.models import Project


def code_host_for(project: Project) -> CodeHost:
    """Return the code host of `project`; raise NoCodeHostError without one."""
    link = RepositoryLink.objects.select_related("connection").filter(project=project).first()
    if link is None:
        raise NoCodeHostError(
            f"project: {project.name} has no connected repository; connect it to show its code."
        )
    return CODE_HOSTS[link.connection.kind](link)


def code_hosts_for(project_ids: Collection[int]) -> dict[int, CodeHost]:
    """Return the code hosts of these projects, by project id; one without is left out."""
    links = RepositoryLink.objects.select_related("connection").filter(project_id__in=project_ids)
    return {link.project_id: CODE_HOSTS[link.connection.kind](link) for link in links}
