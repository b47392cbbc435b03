"""Measuring a judge, by model and prompt, on findings whose answer people of the house gave.

What people decided elsewhere and what memories say is left out of the questions: it may hold the
very answer. No verdict is stored on a finding.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from core.errors import InvalidInputError, NotFoundError, TransientError
from findings.models import Conclusion, Finding
from integrations.codehosts import CodeUnavailableError
from llm.models import Outcome
from llm.prompts import Prompt
from llm.providers.base import Provider
from llm.providers.registry import current_provider, is_model_allowed, provider_with_model
from llm.runner import NoAnswerError, ask
from tenants.announcements import announce
from tenants.audit import Actor, record_audit_event
from tenants.scope import current_organization_id, lock_for_transaction
from triage.announcements import evaluation_requested
from triage.answers import JudgeAnswer
from triage.evaluation import Judged, Spending, report
from triage.gathering import find_subject, gather_question
from triage.judging import lay_out
from triage.knowledge import cwe_numbers
from triage.known_answers import MAX_ANSWERS, known_answers
from triage.models import AnalysisStatus, EvaluationRun
from triage.prompt_files import find_prompt

PURPOSE = "evaluation"
SLICE_SIZE = 10
LEASE = timedelta(minutes=30)
PATIENCE = timedelta(days=1)
BUSY_PAUSE_SECONDS = 30.0
MOST_UNDER_WAY = 3
UNFINISHED = (AnalysisStatus.WAITING, AnalysisStatus.RUNNING)


class _StoppedError(Exception):
    """The run cannot go on, and another try would not help."""


def request_evaluation(
    *, name: str, model: str, prompt_name: str, most: int, actor: Actor, now: datetime
) -> EvaluationRun:
    """Store what is to be measured, and announce it; a blank `model` means rules of thumb.

    The same measurement, while it is under way, is that one. Raises InvalidInputError for a prompt
    or model that cannot be used, where no person has given any answer yet, and where
    MOST_UNDER_WAY others are not done.
    """
    prompt = find_prompt(prompt_name)
    if prompt is None:
        raise InvalidInputError("prompt: choose one of the prompts in the list.", field="prompt")
    if model and current_provider().is_offline:
        raise InvalidInputError(
            "model: no model is set up for this organization; leave it blank for rules of thumb.",
            field="model",
        )
    if model and not is_model_allowed(model):
        raise InvalidInputError(
            "model: this installation's operator has not allowed it; name the model that is set up,"
            " one of ASSISTANT_OTHER_MODELS, or use a provider of your own.",
            field="model",
        )
    answers = known_answers(most=min(most, MAX_ANSWERS))
    if not answers:
        raise InvalidInputError(
            "findings: nobody has agreed, disagreed or triaged yet; answers are what is measured"
            " against."
        )
    asked = {
        "model": model,
        "prompt": prompt_name,
        "prompt_version": prompt.version,
        "total": len(answers),
    }
    with transaction.atomic():
        if (running := _under_way(asked)) is not None:
            return running
        run: EvaluationRun = EvaluationRun.objects.create(
            **asked,
            name=name or _name_of(model, prompt_name),
            results=[{"finding_id": one.finding_id, "label": one.label} for one in answers],
            actor=actor.user,
            created_at=now,
            next_attempt_at=now,
        )
        record_audit_event(
            actor=actor,
            action="evaluation.request",
            object_label=run.name,
            after={"model": model, "prompt": prompt_name, "findings": len(answers)},
        )
        announce(evaluation_requested, evaluation_id=run.pk)
    return run


def _under_way(asked: Mapping[str, object]) -> EvaluationRun | None:
    """Return the unfinished run of the same measurement; raise where there are too many others."""
    lock_for_transaction("triage.evaluations", current_organization_id())
    unfinished = EvaluationRun.objects.filter(status__in=UNFINISHED)
    running: EvaluationRun | None = unfinished.filter(**asked).order_by("id").first()
    if running is None and unfinished.count() >= MOST_UNDER_WAY:
        raise InvalidInputError(
            f"{MOST_UNDER_WAY} measurements are under way; wait until one of them is done."
        )
    return running


def waiting_evaluations(now: datetime) -> list[int]:
    """Return the runs of the organization in scope that are due, the oldest first."""
    due = EvaluationRun.objects.filter(status__in=UNFINISHED, next_attempt_at__lte=now)
    return list(due.order_by("id").values_list("id", flat=True))


def run_evaluation(*, evaluation_id: int, now: datetime) -> bool:
    """Judge the next few findings of a run; return whether it wants to be called again at once.

    Safe to run twice: one worker has it at a time, and what was judged is kept. Where the model
    or the code host is busy the run rests, and `waiting_evaluations` names it when it is due.
    """
    run = _claim(evaluation_id, now=now)
    if run is None:
        return False
    results, pause = list(run.results), 0.0
    try:
        prompt, provider = _judge_of(run, now=now)
        for index in range(run.judged, min(run.judged + SLICE_SIZE, run.total)):
            results[index] = _judged(results[index], prompt=prompt, provider=provider, now=now)
            run.judged = index + 1
    except TransientError as error:
        pause = error.retry_after_seconds or BUSY_PAUSE_SECONDS
    except _StoppedError as error:
        run.status, run.error = AnalysisStatus.FAILED, str(error)[:1000]
    return _keep(run, results=results, pause=timedelta(seconds=pause), now=now)


def _claim(evaluation_id: int, *, now: datetime) -> EvaluationRun | None:
    """Take the run for a while; None where it is over, or another worker has it."""
    with transaction.atomic():
        run: EvaluationRun | None = (
            EvaluationRun.objects.select_for_update().filter(pk=evaluation_id).first()
        )
        if run is None or run.status not in UNFINISHED or run.next_attempt_at > now:
            return None
        run.status, run.next_attempt_at = AnalysisStatus.RUNNING, now + LEASE
        run.save(update_fields=["status", "next_attempt_at"])
    return run


def _judge_of(run: EvaluationRun, *, now: datetime) -> tuple[Prompt, Provider]:
    """Return the prompt and the provider of a run, if they still are what was asked for."""
    if now - run.created_at > PATIENCE:
        raise _StoppedError("It was not done within a day; start it anew.")
    prompt = find_prompt(run.prompt)
    if prompt is None or prompt.version != run.prompt_version:
        raise _StoppedError(f"The prompt {run.prompt} has changed since; start it anew.")
    provider = provider_with_model(run.model)
    if run.model and provider.is_offline:
        raise _StoppedError("The organization's model was switched off; switch it on, start anew.")
    return prompt, provider


def _judged(
    result: Mapping[str, Any], *, prompt: Prompt, provider: Provider, now: datetime
) -> dict[str, Any]:
    """Return the result of one finding, judged. Raises TransientError and _StoppedError."""
    finding_id = int(result["finding_id"])
    known = {"finding_id": finding_id, "label": result["label"]}
    try:
        subject = find_subject(finding_id)
        question = replace(gather_question(subject, memories=()), earlier_triage=())
    except (CodeUnavailableError, NotFoundError) as error:
        return known | _undecided(error.detail)
    case = lay_out(question)
    if question.place.end_line > len(case.context.source.lines):
        return known | _undecided("The file changed since the scan.")
    try:
        answer = ask(
            purpose=PURPOSE,
            prompt=case.prompt(prompt=prompt),
            answer_type=JudgeAnswer,
            offline_answer=case.offline_answer,
            subject_id=finding_id,
            now=now,
            provider=provider,
        )
    except NoAnswerError as error:
        if error.outcome == Outcome.OVER_BUDGET:
            raise _StoppedError(error.detail) from error
        return known | _undecided(error.detail)
    decision = case.decide(answer.value, is_offline=answer.is_offline)
    call = answer.call
    return {
        **known,
        "verdict": decision.conclusion.value,
        "confidence": decision.confidence,
        "tokens": call.input_tokens + call.output_tokens,
        "cost_usd": str(call.cost_usd),
        "duration_ms": call.duration_ms,
    }


def _undecided(problem: str) -> dict[str, Any]:
    return {
        "verdict": Conclusion.NEEDS_REVIEW.value,
        "confidence": 0.0,
        "problem": problem[:500],
    }


def _keep(
    run: EvaluationRun, *, results: list[dict[str, Any]], pause: timedelta, now: datetime
) -> bool:
    """Store how far the run has come; return whether it can go on at once."""
    if run.status != AnalysisStatus.FAILED and run.judged == run.total:
        run.status, run.report = AnalysisStatus.DONE, report_of(results)
    # A claim that has lapsed is another worker's: its results count.
    mine = EvaluationRun.objects.filter(pk=run.pk, next_attempt_at=run.next_attempt_at)
    is_kept = mine.update(
        results=results,
        judged=run.judged,
        status=run.status,
        report=run.report,
        error=run.error,
        next_attempt_at=now + pause,
    )
    return bool(is_kept) and run.status == AnalysisStatus.RUNNING and not pause


def report_of(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the report of what was judged, as `evaluate --json` prints it."""
    ids = [result["finding_id"] for result in results]
    metadata = dict(Finding.objects.filter(pk__in=ids).values_list("pk", "rule__metadata"))
    spending = Spending(
        tokens=sum(result.get("tokens", 0) for result in results),
        cost_usd=sum((Decimal(result.get("cost_usd", "0")) for result in results), Decimal(0)),
        seconds=sum(result.get("duration_ms", 0) for result in results) / 1000,
    )
    judged = [
        Judged(
            label=Conclusion(result["label"]),
            conclusion=Conclusion(result["verdict"]),
            confidence=result["confidence"],
            weaknesses=_weaknesses(metadata.get(result["finding_id"])),
        )
        for result in results
    ]
    return report(judged, spending=spending)


def _weaknesses(metadata: object) -> tuple[str, ...]:
    numbers = cwe_numbers(metadata) if isinstance(metadata, dict) else []
    return tuple(dict.fromkeys(f"CWE-{number}" for number in numbers))


def _name_of(model: str, prompt_name: str) -> str:
    return f"{model or 'Rules of thumb'}, {prompt_name}"[:100]
