"""Reading memories: those that apply to a finding, and those that a page lists."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Case, Count, Expression, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Length, Lower

from core.errors import NotFoundError
from findings.models import Finding, ReportedRule
from llm.configuration import assistant_settings
from memories.models import TEXT_LIMIT, Memory, MemoryContext, MemoryStage, MemoryUse
from memories.scopes import prefixes_of, vulnerability_classes

MOST_MEMORIES = 8
MOST_CHARACTERS = 8000
PAGE_SIZE = 20
MOST_CLASSES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryFact:
    """A memory as it enters a question."""

    id: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPage:
    """One page of memories, newest first; `next_before` is the next page's key, None: no more."""

    memories: list[Memory]
    next_before: int | None


def memories_for(*, finding: Finding, context: MemoryContext) -> list[MemoryFact]:
    """Return the live memories that apply to a finding, the most specific first.

    At most MOST_MEMORIES, and MOST_CHARACTERS of text together; none where the organization has
    switched memories off.
    """
    if not assistant_settings().uses_memories:
        return []
    found = (
        Memory.objects.filter(_covers(finding), stage=MemoryStage.LIVE)
        .filter(contexts__contains=[context])
        .annotate(narrowness=_narrowness(), depth=Length("path_prefix"))
        .order_by("-narrowness", "-depth", "-id")
        .values_list("id", "text")[:MOST_MEMORIES]
    )
    return bounded(MemoryFact(id=id_, text=text) for id_, text in found)


def bounded(facts: Iterable[MemoryFact]) -> list[MemoryFact]:
    """Return as many of the facts as fit, in their order; no text is cut in half."""
    chosen: list[MemoryFact] = []
    room = MOST_CHARACTERS
    for fact in facts:
        if len(fact.text) <= min(room, TEXT_LIMIT) and len(chosen) < MOST_MEMORIES:
            chosen.append(fact)
            room -= len(fact.text)
    return chosen


def findings_in_scope(memory: Memory) -> QuerySet[Finding]:
    """Return the findings that a memory's scope covers, whatever their status."""
    findings: QuerySet[Finding] = Finding.objects.all()
    if memory.project_id is not None:
        findings = findings.filter(project_id=memory.project_id)
    if memory.check_id:
        rules = ReportedRule.objects.filter(check_id=memory.check_id)
        findings = findings.filter(rule__in=rules)
    if memory.vulnerability_class:
        findings = findings.filter(rule__in=_rules_of_class(memory.vulnerability_class))
    if memory.path_prefix:
        prefix = memory.path_prefix
        findings = findings.filter(Q(file__path=prefix) | Q(file__path__startswith=f"{prefix}/"))
    return findings


def get_memory(memory_id: int) -> Memory:
    """Return a memory with what pages show of it; raise NotFoundError for a stranger's."""
    memory: Memory | None = _shown().filter(pk=memory_id).first()
    if memory is None:
        raise NotFoundError(f"There is no memory {memory_id} in this organization.")
    return memory


def text_of_memory(memory_id: int | None) -> str:
    """Return a memory's text; blank for none, and for a stranger's."""
    if memory_id is None:
        return ""
    return Memory.objects.filter(pk=memory_id).values_list("text", flat=True).first() or ""


def page_of_memories(
    *, stage: MemoryStage, text: str = "", before: int | None = None, size: int = PAGE_SIZE
) -> MemoryPage:
    """Return memories of a stage; each word of `text` stands in the text, rule, class or path."""
    memories = _shown().filter(stage=stage).order_by("-id")
    for word in text.split():
        memories = memories.filter(
            Q(text__icontains=word)
            | Q(check_id__icontains=word)
            | Q(vulnerability_class__icontains=word)
            | Q(path_prefix__icontains=word)
            | Q(project__name__icontains=word)
        )
    if before is not None:
        memories = memories.filter(id__lt=before)
    rows = list(memories[: size + 1])
    return MemoryPage(
        memories=rows[:size], next_before=rows[size - 1].pk if len(rows) > size else None
    )


def counts_by_stage() -> dict[str, int]:
    """Return how many memories each stage holds."""
    counted = Memory.objects.values_list("stage").annotate(total=Count("id"))
    return {stage.value: 0 for stage in MemoryStage} | dict(counted)


def influenced_counts(memory_ids: Sequence[int]) -> dict[int, int]:
    """Return by memory how many findings it influenced."""
    counted = (
        MemoryUse.objects.filter(memory_id__in=memory_ids)
        .values_list("memory_id")
        .annotate(total=Count("finding_id", distinct=True))
    )
    return dict(counted)


def referenced_memories(memory_ids: Sequence[int]) -> list[Memory]:
    """Return the memories that an answer had before it, in the order of the question."""
    if not memory_ids:
        return []
    found = {memory.pk: memory for memory in _shown().filter(pk__in=memory_ids)}
    return [found[memory_id] for memory_id in memory_ids if memory_id in found]


def known_classes() -> list[str]:
    """Return the vulnerability classes that reported rules name, for a form to offer."""
    names = {name for _rule_id, classes in _classes_of_rules() for name in classes}
    return sorted(names)[:MOST_CLASSES]


def _shown() -> QuerySet[Memory]:
    return Memory.objects.select_related(
        "project", "author", "activated_by", "finding__rule", "finding__file"
    )


def _covers(finding: Finding) -> Q:
    classes = [name.lower() for name in vulnerability_classes(finding.rule.metadata)]
    of_class = Memory.objects.annotate(name=Lower("vulnerability_class")).filter(name__in=classes)
    return (
        (Q(project=None) | Q(project_id=finding.project_id))
        & Q(check_id__in=["", finding.rule.check_id])
        & (Q(vulnerability_class="") | Q(pk__in=of_class.values("pk")))
        & Q(path_prefix__in=prefixes_of(finding.file.path))
    )


def _narrowness() -> Expression:
    """Return how many of the four scopes a memory narrows."""
    return (
        _one_if(Q(project__isnull=False))
        + _one_if(~Q(check_id=""))
        + _one_if(~Q(vulnerability_class=""))
        + _one_if(~Q(path_prefix=""))
    )


def _one_if(condition: Q) -> Case:
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def _rules_of_class(name: str) -> list[int]:
    """Return the ids of rules whose metadata name a class, however they spell the list."""
    wanted = name.lower()
    return [
        rule_id
        for rule_id, classes in _classes_of_rules()
        if wanted in {one.lower() for one in classes}
    ]


def _classes_of_rules() -> Iterator[tuple[int, list[str]]]:
    rows = ReportedRule.objects.filter(metadata__has_key="vulnerability_class").values_list(
        "id", "metadata__vulnerability_class"
    )
    for rule_id, value in rows.iterator():
        yield rule_id, vulnerability_classes({"vulnerability_class": value})
