"""Reading which code host a project has."""

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
