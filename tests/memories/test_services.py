"""Keeping, activating, editing and deleting memories."""

from datetime import UTC, datetime

import pytest

from core.errors import InvalidInputError, NotFoundError
from memories import services
from memories.models import Memory, MemoryContext, MemorySource, MemoryStage, MemoryUse, UsePurpose
from memories.services import MemoryDraft
from tenants.audit import Actor
from tenants.models import AuditEvent
from tenants.scope import organization_scope
from tests.factories import FindingFactory, MemoryFactory

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 9, tzinfo=UTC)


def a_draft(**values):
    return MemoryDraft(
        **{"text": "Use our vault client.", "contexts": [MemoryContext.GUIDANCE], **values}
    )


def add(actor, **values):
    return services.add_memory(
        draft=a_draft(**values), source=MemorySource.FORM, actor=actor, now=NOW
    )


def actions():
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


def test_what_an_admin_adds_is_live(ada):
    memory = add(Actor.person(ada), path_prefix="/src/")

    assert (memory.stage, memory.path_prefix) == (MemoryStage.LIVE, "src")
    assert (memory.activated_at, memory.activated_by, memory.author) == (NOW, ada, ada)
    assert actions() == ["memory.created"]


def test_what_a_member_suggests_waits_for_an_admin(ada, mel):
    memory = services.suggest_memory(
        draft=a_draft(), source=MemorySource.FORM, actor=Actor.person(mel), now=NOW
    )
    assert (memory.stage, memory.activated_at) == (MemoryStage.SUGGESTED, None)

    services.activate(memory_id=memory.id, actor=Actor.person(ada), now=LATER)

    memory.refresh_from_db()
    assert (memory.stage, memory.activated_at) == (MemoryStage.LIVE, LATER)
    assert (memory.author, memory.activated_by) == (mel, ada)
    assert actions() == ["memory.created", "memory.activated"]


def test_the_same_memory_is_kept_once(ada, mel):
    first = services.suggest_memory(
        draft=a_draft(), source=MemorySource.FORM, actor=Actor.person(mel), now=NOW
    )
    again = services.suggest_memory(
        draft=a_draft(), source=MemorySource.FORM, actor=Actor.person(mel), now=NOW
    )
    assert again == first

    live = add(Actor.person(ada))

    assert (live, live.stage) == (first, MemoryStage.LIVE)
    assert Memory.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "  \n "}, "text"),
        ({"text": "x" * 2001}, "text"),
        ({"text": "a\0b"}, "text"),
        ({"text": "a\ud800b"}, "text"),
        ({"contexts": []}, "contexts"),
        ({"path_prefix": "../x"}, "path_prefix"),
        ({"check_id": "a\0"}, "check_id"),
    ],
)
def test_bad_input_names_its_field_and_keeps_nothing(ada, values, field):
    with pytest.raises(InvalidInputError) as refused:
        add(Actor.person(ada), **values)

    assert refused.value.field == field
    assert not Memory.objects.exists()
    assert actions() == []


def test_line_ends_of_a_form_count_once(ada):
    memory = add(Actor.person(ada), text="x" * 1000 + "\r\n" + "y" * 999)

    assert len(memory.text) == 2000


def test_editing_keeps_the_stage_and_writes_down_what_was(ada):
    memory = add(Actor.person(ada))

    services.edit(
        memory_id=memory.id, draft=a_draft(text="Other."), actor=Actor.person(ada), now=LATER
    )

    memory.refresh_from_db()
    event = AuditEvent.objects.get(action="memory.edited")
    assert (memory.text, memory.stage, memory.changed_at) == ("Other.", MemoryStage.LIVE, LATER)
    assert (event.before["text"], event.after["text"]) == ("Use our vault client.", "Other.")


def test_an_edit_that_changes_nothing_is_none(ada):
    memory = add(Actor.person(ada))

    services.edit(memory_id=memory.id, draft=a_draft(), actor=Actor.person(ada), now=LATER)

    assert actions() == ["memory.created"]


@pytest.mark.parametrize(
    ("activated_at", "stage"), [(NOW, MemoryStage.LIVE), (None, MemoryStage.SUGGESTED)]
)
def test_a_deleted_memory_comes_back_as_it_was(ada, activated_at, stage):
    memory = MemoryFactory(stage=stage, activated_at=activated_at)
    actor = Actor.person(ada)

    services.delete(memory_id=memory.id, actor=actor, now=NOW)
    memory.refresh_from_db()
    assert memory.stage == MemoryStage.DELETED
    services.restore(memory_id=memory.id, actor=actor, now=LATER)

    memory.refresh_from_db()
    assert memory.stage == stage
    assert actions() == ["memory.deleted", "memory.restored"]


def test_a_deleted_memory_is_neither_activated_nor_edited(ada):
    memory = MemoryFactory(stage=MemoryStage.DELETED)

    with pytest.raises(InvalidInputError, match="restore it first"):
        services.activate(memory_id=memory.id, actor=Actor.person(ada), now=NOW)
    with pytest.raises(InvalidInputError, match="restore it first"):
        services.edit(memory_id=memory.id, draft=a_draft(), actor=Actor.person(ada), now=NOW)

    memory.refresh_from_db()
    assert memory.stage == MemoryStage.DELETED


def test_a_strangers_memory_does_not_exist(ada, rival):
    with organization_scope(rival.id):
        theirs = MemoryFactory()

    for act in (services.activate, services.delete, services.restore):
        with pytest.raises(NotFoundError):
            act(memory_id=theirs.id, actor=Actor.person(ada), now=NOW)


@pytest.mark.parametrize(
    ("is_admin", "stage"), [(True, MemoryStage.LIVE), (False, MemoryStage.SUGGESTED)]
)
def test_a_customized_fix_is_remembered_for_rule_and_project(mel, is_admin, stage):
    finding = FindingFactory()

    memory = services.remember_from_fix(
        finding=finding, text="Bind it.", actor=Actor.person(mel), is_admin=is_admin, now=NOW
    )

    assert (memory.stage, memory.source) == (stage, MemorySource.CUSTOMIZED_FIX)
    assert (memory.project, memory.check_id) == (finding.project, finding.rule.check_id)
    assert (memory.contexts, memory.finding) == (["guidance"], finding)


def test_a_use_is_noted_once_a_purpose(acme):
    memory, finding = MemoryFactory(), FindingFactory()

    for _ in range(2):
        services.note_uses(
            memory_ids=[memory.id, memory.id],
            finding_id=finding.id,
            purpose=UsePurpose.VERDICT,
            now=NOW,
        )

    assert MemoryUse.objects.count() == 1
