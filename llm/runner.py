"""Asking a model: redact, call, parse, repair once, retry a little, and record every try."""

import functools
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Generic

from django.conf import settings
from django.db import transaction
from pydantic import BaseModel

from core.errors import ProblemError
from core.redaction import redact
from llm.answers import AnswerT, UnfitAnswerError, instructions, parse_answer, strict_schema
from llm.calls import Question, record_call, storable
from llm.models import ModelCall, Outcome
from llm.prompts import RenderedPrompt
from llm.providers.base import (
    Finish,
    Message,
    ProviderError,
    ProviderReply,
    ProviderRequest,
    Retry,
    Role,
    Usage,
)
from llm.providers.registry import current_provider
from llm.turns import ModelBusyError, complete_in_turn

__all__ = ["Answer", "ModelBusyError", "NoAnswerError", "ask", "is_offline_provider"]

QUICK_RETRIES = 2
MAX_QUICK_WAIT_SECONDS = 5.0
MAX_QUOTED_CHARACTERS = 4000
UNFINISHED = {
    Finish.REFUSED: (Outcome.REFUSED, "The model refused to answer."),
    Finish.TRUNCATED: (Outcome.TRUNCATED, "The model's answer was cut off at its length limit."),
}

logger = logging.getLogger(__name__)


class NoAnswerError(ProblemError):
    """The model gave no usable answer, and asking again would not help."""

    code = "no_answer"
    status = HTTPStatus.BAD_GATEWAY

    def __init__(self, *, outcome: Outcome, detail: str, call: ModelCall) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.call = call


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[AnswerT]):
    """A parsed answer, and the call that gave it."""

    value: AnswerT
    call: ModelCall
    is_offline: bool


def is_offline_provider() -> bool:
    """Say whether rules of thumb answer in place of a model."""
    return current_provider().is_offline


def ask(
    *,
    purpose: str,
    prompt: RenderedPrompt,
    answer_type: type[AnswerT],
    offline_answer: Callable[[], AnswerT],
    subject_id: int | None,
    now: datetime,
) -> Answer[AnswerT]:
    """Put one question to the provider of the settings, and return its parsed answer.

    Raises NoAnswerError where another try will not help, and ModelBusyError where one may.
    Never runs inside a transaction: a model may take a minute.
    """
    with transaction.atomic(durable=True):
        """Refuses to open inside another transaction, that of a test case aside."""
    question = Question(
        purpose=purpose,
        prompt_version=prompt.version,
        subject_id=subject_id,
        provider=current_provider(),
        now=now,
    )
    request = ProviderRequest(
        messages=(
            _system_message(prompt.system, answer_type),
            _outgoing("user", prompt.user),
        ),
        schema_name=answer_type.__name__,
        schema=strict_schema(answer_type),
        offline_answer=lambda: offline_answer().model_dump_json(),
    )
    return _converse(question=question, request=request, answer_type=answer_type)


@functools.lru_cache(maxsize=16)
def _system_message(system: str, answer_type: type[BaseModel]) -> Message:
    """Return the part that all questions of one kind share, redacted once."""
    return _outgoing("system", f"{system}\n\n{instructions(answer_type)}")


def _outgoing(role: Role, text: str) -> Message:
    """Return a message that may leave the house: no secrets, and nothing that cannot be sent."""
    return Message(role=role, text=storable(redact(text)))


def _converse(
    *, question: Question, request: ProviderRequest, answer_type: type[AnswerT]
) -> Answer[AnswerT]:
    """Ask, and where the answer does not fit, ask once more and say why."""
    first = _exchange(question=question, request=request, answer_type=answer_type)
    if isinstance(first, Answer):
        return first
    request = _asked_again(request, unfit=first)
    second = _exchange(
        question=question, request=request, answer_type=answer_type, good=Outcome.REPAIRED
    )
    if isinstance(second, Answer):
        return second
    detail = "The model's answer did not fit what was asked for, nor did a second one."
    raise NoAnswerError(outcome=Outcome.INVALID, detail=detail, call=second.call)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unfit:
    """An answer that cannot be used, and what is wrong with it."""

    text: str
    problem: str
    call: ModelCall


def _exchange(
    *,
    question: Question,
    request: ProviderRequest,
    answer_type: type[AnswerT],
    good: Outcome = Outcome.ANSWERED,
) -> Answer[AnswerT] | _Unfit:
    """Get one reply, judge and record it. Raises NoAnswerError for a refusal or a cut answer."""
    reply, duration_ms = _reply_to(question=question, request=request)
    record = functools.partial(
        record_call,
        question=question,
        messages=request.messages,
        response=reply.text or reply.raw,
        usage=reply.usage,
        duration_ms=duration_ms,
    )
    if reply.finish in UNFINISHED:
        outcome, detail = UNFINISHED[reply.finish]
        raise NoAnswerError(outcome=outcome, detail=detail, call=record(outcome=outcome))
    try:
        value = parse_answer(storable(reply.text), answer_type)
    except UnfitAnswerError as error:
        problem = reply.flaw or str(error)
        call = record(outcome=Outcome.INVALID, error=problem)
        return _Unfit(text=reply.text, problem=problem, call=call)
    is_offline = question.provider.is_offline
    return Answer(value=value, call=record(outcome=good), is_offline=is_offline)


def _asked_again(request: ProviderRequest, *, unfit: _Unfit) -> ProviderRequest:
    # Some servers refuse an empty message of the assistant.
    quoted = [_outgoing("assistant", unfit.text[:MAX_QUOTED_CHARACTERS])] if unfit.text else []
    told = f"This answer cannot be used: {unfit.problem}\nGive the whole JSON object again."
    return replace(request, messages=(*request.messages, *quoted, _outgoing("user", told)))


def _reply_to(*, question: Question, request: ProviderRequest) -> tuple[ProviderReply, int]:
    """Return the reply and its duration in milliseconds; record each try that got none."""
    failures = 0
    while True:
        try:
            return complete_in_turn(provider=question.provider, request=request)
        except ProviderError as error:
            call = record_call(
                question=question,
                messages=request.messages,
                response="",
                usage=Usage(),
                duration_ms=error.duration_ms,
                outcome=error.outcome,
                error=error.detail,
            )
            logger.info("llm.call.failed id=%s outcome=%s", call.id, error.outcome)
            if error.retry is Retry.NEVER:
                detail = redact(error.detail)
                raise NoAnswerError(outcome=error.outcome, detail=detail, call=call) from error
            if error.retry is not Retry.AT_ONCE:
                failures += 1
                time.sleep(_seconds_before_retry(error, failures=failures))


def _seconds_before_retry(error: ProviderError, *, failures: int) -> float:
    """Return the pause before the next quick try. Raises ModelBusyError where there is none."""
    jitter = random.uniform(0.5, 1.5)  # noqa: S311 no secret
    pause: float = settings.ASSISTANT_BACKOFF_SECONDS * 2 ** (failures - 1) * jitter
    pause = max(pause, error.retry_after_seconds or 0.0)
    if error.retry is Retry.LATER or failures > QUICK_RETRIES or pause > MAX_QUICK_WAIT_SECONDS:
        detail = redact(error.detail)
        raise ModelBusyError(detail, retry_after_seconds=error.retry_after_seconds) from error
    return pause
