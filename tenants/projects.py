"""Changing projects: their tags, the branch whose findings count, and whether they are archived."""

from collections.abc import Sequence

from django.db import transaction

from core.errors import NotFoundError
from tenants.audit import Actor, record_audit_event
from tenants.models import Project


@transaction.atomic
def change_project(
    *, project_id: int, tags: Sequence[str], primary_branch: str, actor: Actor
) -> Project:
    """Store a project's tags, each one once, and its primary branch. Raises NotFoundError.

    Findings show another branch from its next full scan on.
    """
    project = _locked(project_id)
    before = {"tags": list(project.tags), "primary_branch": project.primary_branch}
    project.tags, project.primary_branch = list(dict.fromkeys(tags)), primary_branch
    after = {"tags": list(project.tags), "primary_branch": project.primary_branch}
    if before != after:
        project.save(update_fields=["tags", "primary_branch"])
        record_audit_event(
            actor=actor,
            action="project.changed",
            object_label=project.name,
            before=before,
            after=after,
        )
    return project


@transaction.atomic
def archive_project(*, project_id: int, is_archived: bool, actor: Actor) -> Project:
    """Put a project aside, or take it back; findings stay either way. Raises NotFoundError."""
    project = _locked(project_id)
    if project.is_archived != is_archived:
        project.is_archived = is_archived
        project.save(update_fields=["is_archived"])
        record_audit_event(
            actor=actor,
            action="project.archived" if is_archived else "project.restored",
            object_label=project.name,
        )
    return project


def _locked(project_id: int) -> Project:
    project: Project | None = Project.objects.select_for_update().filter(id=project_id).first()
    if project is None:
        raise NotFoundError("There is no such project in this organization.")
    return project
