"""Which memories apply to a finding, and which findings a memory covers."""

import pytest

from core.errors import NotFoundError
from llm.models import AssistantSettings
from memories.models import MemoryContext, MemoryStage, MemoryUse
from memories.selectors import (
    MOST_CHARACTERS,
    findings_in_scope,
    get_memory,
    influenced_counts,
    memories_for,
    page_of_memories,
    referenced_memories,
)
from tenants.scope import organization_scope
from tests.factories import (
    FindingFactory,
    MemoryFactory,
    ProjectFactory,
    ReportedRuleFactory,
    SourceFileFactory,
)


@pytest.fixture
def finding(acme):
    project = ProjectFactory(name="acme/shop")
    rule = ReportedRuleFactory(
        check_id="acme.sql", metadata={"vulnerability_class": ["SQL Injection"]}
    )
    file = SourceFileFactory(project=project, path="src/app/orders.py")
    return FindingFactory(project=project, rule=rule, file=file)


def told(finding, context=MemoryContext.TRIAGE):
    return [fact.id for fact in memories_for(finding=finding, context=context)]


@pytest.mark.parametrize(
    "scope",
    [
        {},
        {"check_id": "acme.sql"},
        {"vulnerability_class": "sql injection"},
        {"path_prefix": "src"},
        {"path_prefix": "src/app"},
        {"path_prefix": "src/app/orders.py"},
    ],
)
def test_a_memory_in_scope_is_told(finding, scope):
    memory = MemoryFactory(project=finding.project, **scope)

    assert told(finding) == [memory.id]
    assert list(findings_in_scope(memory)) == [finding]


@pytest.mark.parametrize(
    "scope",
    [
        {"check_id": "acme.sq"},
        {"vulnerability_class": "SQL"},
        {"path_prefix": "sr"},
        {"path_prefix": "src/ap"},
        {"path_prefix": "src/app/orders.p"},
        {"path_prefix": "app"},
        {"path_prefix": "src/a_p"},
    ],
)
def test_a_memory_out_of_scope_is_not_told(finding, scope):
    memory = MemoryFactory(**scope)

    assert told(finding) == []
    assert list(findings_in_scope(memory)) == []


def test_a_memory_of_another_project_is_not_told(finding):
    memory = MemoryFactory(project=ProjectFactory())

    assert told(finding) == []
    assert list(findings_in_scope(memory)) == []


@pytest.mark.parametrize("stage", [MemoryStage.SUGGESTED, MemoryStage.DELETED])
def test_only_live_memories_are_told(finding, stage):
    MemoryFactory(stage=stage)

    assert told(finding) == []


def test_a_memory_is_told_in_its_contexts_alone(finding):
    memory = MemoryFactory(contexts=["guidance"])

    assert told(finding) == []
    assert told(finding, MemoryContext.GUIDANCE) == [memory.id]


def test_a_memory_of_another_organization_is_not_told(finding, rival):
    with organization_scope(rival.id):
        theirs = MemoryFactory()

    assert told(finding) == []
    with pytest.raises(NotFoundError):
        get_memory(theirs.id)


def test_no_memory_is_told_where_they_are_switched_off(finding):
    MemoryFactory()
    AssistantSettings.objects.create(uses_memories=False)

    assert told(finding) == []


def test_the_most_specific_come_first_and_then_the_newest(finding):
    broad = MemoryFactory()
    shallow = MemoryFactory(path_prefix="src")
    deep = MemoryFactory(path_prefix="src/app")
    rule = MemoryFactory(check_id="acme.sql")
    narrow = MemoryFactory(check_id="acme.sql", project=finding.project)

    assert told(finding) == [narrow.id, deep.id, shallow.id, rule.id, broad.id]


def test_no_more_than_eight_are_told(finding):
    made = [MemoryFactory().id for _ in range(9)]

    assert told(finding) == list(reversed(made))[:8]


def test_all_together_are_bounded_and_none_is_cut(finding):
    long = [MemoryFactory(text="x" * 2000).id for _ in range(5)]
    short = MemoryFactory(text="short", check_id="acme.sql").id

    facts = memories_for(finding=finding, context=MemoryContext.TRIAGE)

    assert [fact.id for fact in facts] == [short, *list(reversed(long))[:3]]
    assert sum(len(fact.text) for fact in facts) <= MOST_CHARACTERS


def test_one_look_takes_two_queries(finding, django_assert_num_queries):
    MemoryFactory(vulnerability_class="SQL Injection")

    with django_assert_num_queries(2):
        told(finding)


def test_a_page_is_searched_in_text_rule_and_path_and_paged_by_key(acme):
    first = MemoryFactory(text="Use the vault client.")
    second = MemoryFactory(text="Other.", check_id="acme.vault")
    third = MemoryFactory(text="Other.", path_prefix="src/vault")
    MemoryFactory(text="Nothing of it.")
    MemoryFactory(text="vault", stage=MemoryStage.SUGGESTED)

    page = page_of_memories(stage=MemoryStage.LIVE, text="VAULT", size=2)
    rest = page_of_memories(stage=MemoryStage.LIVE, text="vault", before=page.next_before, size=2)

    assert page.memories == [third, second]
    assert (rest.memories, rest.next_before) == ([first], None)
    assert page_of_memories(stage=MemoryStage.LIVE, text="100%").memories == []


def test_influence_counts_findings_and_not_purposes(acme):
    memory, unused = MemoryFactory(), MemoryFactory()
    finding = FindingFactory()
    for purpose in ("verdict", "guidance"):
        MemoryUse.objects.create(memory=memory, finding=finding, purpose=purpose)
    MemoryUse.objects.create(memory=memory, finding=FindingFactory(), purpose="fix")

    assert influenced_counts([memory.id, unused.id]) == {memory.id: 2}


def test_referenced_memories_keep_their_order_and_skip_what_is_gone(acme):
    first, second = MemoryFactory(), MemoryFactory(stage=MemoryStage.DELETED)

    assert referenced_memories([second.id, 999_999, first.id]) == [second, first]
