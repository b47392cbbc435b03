"""Keeping, activating, editing and deleting memories, and noting where each was used."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from core.errors import InvalidInputError, NotFoundError
from findings.models import Finding
from findings.texts import is_storable
from memories.models import (
    TEXT_LIMIT,
    Memory,
    MemoryContext,
    MemorySource,
    MemoryStage,
    MemoryUse,
    UsePurpose,
)
from memories.scopes import normalize_prefix
from tenants.audit import Actor, record_audit_event
from tenants.models import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryDraft:
    """What a memory says and where it applies; None and blank hold everywhere."""

    text: str
    contexts: Sequence[MemoryContext]
    project: Project | None = None
    check_id: str = ""
    vulnerability_class: str = ""
    path_prefix: str = ""


def add_memory(
    *,
    draft: MemoryDraft,
    source: MemorySource,
    actor: Actor,
    now: datetime,
    finding: Finding | None = None,
) -> Memory:
    """Keep a memory that is used from now on; the same one again is the one there is."""
    return _keep(draft, MemoryStage.LIVE, source=source, finding=finding, actor=actor, now=now)


def suggest_memory(
    *,
    draft: MemoryDraft,
    source: MemorySource,
    actor: Actor,
    now: datetime,
    finding: Finding | None = None,
) -> Memory:
    """Keep a memory that is used once an admin has made it live."""
    return _keep(draft, MemoryStage.SUGGESTED, source=source, finding=finding, actor=actor, now=now)


def remember_from_fix(
    *, finding: Finding, text: str, actor: Actor, is_admin: bool, now: datetime
) -> Memory:
    """Keep what a person wants of fixes for this rule in this project."""
    draft = _draft_of(finding, text=text, context=MemoryContext.GUIDANCE)
    keep = add_memory if is_admin else suggest_memory
    return keep(
        draft=draft, source=MemorySource.CUSTOMIZED_FIX, finding=finding, actor=actor, now=now
    )


def remember_from_note(
    *, finding: Finding, text: str, actor: Actor, is_admin: bool, now: datetime
) -> Memory:
    """Keep why a finding was ignored, for this rule in this project."""
    draft = _draft_of(finding, text=text, context=MemoryContext.TRIAGE)
    keep = add_memory if is_admin else suggest_memory
    return keep(draft=draft, source=MemorySource.IGNORE_NOTE, finding=finding, actor=actor, now=now)


@transaction.atomic
def activate(*, memory_id: int, actor: Actor, now: datetime) -> Memory:
    """Make a suggested memory live; one that is live stays as it is."""
    memory = _locked(memory_id)
    if memory.stage == MemoryStage.DELETED:
        raise InvalidInputError("stage: this memory is deleted; restore it first.", field="stage")
    if memory.stage == MemoryStage.SUGGESTED:
        before = _facts(memory)
        _go_live(memory, actor=actor, now=now)
        memory.save(update_fields=["stage", "activated_at", "activated_by", "changed_at"])
        _audit("memory.activated", memory, actor=actor, before=before)
    return memory


@transaction.atomic
def edit(*, memory_id: int, draft: MemoryDraft, actor: Actor, now: datetime) -> Memory:
    """Change what a memory says or where it applies; its stage stays."""
    wanted = checked(draft)
    memory = _locked(memory_id)
    if memory.stage == MemoryStage.DELETED:
        raise InvalidInputError("stage: this memory is deleted; restore it first.", field="stage")
    before = _facts(memory)
    for name, value in _columns(wanted).items():
        setattr(memory, name, value)
    if _facts(memory) != before:
        memory.changed_at = now
        memory.save(update_fields=[*_columns(wanted), "changed_at"])
        _audit("memory.edited", memory, actor=actor, before=before)
    return memory


@transaction.atomic
def delete(*, memory_id: int, actor: Actor, now: datetime) -> Memory:
    """Use a memory no more; it can be restored."""
    memory = _locked(memory_id)
    if memory.stage != MemoryStage.DELETED:
        before = _facts(memory)
        memory.stage, memory.changed_at = MemoryStage.DELETED, now
        memory.save(update_fields=["stage", "changed_at"])
        _audit("memory.deleted", memory, actor=actor, before=before)
    return memory


@transaction.atomic
def restore(*, memory_id: int, actor: Actor, now: datetime) -> Memory:
    """Bring a deleted memory back to what it was: live, or suggested where it never was live."""
    memory = _locked(memory_id)
    if memory.stage == MemoryStage.DELETED:
        before = _facts(memory)
        was_live = memory.activated_at is not None
        memory.stage = MemoryStage.LIVE if was_live else MemoryStage.SUGGESTED
        memory.changed_at = now
        memory.save(update_fields=["stage", "changed_at"])
        _audit("memory.restored", memory, actor=actor, before=before)
    return memory


def note_uses(
    *, memory_ids: Sequence[int], finding_id: int, purpose: UsePurpose, now: datetime
) -> None:
    """Note that memories were part of the question that led to an answer on a finding."""
    MemoryUse.objects.bulk_create(
        [
            MemoryUse(memory_id=memory_id, finding_id=finding_id, purpose=purpose, at=now)
            for memory_id in dict.fromkeys(memory_ids)
        ],
        ignore_conflicts=True,
    )


def checked(draft: MemoryDraft) -> MemoryDraft:
    """Return a draft as it is stored. Raises InvalidInputError that names the field."""
    for name in ("check_id", "vulnerability_class"):
        if not is_storable(getattr(draft, name)):
            raise InvalidInputError(f"{name}: take out the NUL or half character.", field=name)
    if not draft.contexts:
        raise InvalidInputError(
            "contexts: choose triage, guidance and fixes, or both.", field="contexts"
        )
    return replace(
        draft,
        text=checked_text(draft.text),
        check_id=draft.check_id.strip(),
        vulnerability_class=draft.vulnerability_class.strip(),
        path_prefix=normalize_prefix(draft.path_prefix),
        contexts=sorted(MemoryContext(context) for context in set(draft.contexts)),
    )


def checked_text(typed: str) -> str:
    """Return a memory's text as it is stored. Raises InvalidInputError."""
    if not is_storable(typed):
        raise InvalidInputError("text: take out the NUL or half character.", field="text")
    text = typed.replace("\r\n", "\n").strip()
    if not text:
        raise InvalidInputError("text: write what is to be remembered.", field="text")
    if len(text) > TEXT_LIMIT:
        raise InvalidInputError(
            f"text: {len(text)} characters are too long; use at most {TEXT_LIMIT}.", field="text"
        )
    return text


def _draft_of(finding: Finding, *, text: str, context: MemoryContext) -> MemoryDraft:
    return MemoryDraft(
        text=text, contexts=[context], project=finding.project, check_id=finding.rule.check_id
    )


@transaction.atomic
def _keep(
    draft: MemoryDraft,
    stage: MemoryStage,
    *,
    source: MemorySource,
    finding: Finding | None,
    actor: Actor,
    now: datetime,
) -> Memory:
    columns = _columns(checked(draft))
    twin: Memory | None = (
        Memory.objects.filter(**columns)
        .exclude(stage=MemoryStage.DELETED)
        .select_for_update()
        .order_by("stage", "id")
        .first()
    )
    if twin is not None:
        is_promoted = stage == MemoryStage.LIVE
        return activate(memory_id=twin.pk, actor=actor, now=now) if is_promoted else twin
    memory = Memory(
        **columns,
        stage=stage,
        source=source,
        finding=finding,
        author=actor.user,
        author_label=actor.label[:200],
        door=actor.door,
        created_at=now,
        changed_at=now,
    )
    if stage == MemoryStage.LIVE:
        _go_live(memory, actor=actor, now=now)
    memory.save()
    _audit("memory.created", memory, actor=actor)
    return memory


def _go_live(memory: Memory, *, actor: Actor, now: datetime) -> None:
    memory.stage = MemoryStage.LIVE
    memory.activated_at = memory.changed_at = now
    memory.activated_by = actor.user


def _locked(memory_id: int) -> Memory:
    memory: Memory | None = Memory.objects.select_for_update().filter(pk=memory_id).first()
    if memory is None:
        raise NotFoundError(f"There is no memory {memory_id} in this organization.")
    return memory


def _columns(draft: MemoryDraft) -> dict[str, Any]:
    return {
        "text": draft.text,
        "project_id": draft.project.pk if draft.project else None,
        "check_id": draft.check_id,
        "vulnerability_class": draft.vulnerability_class,
        "path_prefix": draft.path_prefix,
        "contexts": [context.value for context in draft.contexts],
    }


def _facts(memory: Memory) -> dict[str, Any]:
    return {
        "text": memory.text,
        "project_id": memory.project_id,
        "check_id": memory.check_id,
        "vulnerability_class": memory.vulnerability_class,
        "path_prefix": memory.path_prefix,
        "contexts": list(memory.contexts),
        "stage": str(memory.stage),
    }


def _audit(
    action: str, memory: Memory, *, actor: Actor, before: dict[str, Any] | None = None
) -> None:
    record_audit_event(
        actor=actor,
        action=action,
        object_label=f"memory {memory.pk}",
        before=before,
        after=_facts(memory),
    )
