"""Storing guidance and the fixes that are to be proven, and announcing them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from core.redaction import redact
from memories.models import UsePurpose
from memories.services import note_uses
from remediation.announcements import guidance_written
from remediation.fixes import Draft
from remediation.models import FixAttempt, FixStatus, Guidance, RemedyOrigin
from tenants.announcements import announce
from triage.gathering import Subject

MAX_SUMMARY = 500
MAX_INSTRUCTIONS = 12_000
MAX_DETAIL = 1000
UNPROVEN = (FixStatus.PROPOSED, FixStatus.PROVEN)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Guidance before it is stored, and where it comes from."""

    summary: str
    instructions: str
    origin: RemedyOrigin
    input_hash: str = ""
    prompt_version: str = ""
    model_call_id: int | None = None
    content_hash: str = ""
    unknown_names: Sequence[str] = ()
    memory_ids: Sequence[int] = ()
    left_out: Sequence[str] = ()


@transaction.atomic
def record_remedy(
    *, subject: Subject, text: Text, drafts: Sequence[Draft], now: datetime
) -> Guidance:
    """Store guidance and its fixes in place of the finding's older ones, and announce it."""
    finding = subject.finding
    withdraw_fixes(finding_id=finding.pk)
    guidance: Guidance = Guidance.objects.create(
        finding=finding,
        summary=redact(" ".join(text.summary.split()))[:MAX_SUMMARY],
        instructions=redact(text.instructions)[:MAX_INSTRUCTIONS],
        unknown_names=list(text.unknown_names),
        origin=text.origin,
        memory_ids=list(text.memory_ids),
        left_out=list(text.left_out),
        prompt_version=text.prompt_version,
        input_hash=text.input_hash,
        model_call_id=text.model_call_id,
        commit=subject.commit,
        content_hash=text.content_hash,
        code_hash=finding.code_hash,
        created_at=now,
    )
    record_fixes(subject=subject, guidance=guidance, drafts=drafts, now=now)
    note_uses(
        memory_ids=guidance.memory_ids,
        finding_id=finding.pk,
        purpose=UsePurpose.GUIDANCE,
        now=now,
    )
    announce(guidance_written, finding_id=finding.pk)
    logger.info("remediation.guidance.written finding=%s guidance=%s", finding.pk, guidance.pk)
    return guidance


@transaction.atomic
def record_fixes(
    *, subject: Subject, guidance: Guidance, drafts: Sequence[Draft], now: datetime
) -> None:
    """Store candidates that wait for their proof, on the code that the guidance speaks of."""
    finding = subject.finding
    FixAttempt.objects.bulk_create(
        FixAttempt(
            finding=finding,
            guidance=guidance,
            round=draft.round,
            rank=draft.rank,
            origin=draft.origin,
            path=finding.file.path,
            commit=guidance.commit,
            content_hash=guidance.content_hash,
            code_hash=guidance.code_hash,
            start_line=finding.start_line,
            end_line=finding.end_line,
            edits=[{"search": edit.search, "replace": edit.replace} for edit in draft.edits],
            proposed_confidence=draft.confidence,
            confidence=draft.confidence,
            detail=redact(draft.problem)[:MAX_DETAIL],
            memory_ids=list(draft.memory_ids),
            model_call_id=draft.model_call_id,
            created_at=now,
        )
        for draft in drafts
    )
    note_uses(
        memory_ids=[memory_id for draft in drafts for memory_id in draft.memory_ids],
        finding_id=finding.pk,
        purpose=UsePurpose.FIX,
        now=now,
    )


def withdraw_fixes(*, finding_id: int) -> None:
    """Take back what was proposed or proven before: other code, or another guidance, counts now."""
    FixAttempt.objects.filter(finding_id=finding_id, status__in=UNPROVEN).update(
        status=FixStatus.WITHDRAWN
    )
