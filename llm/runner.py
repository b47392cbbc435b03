"""Asking a model: redact, look at the budget, call, parse, repair once, and record every try."""

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Generic

from django.db import transaction

from llm.answers import AnswerT
from llm.budgets import OverBudgetError, require_budget
from llm.calls import Question, record_call, record_refusal
from llm.configuration import assistant_settings
from llm.conversation import Attempt, Conversation, UnansweredError, request_for
from llm.costs import cost_of, prices
from llm.errors import NoAnswerError
from llm.models import ModelCall, Outcome
from llm.prompts import RenderedPrompt
from llm.providers.base import Provider, Usage
from llm.providers.registry import provider_for
from llm.turns import ModelBusyError, turns_of_all_workers, turns_of_this_process

__all__ = [
    "Answer",
    "ModelBusyError",
    "NoAnswerError",
    "UnrecordedAnswer",
    "ask",
    "ask_unrecorded",
    "is_offline_provider",
    "who_answers",
]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[AnswerT]):
    """A parsed answer, and the call that gave it."""

    value: AnswerT
    call: ModelCall
    is_offline: bool
    cost_usd: Decimal
    """Of all its tries together, the call's included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnrecordedAnswer(Generic[AnswerT]):
    """A parsed answer, and what all its tries took together."""

    value: AnswerT
    usage: Usage
    cost_usd: Decimal
    duration_ms: int
    is_offline: bool


def is_offline_provider() -> bool:
    """Say whether rules of thumb answer in place of a model."""
    return provider_for(assistant_settings()).is_offline


def who_answers() -> str:
    """Name the provider, its model and its address: answers of another are not reused."""
    provider = provider_for(assistant_settings())
    return f"{provider.name}\n{provider.model}\n{provider.limit_key}"


def ask(
    *,
    purpose: str,
    prompt: RenderedPrompt,
    answer_type: type[AnswerT],
    offline_answer: Callable[[], AnswerT],
    subject_id: int | None,
    now: datetime,
    provider: Provider | None = None,
) -> Answer[AnswerT]:
    """Put one question to the organization's provider, and return its parsed answer.

    `provider` answers in its place, where given: another model of it that is being compared.

    Raises NoAnswerError where another try will not help (a refusal, a used up budget), and
    ModelBusyError where one may. Never runs inside a transaction: a model may take a minute.
    """
    with transaction.atomic(durable=True):
        """Refuses to open inside another transaction, that of a test case aside."""
    limits = assistant_settings()
    calls: list[ModelCall] = []
    question = Question(
        purpose=purpose,
        prompt_version=prompt.version,
        subject_id=subject_id,
        provider=provider or provider_for(limits),
        settings=limits,
        now=now,
    )
    conversation = Conversation(
        provider=question.provider,
        turns=turns_of_all_workers,
        note=functools.partial(_record, question, calls),
        before_each=functools.partial(_require_budget, question),
    )
    request = request_for(prompt=prompt, answer_type=answer_type, offline_answer=offline_answer)
    try:
        answered = conversation.converse(request=request, answer_type=answer_type)
    except UnansweredError as error:
        raise NoAnswerError(
            outcome=error.outcome, detail=error.detail, call=error.note, cost_usd=_cost(calls)
        ) from error
    return Answer(
        value=answered.value,
        call=answered.note,
        is_offline=question.provider.is_offline,
        cost_usd=_cost(calls),
    )


def ask_unrecorded(
    *,
    prompt: RenderedPrompt,
    answer_type: type[AnswerT],
    offline_answer: Callable[[], AnswerT],
    provider: Provider,
) -> UnrecordedAnswer[AnswerT]:
    """Put one question to `provider` and keep no record: no database, no Valkey, no budget.

    Raises NoAnswerError without a call, and ModelBusyError. At most ASSISTANT_CONCURRENCY
    questions of this process are asked at one moment.
    """
    attempts: list[Attempt] = []
    conversation: Conversation[None] = Conversation(
        provider=provider,
        turns=turns_of_this_process,
        note=attempts.append,
        before_each=lambda: None,
    )
    request = request_for(prompt=prompt, answer_type=answer_type, offline_answer=offline_answer)
    try:
        answered = conversation.converse(request=request, answer_type=answer_type)
    except UnansweredError as error:
        raise NoAnswerError(outcome=error.outcome, detail=error.detail, call=None) from error
    usage = _sum_of(attempts)
    return UnrecordedAnswer(
        value=answered.value,
        usage=usage,
        cost_usd=cost_of(usage, prices()),
        duration_ms=sum(attempt.duration_ms for attempt in attempts),
        is_offline=provider.is_offline,
    )


def _cost(calls: list[ModelCall]) -> Decimal:
    return sum((call.cost_usd for call in calls), Decimal(0))


def _record(question: Question, calls: list[ModelCall], attempt: Attempt) -> ModelCall:
    call = record_call(question=question, attempt=attempt)
    calls.append(call)
    if attempt.outcome not in {Outcome.ANSWERED, Outcome.REPAIRED}:
        logger.info("llm.call.failed id=%s outcome=%s", call.pk, attempt.outcome)
    return call


def _require_budget(question: Question) -> None:
    """Raise UnansweredError, with a recorded call that cost nothing, where the budget is used up.

    Rules of thumb cost nothing and go on.
    """
    if question.provider.is_offline:
        return
    try:
        require_budget(question.now, question.settings)
    except OverBudgetError as error:
        call = record_refusal(question=question, outcome=Outcome.OVER_BUDGET, detail=error.detail)
        raise UnansweredError(
            outcome=Outcome.OVER_BUDGET, detail=error.detail, note=call
        ) from error


def _sum_of(attempts: list[Attempt]) -> Usage:
    return Usage(
        input_tokens=sum(attempt.usage.input_tokens for attempt in attempts),
        cached_tokens=sum(attempt.usage.cached_tokens for attempt in attempts),
        output_tokens=sum(attempt.usage.output_tokens for attempt in attempts),
    )
