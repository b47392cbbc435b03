"""Writing remedies: gather, ask once, store guidance and the fixes that are to be proven."""

from datetime import datetime

from findings.models import Confidence
from integrations.codehosts import CodeUnavailableError
from llm.models import Outcome
from llm.runner import Answer, NoAnswerError, ask, is_offline_provider, who_answers
from remediation.answers import RemedyAnswer
from remediation.edits import Edit
from remediation.fallbacks import keep_after_failure, keep_rule_words, rule_drafts
from remediation.fixes import Draft, drafts_of, repeats_instructions
from remediation.gathering import Case, gather_case
from remediation.guidance import rule_guidance
from remediation.models import FixAttempt, Guidance, RemedyOrigin
from remediation.names import unknown_packages, without_inventions
from remediation.recording import Text, record_remedy
from remediation.rendering import REMEDY_PROMPT, render_remedy
from remediation.selectors import guidance_of_input, latest_guidance
from triage.gathering import find_subject
from triage.steering import steering_in

PURPOSE = "remedy"
MAX_UNKNOWN_NAMES = 20
OUT_OF_DATE = "The file has fewer lines than the match says: it changed; scan again."
NOT_ASKED = "No model was asked for guidance or a fix."
REPEATED = "The model wrote down its instructions in place of an answer."
# The model was asked and answered, and there is nothing in it to be tried.
UNUSABLE = frozenset({Outcome.INVALID, Outcome.TRUNCATED, Outcome.REFUSED})


def write_remedy(*, finding_id: int, is_fresh: bool, now: datetime) -> None:
    """Write guidance for one finding and, for a true positive, fixes to be proven.

    An equal question that was answered before is not asked again unless `is_fresh`. What cannot
    be had from a model is said by the rule. Raises NotFoundError for a finding that is not there,
    and TransientError where another try may work.
    """
    subject = find_subject(finding_id)
    try:
        case = gather_case(subject)
    except CodeUnavailableError as error:
        reason = f"The code could not be read. {error.detail}"
        keep_after_failure(subject=subject, case=None, reason=reason, now=now)
        return
    if case.is_out_of_date:
        keep_after_failure(subject=subject, case=None, reason=OUT_OF_DATE, now=now)
    elif is_offline_provider():
        keep_rule_words(subject=subject, case=case, is_fresh=is_fresh, now=now)
    elif steering := steering_in(case.context):
        reason = f"{steering} {NOT_ASKED}"
        keep_after_failure(subject=subject, case=case, reason=reason, now=now)
    else:
        _write_by_model(case, is_fresh=is_fresh, now=now)


def give_up_remedy(*, finding_id: int, reason: str, now: datetime) -> None:
    """Keep what the rule says as guidance, and say why there is nothing better."""
    keep_after_failure(subject=find_subject(finding_id), case=None, reason=reason, now=now)


def _write_by_model(case: Case, *, is_fresh: bool, now: datetime) -> None:
    input_hash = case.input_hash(asked_by=f"{REMEDY_PROMPT.version}\n{who_answers()}")
    if is_fresh:
        _ask_and_store(case, input_hash=input_hash, now=now)
        return
    newest = latest_guidance(case.subject.finding.pk)
    if newest is not None and _is_same(newest, case, input_hash=input_hash):
        return
    earlier = guidance_of_input(input_hash)
    if earlier is not None:
        _reuse(case, earlier=earlier, now=now)
    else:
        _ask_and_store(case, input_hash=input_hash, now=now)


def _is_same(guidance: Guidance, case: Case, *, input_hash: str) -> bool:
    """Say whether guidance answers this question, with edits of this very file."""
    file = case.context.question.file
    return guidance.input_hash == input_hash and guidance.content_hash == file.content_hash


def _ask_and_store(case: Case, *, input_hash: str, now: datetime) -> None:
    try:
        answer = ask(
            purpose=PURPOSE,
            prompt=render_remedy(case),
            answer_type=RemedyAnswer,
            offline_answer=lambda: rule_guidance(case.subject.finding, context=case.context),
            subject_id=case.subject.finding.pk,
            now=now,
        )
    except NoAnswerError as error:
        _keep_without_answer(case, error=error, now=now)
        return
    if answer.is_offline:  # switched off since we looked
        keep_rule_words(subject=case.subject, case=case, is_fresh=False, now=now)
    elif repeats_instructions(f"{answer.value.summary}\n{answer.value.instructions}"):
        keep_after_failure(subject=case.subject, case=case, reason=REPEATED, now=now)
    else:
        _store(case, answer=answer, input_hash=input_hash, now=now)


def _keep_without_answer(case: Case, *, error: NoAnswerError, now: datetime) -> None:
    reason = f"The model gave no usable answer: {error.detail}"
    failed: list[Draft] = []
    if case.candidates and error.outcome in UNUSABLE:
        failed = [
            Draft(
                edits=(),
                confidence=Confidence.LOW,
                origin=RemedyOrigin.MODEL,
                problem=reason,
                model_call_id=error.call.pk if error.call else None,
                memory_ids=case.context.question.memory_ids,
            )
        ]
    keep_after_failure(subject=case.subject, case=case, reason=reason, failed=failed, now=now)


def _store(case: Case, *, answer: Answer[RemedyAnswer], input_hash: str, now: datetime) -> None:
    said = answer.value
    summary = without_inventions(said.summary, case.known)
    instructions = without_inventions(said.instructions, case.known)
    packages = unknown_packages(f"{said.summary}\n{said.instructions}", case.known)
    unknown = dict.fromkeys([*packages, *summary.invented, *instructions.invented])
    memory_ids = case.context.question.memory_ids
    text = Text(
        summary=summary.text,
        instructions=instructions.text,
        origin=RemedyOrigin.MODEL,
        input_hash=input_hash,
        prompt_version=REMEDY_PROMPT.version,
        model_call_id=answer.call.pk,
        content_hash=case.context.question.file.content_hash,
        unknown_names=list(unknown)[:MAX_UNKNOWN_NAMES],
        memory_ids=memory_ids,
        left_out=case.context.left_out,
    )
    drafts = drafts_of(
        said.fixes,
        round_number=1,
        most=case.candidates,
        model_call_id=answer.call.pk,
        memory_ids=memory_ids,
    )
    record_remedy(subject=case.subject, text=text, drafts=[*rule_drafts(case), *drafts], now=now)


def _reuse(case: Case, *, earlier: Guidance, now: datetime) -> None:
    """Store an earlier answer anew, with its edits, which are proven on today's file."""
    text = Text(
        summary=earlier.summary,
        instructions=earlier.instructions,
        origin=RemedyOrigin.REUSED,
        input_hash=earlier.input_hash,
        prompt_version=earlier.prompt_version,
        model_call_id=earlier.model_call_id,
        content_hash=case.context.question.file.content_hash,
        unknown_names=earlier.unknown_names,
        memory_ids=earlier.memory_ids,
        left_out=case.context.left_out,
    )
    attempts = FixAttempt.objects.filter(guidance=earlier).exclude(origin=RemedyOrigin.RULE)
    drafts = [_copy(attempt) for attempt in attempts.order_by("round", "rank", "id")]
    record_remedy(subject=case.subject, text=text, drafts=[*rule_drafts(case), *drafts], now=now)


def _copy(attempt: FixAttempt) -> Draft:
    return Draft(
        edits=tuple(Edit(search=e["search"], replace=e["replace"]) for e in attempt.edits),
        confidence=Confidence(attempt.proposed_confidence),
        origin=RemedyOrigin.REUSED,
        round=attempt.round,
        rank=attempt.rank,
        problem="" if attempt.edits else attempt.detail,
        model_call_id=attempt.model_call_id,
        memory_ids=tuple(attempt.memory_ids),
    )
