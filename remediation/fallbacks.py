"""What is kept where no model is asked, or where it gave nothing that can be used."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from core.redaction import redact
from findings.models import Activity, ActivityKind, Confidence
from remediation.answers import RemedyAnswer
from remediation.fixes import Draft
from remediation.gathering import Case
from remediation.guidance import rule_guidance
from remediation.models import RemedyOrigin
from remediation.recording import Text, record_remedy
from remediation.selectors import latest_guidance
from tenants.audit import Actor
from triage.gathering import Subject

BY_MODEL = (RemedyOrigin.MODEL, RemedyOrigin.REUSED)
TITLE_LIMIT = 300


def rule_drafts(case: Case) -> list[Draft]:
    """Return the rule's own fix as a candidate; its edits are made when it is proven."""
    if not case.wants_fix_of_rule:
        return []
    return [Draft(edits=(), confidence=Confidence.HIGH, origin=RemedyOrigin.RULE)]


def keep_rule_words(*, subject: Subject, case: Case | None, is_fresh: bool, now: datetime) -> None:
    """Store what the rule says, and its own fix, unless something better or the same is there."""
    newest = latest_guidance(subject.finding.pk)
    if newest is not None and newest.origin in BY_MODEL and not is_fresh:
        return
    drafts = rule_drafts(case) if case else []
    _store(subject, case, drafts=drafts, reason="", is_fresh=is_fresh, now=now)


def keep_after_failure(
    *,
    subject: Subject,
    case: Case | None,
    reason: str,
    now: datetime,
    failed: Sequence[Draft] = (),
) -> None:
    """Keep a model's earlier guidance on the same code, else what the rule says; and say why."""
    newest = latest_guidance(subject.finding.pk)
    if newest is not None and newest.origin in BY_MODEL:
        _note(subject, reason=reason, now=now)
        return
    drafts = [*(rule_drafts(case) if case else []), *failed]
    _store(subject, case, drafts=drafts, reason=reason, is_fresh=False, now=now)


def _store(
    subject: Subject,
    case: Case | None,
    *,
    drafts: Sequence[Draft],
    reason: str,
    is_fresh: bool,
    now: datetime,
) -> None:
    answer = rule_guidance(subject.finding, context=case.context if case else None)
    content_hash = case.context.question.file.content_hash if case else ""
    input_hash = _hash(answer, case, reason=reason, drafts=drafts)
    newest = latest_guidance(subject.finding.pk)
    if newest is not None and newest.input_hash == input_hash and not is_fresh:
        return  # said already: each scan would say it again
    text = Text(
        summary=answer.summary,
        instructions=answer.instructions,
        origin=RemedyOrigin.RULE,
        input_hash=input_hash,
        content_hash=content_hash,
        left_out=[reason] if reason else [],
    )
    record_remedy(subject=subject, text=text, drafts=drafts, now=now)


def _hash(answer: RemedyAnswer, case: Case | None, *, reason: str, drafts: Sequence[Draft]) -> str:
    """Return what this guidance is known by; the file's content counts only where it is edited."""
    parts: list[object] = ["rule", answer.summary, answer.instructions, reason]
    if case is not None and drafts:
        definition = case.context.question.rule.definition or {}
        parts += [case.context.question.file.content_hash, len(drafts)]
        parts += [definition.get("fix"), definition.get("fix-regex")]
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


def _note(subject: Subject, *, reason: str, now: datetime) -> None:
    """Say in the finding's log that nothing new could be had, once in a row."""
    title = redact(f"New guidance could not be had. {reason}")[:TITLE_LIMIT]
    logged = Activity.objects.filter(finding=subject.finding)
    newest = logged.order_by("-at", "-id").first()
    if newest is not None and newest.title == title:
        return
    Activity.objects.create(
        finding=subject.finding,
        kind=ActivityKind.NOTE,
        at=now,
        actor_label=Actor.platform().label,
        title=title,
    )
