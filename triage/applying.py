"""Applying a memory to the findings that are there already."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from core.errors import InvalidInputError
from findings.models import Finding, Product, Status
from llm.configuration import assistant_settings
from memories.models import Memory, MemoryContext, MemoryStage
from memories.selectors import findings_in_scope
from tenants.audit import Actor, record_audit_event
from triage.estimates import Estimate, estimate_for
from triage.models import Analysis
from triage.requests import MOST_FINDINGS, request_analysis

MOST_APPLIED = 5000
_WANTED = {MemoryContext.TRIAGE: Analysis.JUDGE, MemoryContext.GUIDANCE: Analysis.REMEDY}


class NotApplicableError(InvalidInputError):
    """This memory cannot be applied to findings now."""

    code = "not_applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What applying a memory means: which analyses of how many findings, and what that takes."""

    total: int
    wanted: tuple[Analysis, ...]
    estimate: Estimate

    @property
    def left_over(self) -> int:
        """How many findings in scope are too many for one go."""
        return self.total - self.estimate.count


def plan_application(memory: Memory) -> Application:
    """Return what applying a memory to the open findings in its scope takes."""
    total = _open_in_scope(memory).count()
    wanted = analyses_for(memory)
    return Application(
        total=total,
        wanted=wanted,
        estimate=estimate_for(count=min(total, MOST_APPLIED), wanted=wanted),
    )


@transaction.atomic
def apply_memory(*, memory: Memory, actor: Actor, now: datetime) -> int:
    """Ask for the open findings in scope to be analyzed, the most severe first; return how many.

    Raises NotApplicableError for a memory that is not live, without a finding in scope, or where
    the verdicts that it is for are switched off.
    """
    if memory.stage != MemoryStage.LIVE:
        raise NotApplicableError("Make this memory live first: it would not be used.")
    wanted = analyses_for(memory)
    if not wanted:
        raise NotApplicableError("Verdicts are switched off in the assistant's settings.")
    open_ids = _open_in_scope(memory).order_by("-severity", "-confidence", "id")
    chosen = list(open_ids.values_list("id", flat=True)[:MOST_APPLIED])
    if not chosen:
        raise NotApplicableError("No open finding is in its scope: there is nothing to analyze.")
    for first in range(0, len(chosen), MOST_FINDINGS):
        request_analysis(
            finding_ids=chosen[first : first + MOST_FINDINGS],
            wanted=wanted,
            is_fresh=False,  # the memory makes it another question; answers to it are reused
            actor=actor,
            now=now,
        )
    record_audit_event(
        actor=actor,
        action="memory.applied",
        object_label=f"memory {memory.pk}",
        after={"findings": len(chosen)},
    )
    return len(chosen)


def analyses_for(memory: Memory) -> tuple[Analysis, ...]:
    """Return what a memory's contexts ask to be done anew, of what is switched on."""
    wanted = (_WANTED[context] for context in MemoryContext if context in memory.contexts)
    judges = assistant_settings().judges
    return tuple(kind for kind in wanted if judges or kind != Analysis.JUDGE)


def _open_in_scope(memory: Memory) -> QuerySet[Finding]:
    return findings_in_scope(memory).filter(status=Status.OPEN, product=Product.SAST)
