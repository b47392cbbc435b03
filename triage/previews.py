"""What a memory would change: the newest verdicts in its scope, judged anew with it.

Nothing but the preview is written. A run does a slice, stores each result as it comes, and
announces the rest; a run that dies is taken up again when its claim lapses.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from core.errors import InvalidInputError, ProblemError, TransientError
from core.redaction import redact
from findings.models import Conclusion, Finding, Product
from llm.configuration import assistant_settings
from llm.models import Outcome
from llm.runner import NoAnswerError, is_offline_provider
from memories.models import Memory, MemoryContext, MemoryStage
from memories.selectors import MemoryFact, bounded, findings_in_scope
from tenants.announcements import announce
from tenants.audit import Actor, record_audit_event
from triage.announcements import preview_requested
from triage.asking import conclude, conclude_as_before, input_hash_of, prepare
from triage.gathering import find_subject, judge_memories
from triage.models import AnalysisStatus, MemoryPreview
from triage.selectors import verdict_of_input

PURPOSE = "memory-preview"
MOST_FINDINGS = 20
SLICE = 5
CLAIM_LAPSES_AFTER = timedelta(minutes=15)
WAIT_AFTER_TROUBLE = timedelta(seconds=60)
GIVE_UP_AFTER = timedelta(hours=1)
UNDER_WAY = (AnalysisStatus.WAITING, AnalysisStatus.RUNNING)

logger = logging.getLogger(__name__)


class NoPreviewError(InvalidInputError):
    """There is nothing that a preview of this memory could show."""

    code = "no_preview"


class _OverBudgetError(Exception):
    """The rest cannot be asked either."""


def findings_to_preview(memory: Memory) -> list[Finding]:
    """Return the findings in scope whose verdicts are the newest, at most MOST_FINDINGS."""
    judged = findings_in_scope(memory).filter(product=Product.SAST).exclude(verdict="")
    return list(judged.order_by("-relevant_since", "-id")[:MOST_FINDINGS])


def why_no_preview(memory: Memory) -> str:
    """Say why a memory can have no preview now; blank where it can."""
    if memory.stage == MemoryStage.DELETED:
        return "This memory is deleted; restore it first."
    if MemoryContext.TRIAGE not in memory.contexts:
        return "This memory is for guidance and fixes alone: it changes no verdict."
    if not assistant_settings().uses_memories:
        return "Memories are switched off in the assistant's settings: it changes no verdict."
    if is_offline_provider():
        return (
            "Rules of thumb judge here, and they read no memories: it changes no verdict until a"
            " model is set up."
        )
    return ""


@transaction.atomic
def request_preview(memory: Memory, actor: Actor, now: datetime) -> MemoryPreview:
    """Ask what a memory would change; one that is under way for the same text is that one.

    Raises NoPreviewError where no verdict could change, and says why.
    """
    reason = why_no_preview(memory)
    if reason:
        raise NoPreviewError(reason)
    Memory.objects.select_for_update().get(pk=memory.pk)
    running: MemoryPreview | None = (
        MemoryPreview.objects.filter(memory=memory, memory_text=memory.text, status__in=UNDER_WAY)
        .order_by("-id")
        .first()
    )
    if running is not None:
        return running
    findings = findings_to_preview(memory)
    if not findings:
        raise NoPreviewError("No finding in its scope has a verdict yet: nothing would change.")
    preview: MemoryPreview = MemoryPreview.objects.create(
        memory=memory,
        memory_text=memory.text,
        results=[
            {"finding_id": one.pk, "before": one.verdict, "after": "", "reason": "", "problem": ""}
            for one in findings
        ],
        total=len(findings),
        created_at=now,
        next_attempt_at=now,
    )
    label = f"memory {memory.pk}"
    record_audit_event(actor=actor, action="memory.previewed", object_label=label)
    announce(preview_requested, preview_id=preview.pk)
    return preview


def waiting_previews(now: datetime) -> list[int]:
    """Return ids of previews that somebody should take up."""
    due = MemoryPreview.objects.filter(status__in=UNDER_WAY, next_attempt_at__lte=now)
    return list(due.order_by("id").values_list("id", flat=True))


def run_preview(*, preview_id: int, now: datetime) -> None:
    """Judge the next findings of a preview, unless another worker does."""
    preview = _claim(preview_id, now=now)
    if preview is None:
        return
    if now - preview.created_at > GIVE_UP_AFTER:
        _end(preview, error=preview.error or "The preview did not end within an hour; ask again.")
        return
    try:
        for finding_id in pending_findings(preview)[:SLICE]:
            _store(preview, _judged(preview, finding_id, now=now))
    except TransientError as error:
        delay = max(WAIT_AFTER_TROUBLE, timedelta(seconds=error.retry_after_seconds or 0))
        _wait(preview, until=now + delay, error=str(error))
    except _OverBudgetError as error:
        _end(preview, error=str(error))
    else:
        _go_on(preview, now=now)


def pending_findings(preview: MemoryPreview) -> list[int]:
    """Return the ids of findings that are still to be judged."""
    return [one["finding_id"] for one in preview.results if not (one["after"] or one["problem"])]


@transaction.atomic
def _claim(preview_id: int, *, now: datetime) -> MemoryPreview | None:
    claimed = (
        MemoryPreview.objects.filter(pk=preview_id)
        .filter(
            Q(status=AnalysisStatus.WAITING)
            | Q(status=AnalysisStatus.RUNNING, next_attempt_at__lte=now)
        )
        .update(status=AnalysisStatus.RUNNING, next_attempt_at=now + CLAIM_LAPSES_AFTER)
    )
    found = MemoryPreview.objects.filter(pk=preview_id).select_related("memory")
    return found.get() if claimed else None


def _judged(preview: MemoryPreview, finding_id: int, *, now: datetime) -> dict[str, Any]:
    """Return what the judge would say of one finding, or why it could not be asked."""
    result = {"finding_id": finding_id, "after": "", "reason": "", "problem": ""}
    try:
        after, reason = _ask(preview, finding_id, now=now)
    except NoAnswerError as error:
        if error.outcome == Outcome.OVER_BUDGET:
            raise _OverBudgetError(error.detail) from error
        return result | {"problem": error.detail}
    except ProblemError as error:
        return result | {"problem": error.detail}
    except TransientError:
        raise
    except Exception:  # one finding's trouble is not the others'
        logger.exception("triage.preview.crashed preview=%s finding=%s", preview.pk, finding_id)
        return result | {"problem": "It could not be judged; the server's log says why."}
    return result | {"after": after.value, "reason": redact(reason)}


def _ask(preview: MemoryPreview, finding_id: int, *, now: datetime) -> tuple[Conclusion, str]:
    subject = find_subject(finding_id)
    mine = MemoryFact(id=preview.memory_id, text=preview.memory_text)
    others = [fact for fact in judge_memories(subject.finding) if fact.id != mine.id]
    case = prepare(subject, memories=bounded([mine, *others]))
    earlier = verdict_of_input(input_hash_of(case))
    if earlier is not None:
        decision = conclude_as_before(case, earlier=earlier)
    else:
        decision = conclude(
            case, asks_component=False, purpose=PURPOSE, finding_id=finding_id, now=now
        ).decision
    return decision.conclusion, decision.downgrade_reason or decision.reason


@transaction.atomic
def _store(preview: MemoryPreview, result: dict[str, Any]) -> None:
    row: MemoryPreview = MemoryPreview.objects.select_for_update().get(pk=preview.pk)
    row.results = [
        {**one, **result} if one["finding_id"] == result["finding_id"] else one
        for one in row.results
    ]
    row.save(update_fields=["results"])
    preview.results = row.results


@transaction.atomic
def _go_on(preview: MemoryPreview, *, now: datetime) -> None:
    if not pending_findings(preview):
        _end(preview, error="")
        return
    _wait(preview, until=now, error="")
    announce(preview_requested, preview_id=preview.pk)


def _wait(preview: MemoryPreview, *, until: datetime, error: str) -> None:
    MemoryPreview.objects.filter(pk=preview.pk).update(
        status=AnalysisStatus.WAITING, next_attempt_at=until, error=error[:1000]
    )


def _end(preview: MemoryPreview, *, error: str) -> None:
    status = AnalysisStatus.FAILED if error else AnalysisStatus.DONE
    MemoryPreview.objects.filter(pk=preview.pk).update(status=status, error=error[:1000])
