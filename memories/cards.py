"""What the Memories page shows of each memory, and of its tabs."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from memories.models import Memory, MemoryContext, MemoryStage
from memories.scopes import scope_in_words
from memories.selectors import counts_by_stage, influenced_counts

STAGES = (MemoryStage.LIVE, MemoryStage.SUGGESTED, MemoryStage.DELETED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A memory with its scope in words and the number of findings that it influenced."""

    memory: Memory
    scope: str
    contexts: tuple[str, ...]
    influenced: int

    @property
    def is_for_triage(self) -> bool:
        """Say whether it enters the judge's question."""
        return MemoryContext.TRIAGE in self.memory.contexts


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A stage with the number of its memories and its address."""

    label: str
    query: str
    count: int
    is_current: bool


def cards_of(memories: Sequence[Memory]) -> list[Card]:
    """Return the memories as the page shows them."""
    influenced = influenced_counts([memory.pk for memory in memories])
    return [card_of(memory, influenced=influenced.get(memory.pk, 0)) for memory in memories]


def card_of(memory: Memory, *, influenced: int) -> Card:
    """Return one memory as pages show it."""
    return Card(
        memory=memory,
        scope=scope_in_words(
            project=memory.project.name if memory.project else "",
            check_id=memory.check_id,
            vulnerability_class=memory.vulnerability_class,
            path_prefix=memory.path_prefix,
        ),
        contexts=tuple(MemoryContext(context).label for context in memory.contexts),
        influenced=influenced,
    )


def tabs_of(*, current: MemoryStage, text: str) -> list[Tab]:
    """Return the tabs, which keep what is searched for; their counts do not."""
    counts = counts_by_stage()
    return [
        Tab(
            label=stage.label,
            query=query_of(stage=stage, text=text),
            count=counts[stage.value],
            is_current=stage == current,
        )
        for stage in STAGES
    ]


def query_of(*, stage: MemoryStage, text: str, before: int | None = None) -> str:
    """Return a place in the list as the end of an address."""
    asked = {"stage": stage.value, "q": text, "before": str(before or "")}
    return f"?{urlencode({name: value for name, value in asked.items() if value})}"
