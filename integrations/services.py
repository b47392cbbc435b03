"""Connecting projects to where their code lives."""

from pathlib import Path

from django.db import transaction

from core.errors import InvalidInputError
from integrations.local_git.client import GitClient
from integrations.local_git.codehost import refuse_unless_allowed
from integrations.models import Connection, ConnectionKind, RepositoryLink
from tenants.audit import Actor, record_audit_event
from tenants.models import Project


def connect_local(*, project: Project, path: Path, actor: Actor) -> RepositoryLink:
    """Make the git repository in folder `path` of this machine the code host of `project`.

    Raises NoCodeHostError where local repositories are switched off, InvalidInputError when the
    folder is not a git repository.
    """
    refuse_unless_allowed()
    location = path.resolve()
    if not location.is_dir() or not GitClient(location=location).is_repository():
        raise InvalidInputError(
            "path: must be the top folder of a git repository on this machine.", field="path"
        )
    return _store_link(project=project, location=location, actor=actor)


@transaction.atomic
def _store_link(*, project: Project, location: Path, actor: Actor) -> RepositoryLink:
    connection, _is_new = Connection.objects.get_or_create(
        kind=ConnectionKind.LOCAL_GIT, name="This machine"
    )
    link: RepositoryLink
    link, _is_new = RepositoryLink.objects.update_or_create(
        project=project, defaults={"connection": connection, "location": str(location)}
    )
    record_audit_event(
        actor=actor,
        action="repository.connected",
        object_label=project.name,
        after={"kind": ConnectionKind.LOCAL_GIT.value, "location": str(location)},
    )
    return link
