"""One more question where every fix of a model was refused, with the exact failures."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from findings.models import Confidence
from integrations.codehosts import CodeUnavailableError
from llm.runner import NoAnswerError, ask, is_offline_provider
from remediation.answers import RetryAnswer
from remediation.fixes import Draft, drafts_of
from remediation.gathering import Case, gather_case
from remediation.models import FixAttempt, FixStatus, Guidance, RemedyOrigin
from remediation.reasons import Reason
from remediation.recording import record_fixes
from remediation.rendering import render_retry
from remediation.selectors import latest_guidance
from triage.gathering import find_subject

PURPOSE = "remedy-retry"
NO_OTHER = "The model gave no other fix."
BY_MODEL = (RemedyOrigin.MODEL, RemedyOrigin.REUSED)


def findings_to_retry(finding_ids: Sequence[int]) -> list[int]:
    """Return those of the findings whose model may be asked once more, in their order."""
    if is_offline_provider():
        return []
    by_finding: dict[int, list[FixAttempt]] = defaultdict(list)
    for attempt in FixAttempt.objects.filter(
        finding_id__in=finding_ids, guidance__origin__in=BY_MODEL
    ).exclude(status=FixStatus.WITHDRAWN):
        by_finding[attempt.finding_id].append(attempt)
    return [one for one in finding_ids if _refused(by_finding.get(one, []))]


def retry_fix(*, finding_id: int, now: datetime) -> bool:
    """Ask the model once more, with the exact failures; say whether there is something to prove.

    A second time it asks nothing. Raises TransientError where another try may work.
    """
    subject = find_subject(finding_id)
    guidance = latest_guidance(finding_id)
    if guidance is None or guidance.origin not in BY_MODEL or is_offline_provider():
        return False
    attempts = list(FixAttempt.objects.filter(guidance=guidance).order_by("round", "rank", "id"))
    failures = _refused(attempts)
    if not failures:
        return False
    try:
        case = gather_case(subject)
    except CodeUnavailableError:
        return False
    is_same_file = case.context.question.file.content_hash == guidance.content_hash
    if not is_same_file or case.is_out_of_date or not case.candidates:
        return False
    drafts = _ask(case, guidance=guidance, failures=failures, now=now)
    return _store(case, guidance=guidance, drafts=drafts, now=now)


def _refused(attempts: Sequence[FixAttempt]) -> list[FixAttempt]:
    """Return the first round's refused fixes where a second round may mend them; else none.

    A check that could not run says nothing that a model could act on.
    """
    by_model = [attempt for attempt in attempts if attempt.origin in BY_MODEL]
    newest = max((attempt.guidance_id or 0 for attempt in by_model), default=0)
    current = [attempt for attempt in by_model if attempt.guidance_id == newest]
    is_over = any(
        attempt.round > 1 or attempt.status != FixStatus.REFUSED for attempt in current
    ) or any(attempt.status == FixStatus.PROVEN for attempt in attempts)
    if is_over:
        return []
    return [attempt for attempt in current if attempt.reason != Reason.CHECK_FAILED]


def _ask(
    case: Case, *, guidance: Guidance, failures: Sequence[FixAttempt], now: datetime
) -> list[Draft]:
    """Return the second round; one that holds nothing is kept too, so that nobody asks again."""
    memory_ids = case.context.question.memory_ids
    try:
        answer = ask(
            purpose=PURPOSE,
            prompt=render_retry(case, guidance=guidance, failures=failures),
            answer_type=RetryAnswer,
            offline_answer=lambda: RetryAnswer(fixes=()),
            subject_id=case.subject.finding.pk,
            now=now,
        )
    except NoAnswerError as error:
        call_id = error.call.pk if error.call else None
        return [_nothing(f"The model gave no usable answer: {error.detail}", call_id, memory_ids)]
    call_id = answer.call.pk
    drafts = drafts_of(
        answer.value.fixes,
        round_number=2,
        most=case.candidates,
        model_call_id=call_id,
        memory_ids=memory_ids,
    )
    return drafts or [_nothing(NO_OTHER, call_id, memory_ids)]


def _nothing(problem: str, call_id: int | None, memory_ids: tuple[int, ...]) -> Draft:
    return Draft(
        edits=(),
        confidence=Confidence.LOW,
        origin=RemedyOrigin.MODEL,
        round=2,
        problem=problem,
        model_call_id=call_id,
        memory_ids=memory_ids,
    )


@transaction.atomic
def _store(case: Case, *, guidance: Guidance, drafts: Sequence[Draft], now: datetime) -> bool:
    locked = Guidance.objects.select_for_update().filter(pk=guidance.pk).first()
    if locked is None or FixAttempt.objects.filter(guidance=guidance, round__gt=1).exists():
        return False
    record_fixes(subject=case.subject, guidance=guidance, drafts=drafts, now=now)
    return True
