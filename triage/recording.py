"""Storing verdicts and component tags, and announcing them."""

import logging
from datetime import datetime

from django.db import transaction

from core.redaction import redact
from findings.judgments import note_verdict, tag_file
from findings.models import ComponentRisk, Conclusion
from memories.models import UsePurpose
from memories.services import note_uses
from tenants.announcements import announce
from triage.announcements import verdict_recorded
from triage.answers import ComponentAnswer
from triage.components import Component, risk_of
from triage.decisions import Decision
from triage.models import ComponentTag, Origin, Verdict

logger = logging.getLogger(__name__)

_ORIGINS = {
    Origin.MODEL: "AI",
    Origin.RULE_OF_THUMB: "Rule of thumb",
    Origin.REUSED: "Reused answer",
    Origin.PLATFORM: "Not judged",
}


@transaction.atomic
def record_verdict(
    *,
    finding_id: int,
    commit: str,
    decision: Decision,
    input_hash: str,
    model_call_id: int | None,
    prompt_version: str,
    now: datetime,
) -> Verdict:
    """Store a decision, note it on the finding and announce it."""
    quotes = [{**quote.as_json(), "text": redact(quote.text)} for quote in decision.quotes]
    verdict: Verdict = Verdict.objects.create(
        finding_id=finding_id,
        conclusion=decision.conclusion,
        proposed=decision.proposed,
        confidence_ratio=decision.confidence,
        reason=redact(decision.reason)[:4000],
        downgrade_reason=redact(decision.downgrade_reason)[:500],
        quotes=quotes,
        left_out=list(decision.left_out),
        origin=decision.origin,
        signals=list(decision.signs),
        prompt_version=prompt_version,
        input_hash=input_hash,
        model_call_id=model_call_id,
        commit=commit,
        memory_ids=list(decision.memory_ids),
        created_at=now,
    )
    title = f"{_ORIGINS[decision.origin]}: {Conclusion(decision.conclusion).label.lower()}"
    note_verdict(finding_id=finding_id, conclusion=decision.conclusion, title=title, now=now)
    used = decision.memory_ids
    note_uses(memory_ids=used, finding_id=finding_id, purpose=UsePurpose.VERDICT, now=now)
    announce(verdict_recorded, finding_id=finding_id)
    logger.info("triage.verdict.recorded finding=%s verdict=%s", finding_id, verdict.pk)
    return verdict


@transaction.atomic
def record_tag(
    *,
    file_id: int,
    content_hash: str,
    component: Component,
    answer: ComponentAnswer | None,
    now: datetime,
) -> ComponentTag:
    """Store a file's component once for each content: the model's word, else the markers'."""
    name = answer.name if answer else component.name
    risk = risk_of(name)
    tag: ComponentTag
    tag, is_new = ComponentTag.objects.get_or_create(
        file_id=file_id,
        content_hash=content_hash,
        defaults={
            "tag": name,
            "risk": risk,
            "reason": redact(answer.reason if answer else component.reason)[:500],
            "origin": Origin.MODEL if answer else Origin.RULE_OF_THUMB,
            "created_at": now,
        },
    )
    if is_new:
        tag_file(file_id=file_id, tag=tag.tag, risk=ComponentRisk(tag.risk), now=now)
    return tag
