"""Judging a finding: gather, ask, check the evidence, store. Doubt ends in needs_review."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from integrations.codehosts import CodeUnavailableError
from llm.runner import Answer, NoAnswerError, ask
from triage.answers import JudgeAnswer
from triage.components import Component, tag_of
from triage.context import JudgeContext, build_context
from triage.decisions import Decision, decide
from triage.gathering import Subject, find_subject, gather_question
from triage.models import Origin, Verdict
from triage.offline import judge_by_thumb
from triage.recording import record_tag, record_verdict
from triage.rendering import JUDGE_PROMPT, render_question
from triage.selectors import latest_tag_of, latest_verdict, verdict_of_input
from triage.signals import SIGNALS_VERSION, find_signs
from triage.signs import Sign

PURPOSE = "judge"


def judge(*, finding_id: int, now: datetime) -> Verdict:
    """Judge one finding and store the verdict; doubt of any kind ends in needs_review.

    An equal question that was answered before is not asked again. Raises NotFoundError for a
    finding that is not there, and TransientError where another try may work.
    """
    subject = find_subject(finding_id)
    try:
        question = gather_question(subject)
    except CodeUnavailableError as error:
        return _undecided(subject, reason=f"The code could not be read. {error.detail}", now=now)
    context = build_context(question, budget=settings.CONTEXT_LINES)
    if question.place.end_line > len(context.source.lines):
        reason = "The file has fewer lines than the match says: it changed; scan again."
        return _undecided(subject, reason=reason, now=now)
    input_hash = context.input_hash(judged_by=_judged_by())
    signs = find_signs(context)
    earlier = verdict_of_input(input_hash)
    if earlier is not None:
        return _reuse(subject, context, signs=signs, earlier=earlier, now=now)
    return _judge_anew(subject, context, signs=signs, input_hash=input_hash, now=now)


def give_up(*, finding_id: int, reason: str, now: datetime) -> Verdict:
    """Record needs_review for a finding whose judgment could not be had."""
    return _undecided(find_subject(finding_id), reason=reason, now=now)


def _judged_by() -> str:
    return "\n".join(
        [
            JUDGE_PROMPT.version,
            SIGNALS_VERSION,
            settings.ASSISTANT_PROVIDER,
            settings.ASSISTANT_MODEL,
            str(settings.CONTEXT_LINES),
        ]
    )


def _judge_anew(
    subject: Subject,
    context: JudgeContext,
    *,
    signs: Sequence[Sign],
    input_hash: str,
    now: datetime,
) -> Verdict:
    component = tag_of(context.source)
    file = context.question.file
    known = latest_tag_of(file_id=subject.finding.file_id, content_hash=file.content_hash)
    try:
        answer = ask(
            purpose=PURPOSE,
            prompt=render_question(context, signs=signs, asks_component=known is None),
            answer_type=JudgeAnswer,
            offline_answer=lambda: judge_by_thumb(context, signs=signs, component=component),
            subject_id=subject.finding.pk,
            now=now,
        )
    except NoAnswerError as error:
        _tag(subject, context, component=component, answer=None, now=now)
        reason = f"The model gave no usable answer: {error.detail}"
        return _undecided(subject, reason=reason, now=now, model_call_id=error.call.pk)
    decision = decide(answer.value, context=context, signs=signs, is_offline=answer.is_offline)
    _tag(subject, context, component=component, answer=answer, now=now)
    return record_verdict(
        finding_id=subject.finding.pk,
        commit=subject.commit,
        decision=decision,
        input_hash=input_hash,
        model_call_id=answer.call.pk,
        prompt_version=JUDGE_PROMPT.version,
        now=now,
    )


def _tag(
    subject: Subject,
    context: JudgeContext,
    *,
    component: Component,
    answer: Answer[JudgeAnswer] | None,
    now: datetime,
) -> None:
    record_tag(
        file_id=subject.finding.file_id,
        content_hash=context.question.file.content_hash,
        component=component,
        answer=None if answer is None or answer.is_offline else answer.value.component,
        now=now,
    )


def _reuse(
    subject: Subject,
    context: JudgeContext,
    *,
    signs: Sequence[Sign],
    earlier: Verdict,
    now: datetime,
) -> Verdict:
    """Store the earlier answer anew, its quotes checked against today's lines."""
    component = tag_of(context.source)
    _tag(subject, context, component=component, answer=None, now=now)
    newest = _standing(subject)
    if newest is not None and newest.input_hash == earlier.input_hash:
        return newest
    is_offline = earlier.origin == Origin.RULE_OF_THUMB
    answer = JudgeAnswer.model_validate(
        {
            "verdict": earlier.proposed,
            "confidence": earlier.confidence_ratio,
            "reason": earlier.reason,
            "quotes": [{"text": quote["text"]} for quote in earlier.quotes],
        }
    )
    decision = decide(answer, context=context, signs=signs, is_offline=is_offline)
    return record_verdict(
        finding_id=subject.finding.pk,
        commit=subject.commit,
        decision=decision.with_origin(Origin.REUSED),
        input_hash=earlier.input_hash,
        model_call_id=earlier.model_call_id,
        prompt_version=earlier.prompt_version,
        now=now,
    )


def _standing(subject: Subject) -> Verdict | None:
    """Return the newest verdict unless the scanner has since seen other code in its place."""
    newest = latest_verdict(subject.finding.pk)
    return newest if newest and newest.conclusion == subject.finding.verdict else None


def _undecided(
    subject: Subject, *, reason: str, now: datetime, model_call_id: int | None = None
) -> Verdict:
    newest = _standing(subject)
    if newest is not None and newest.origin == Origin.PLATFORM and newest.reason == reason:
        return newest  # said already: each scan would say it again
    return record_verdict(
        finding_id=subject.finding.pk,
        commit=subject.commit,
        decision=Decision.undecided(reason),
        input_hash="",
        model_call_id=model_call_id,
        prompt_version="",
        now=now,
    )
