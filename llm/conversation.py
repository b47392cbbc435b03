"""One question to a provider: parsed, repaired once, tried again a little; each try is noted.

Knows no database: who asks says how a try is noted, and what is looked at before each one.
"""

import functools
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from django.conf import settings
from pydantic import BaseModel

from core.redaction import redact
from llm.answers import AnswerT, UnfitAnswerError, instructions, parse_answer, strict_schema
from llm.models import Outcome
from llm.prompts import RenderedPrompt
from llm.providers.base import (
    Finish,
    Message,
    Provider,
    ProviderError,
    ProviderReply,
    ProviderRequest,
    Retry,
    Role,
    Usage,
)
from llm.texts import storable
from llm.turns import ModelBusyError, Turns, complete_in_turn

QUICK_RETRIES = 2
MAX_QUICK_WAIT_SECONDS = 5.0
MAX_QUOTED_CHARACTERS = 4000
UNFINISHED = {
    Finish.REFUSED: (Outcome.REFUSED, "The model refused to answer."),
    Finish.TRUNCATED: (Outcome.TRUNCATED, "The model's answer was cut off at its length limit."),
}
NoteT = TypeVar("NoteT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try, whatever became of it."""

    messages: Sequence[Message]
    response: str
    usage: Usage
    duration_ms: int
    outcome: Outcome
    error: str = ""


class UnansweredError(Exception, Generic[NoteT]):
    """No usable answer, and asking again would not help; `note` is that of the last try."""

    def __init__(self, *, outcome: Outcome, detail: str, note: NoteT) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.detail = detail
        self.note = note


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Generic[AnswerT, NoteT]):
    """A parsed answer, and the note of the try that gave it."""

    value: AnswerT
    note: NoteT


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation(Generic[NoteT]):
    """How one question is asked: of whom, in which turn, and what becomes of each try."""

    provider: Provider
    turns: Turns
    note: Callable[[Attempt], NoteT]
    before_each: Callable[[], None]

    def converse(
        self, *, request: ProviderRequest, answer_type: type[AnswerT]
    ) -> Answered[AnswerT, NoteT]:
        """Ask, and where the answer does not fit, ask once more and say why.

        Raises UnansweredError, and ModelBusyError where another try may help.
        """
        first = self._exchange(request=request, answer_type=answer_type, good=Outcome.ANSWERED)
        if isinstance(first, Answered):
            return first
        request = _asked_again(request, text=first.text, problem=first.problem)
        second = self._exchange(request=request, answer_type=answer_type, good=Outcome.REPAIRED)
        if isinstance(second, Answered):
            return second
        detail = "The model's answer did not fit what was asked for, nor did a second one."
        raise UnansweredError(outcome=Outcome.INVALID, detail=detail, note=second.note)

    def _exchange(
        self, *, request: ProviderRequest, answer_type: type[AnswerT], good: Outcome
    ) -> "Answered[AnswerT, NoteT] | _Unfit[NoteT]":
        """Get one reply, judge and note it. Raises UnansweredError for a refusal or a cut one."""
        reply, duration_ms = self._reply_to(request)

        def note(outcome: Outcome, error: str = "") -> NoteT:
            return self.note(
                Attempt(
                    messages=request.messages,
                    response=reply.text or reply.raw,
                    usage=reply.usage,
                    duration_ms=duration_ms,
                    outcome=outcome,
                    error=error,
                )
            )

        if reply.finish in UNFINISHED:
            outcome, detail = UNFINISHED[reply.finish]
            raise UnansweredError(outcome=outcome, detail=detail, note=note(outcome))
        try:
            value = parse_answer(storable(reply.text), answer_type)
        except UnfitAnswerError as error:
            problem = reply.flaw or str(error)
            return _Unfit(
                text=reply.text, problem=problem, note=note(Outcome.INVALID, error=problem)
            )
        return Answered(value=value, note=note(good))

    def _reply_to(self, request: ProviderRequest) -> tuple[ProviderReply, int]:
        """Return the reply and its duration in milliseconds; note each try that got none."""
        failures = 0
        while True:
            self.before_each()
            try:
                return complete_in_turn(provider=self.provider, request=request, turns=self.turns)
            except ProviderError as error:
                note = self.note(_failed(request, error))
                if error.retry is Retry.NEVER:
                    detail = redact(error.detail)
                    raise UnansweredError(
                        outcome=error.outcome, detail=detail, note=note
                    ) from error
                if error.retry is not Retry.AT_ONCE:
                    failures += 1
                    time.sleep(_seconds_before_retry(error, failures=failures))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unfit(Generic[NoteT]):
    """An answer that cannot be used, and what is wrong with it."""

    text: str
    problem: str
    note: NoteT


def outgoing(role: Role, text: str) -> Message:
    """Return a message that may leave the house: no secrets, and nothing that cannot be sent."""
    return Message(role=role, text=storable(redact(text)))


def request_for(
    *, prompt: RenderedPrompt, answer_type: type[AnswerT], offline_answer: Callable[[], AnswerT]
) -> ProviderRequest:
    """Return a prompt as it is sent."""
    system = _system_message(prompt.system, answer_type)
    return ProviderRequest(
        messages=(system, outgoing("user", prompt.user)),
        schema_name=answer_type.__name__,
        schema=strict_schema(answer_type),
        offline_answer=lambda: offline_answer().model_dump_json(),
    )


@functools.lru_cache(maxsize=16)
def _system_message(system: str, answer_type: type[BaseModel]) -> Message:
    """Return the part that all questions of one kind share, redacted once."""
    return outgoing("system", f"{system}\n\n{instructions(answer_type)}")


def _asked_again(request: ProviderRequest, *, text: str, problem: str) -> ProviderRequest:
    # Some servers refuse an empty message of the assistant.
    quoted = [outgoing("assistant", text[:MAX_QUOTED_CHARACTERS])] if text else []
    told = f"This answer cannot be used: {problem}\nGive the whole JSON object again."
    return replace(request, messages=(*request.messages, *quoted, outgoing("user", told)))


def _failed(request: ProviderRequest, error: ProviderError) -> Attempt:
    return Attempt(
        messages=request.messages,
        response="",
        usage=Usage(),
        duration_ms=error.duration_ms,
        outcome=error.outcome,
        error=error.detail,
    )


def _seconds_before_retry(error: ProviderError, *, failures: int) -> float:
    """Return the pause before the next quick try. Raises ModelBusyError where there is none."""
    jitter = random.uniform(0.5, 1.5)  # noqa: S311 no secret
    pause: float = settings.ASSISTANT_BACKOFF_SECONDS * 2 ** (failures - 1) * jitter
    pause = max(pause, error.retry_after_seconds or 0.0)
    if error.retry is Retry.LATER or failures > QUICK_RETRIES or pause > MAX_QUICK_WAIT_SECONDS:
        detail = redact(error.detail)
        raise ModelBusyError(detail, retry_after_seconds=error.retry_after_seconds) from error
    return pause
