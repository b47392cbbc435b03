"""Judging a finding: gather, ask, check the evidence, store. Doubt ends in needs_review."""

from datetime import datetime

from integrations.codehosts import CodeUnavailableError
from llm.runner import Answer, NoAnswerError
from triage.answers import JudgeAnswer
from triage.asking import (
    CodeChangedError,
    conclude,
    conclude_as_before,
    input_hash_of,
    prepare,
)
from triage.decisions import Decision
from triage.gathering import Subject, find_subject
from triage.judging import Case
from triage.models import Origin, Verdict
from triage.recording import record_tag, record_verdict
from triage.rendering import JUDGE_PROMPT
from triage.selectors import latest_tag_of, latest_verdict, verdict_of_input

PURPOSE = "judge"


def judge(*, finding_id: int, now: datetime, is_fresh: bool = False) -> Verdict:
    """Judge one finding and store the verdict; doubt of any kind ends in needs_review.

    An equal question that was answered before is not asked again, unless `is_fresh`. Raises
    NotFoundError for a finding that is not there, and TransientError where another try may work.
    """
    subject = find_subject(finding_id)
    try:
        case = prepare(subject)
    except CodeUnavailableError as error:
        return _undecided(subject, reason=f"The code could not be read. {error.detail}", now=now)
    except CodeChangedError as error:
        return _undecided(subject, reason=error.detail, now=now)
    input_hash = input_hash_of(case)
    earlier = None if is_fresh else verdict_of_input(input_hash)
    if earlier is not None:
        return _reuse(subject, case, earlier=earlier, now=now)
    return _judge_anew(subject, case, input_hash=input_hash, now=now)


def give_up(*, finding_id: int, reason: str, now: datetime) -> Verdict:
    """Record needs_review for a finding whose judgment could not be had."""
    return _undecided(find_subject(finding_id), reason=reason, now=now)


def _judge_anew(subject: Subject, case: Case, *, input_hash: str, now: datetime) -> Verdict:
    file = case.context.question.file
    known = latest_tag_of(file_id=subject.finding.file_id, content_hash=file.content_hash)
    try:
        concluded = conclude(
            case,
            asks_component=known is None,
            purpose=PURPOSE,
            finding_id=subject.finding.pk,
            now=now,
        )
    except NoAnswerError as error:
        _tag(subject, case, answer=None, now=now)
        reason = f"The model gave no usable answer: {error.detail}"
        call_id = error.call.pk if error.call else None
        return _undecided(subject, reason=reason, now=now, model_call_id=call_id)
    _tag(subject, case, answer=concluded.answer, now=now)
    return record_verdict(
        finding_id=subject.finding.pk,
        commit=subject.commit,
        decision=concluded.decision,
        input_hash=input_hash,
        model_call_id=concluded.answer.call.pk,
        prompt_version=JUDGE_PROMPT.version,
        now=now,
    )


def _tag(
    subject: Subject, case: Case, *, answer: Answer[JudgeAnswer] | None, now: datetime
) -> None:
    record_tag(
        file_id=subject.finding.file_id,
        content_hash=case.context.question.file.content_hash,
        component=case.component,
        answer=None if answer is None or answer.is_offline else answer.value.component,
        now=now,
    )


def _reuse(subject: Subject, case: Case, *, earlier: Verdict, now: datetime) -> Verdict:
    """Store the earlier answer anew, its quotes checked against today's lines."""
    _tag(subject, case, answer=None, now=now)
    newest = _standing(subject)
    if newest is not None and newest.input_hash == earlier.input_hash:
        return newest
    return record_verdict(
        finding_id=subject.finding.pk,
        commit=subject.commit,
        decision=conclude_as_before(case, earlier=earlier),
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
