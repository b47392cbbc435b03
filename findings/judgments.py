"""What triage concluded, noted where lists can filter by it."""

from datetime import datetime

from django.db import transaction

from core.errors import NotFoundError
from findings.locks import lock_projects
from findings.models import (
    Activity,
    ActivityKind,
    ComponentRisk,
    Conclusion,
    Finding,
    SourceFile,
)
from findings.texts import storable_text
from tenants.audit import Actor

TITLE_LIMIT = 300


@transaction.atomic
def note_verdict(*, finding_id: int, conclusion: Conclusion, title: str, now: datetime) -> None:
    """Keep the newest conclusion on the finding, and a line in its log. Changes no status."""
    project_id = Finding.objects.filter(pk=finding_id).values_list("project_id", flat=True).first()
    if project_id is None:
        raise NotFoundError("This finding does not exist.")
    lock_projects([project_id])
    Finding.objects.filter(pk=finding_id).update(verdict=conclusion)
    Activity.objects.create(
        finding_id=finding_id,
        kind=ActivityKind.AUTOTRIAGE,
        at=now,
        actor_label=Actor.platform().label,
        title=storable_text(title, limit=TITLE_LIMIT),
    )


@transaction.atomic
def tag_file(*, file_id: int, tag: str, risk: ComponentRisk, now: datetime) -> None:
    """Say to which component a file belongs; each of its findings gets a line in its log."""
    changed = (
        SourceFile.objects.filter(pk=file_id)
        .exclude(component=tag, component_risk=risk)
        .update(component=tag, component_risk=risk)
    )
    if not changed:
        return
    title = f"Component: {tag}" if tag else "Component: no marker of a high or low risk was found"
    Activity.objects.bulk_create(
        [
            Activity(
                finding_id=finding_id,
                kind=ActivityKind.AI_TAG,
                at=now,
                actor_label=Actor.platform().label,
                title=storable_text(title, limit=TITLE_LIMIT),
            )
            for finding_id in Finding.objects.filter(file_id=file_id).values_list("pk", flat=True)
        ],
        batch_size=3000,
    )
