"""Trying a provider before it is used: one small question, and the exact reason of a failure.

A person waits for it, so nothing is tried twice and nothing waits for a slot. It is recorded as any
other call, and is not held by the monthly budget: who has used it up may still repair a provider.
"""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from pydantic import BaseModel, ConfigDict

from core.encryption import CredentialUnreadableError
from core.redaction import redact
from llm.answers import UnfitAnswerError, parse_answer
from llm.calls import Question, record_call
from llm.configuration import assistant_settings
from llm.conversation import UNFINISHED, Attempt, request_for
from llm.models import AssistantSettings, Outcome, ProviderKind
from llm.prompts import load_prompt
from llm.providers.base import (
    Provider,
    ProviderError,
    ProviderReply,
    ProviderRequest,
    Retry,
    Usage,
)
from llm.providers.openai import OpenAIProvider, target_of_settings
from llm.providers.registry import installation_provider, own_target

PURPOSE = "connection_test"
TIMEOUT_SECONDS = 10.0
# How often a server may refuse a parameter before we believe that it means it.
MAX_ROUNDS = 4
PROMPT = load_prompt(Path(__file__).with_name("connection_test.md")).render()


class TrialAnswer(BaseModel):
    """What the model says to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    works: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How a trial went; `reason` is a sentence either way."""

    is_good: bool
    reason: str


def try_provider(*, wanted: AssistantSettings, now: datetime) -> Trial:
    """Put a small question to the provider that `wanted` names, saved or not."""
    try:
        with _provider(wanted) as provider:
            if provider.is_offline:
                return Trial(is_good=True, reason="No model is set up: rules of thumb judge here.")
            return _try(provider, now=now)
    except CredentialUnreadableError as error:
        return Trial(is_good=False, reason=error.detail)


@contextlib.contextmanager
def _provider(wanted: AssistantSettings) -> Iterator[Provider]:
    is_own = wanted.provider != ProviderKind.INSTALLATION
    if not is_own and settings.ASSISTANT_PROVIDER != "openai":
        yield installation_provider()
        return
    with contextlib.closing(
        OpenAIProvider(
            target=own_target(wanted) if is_own else target_of_settings(),
            timeout_seconds=TIMEOUT_SECONDS,
            output_limit_tokens=settings.ASSISTANT_OUTPUT_LIMIT_TOKENS,
        )
    ) as provider:
        yield provider


def _try(provider: Provider, *, now: datetime) -> Trial:
    request = request_for(
        prompt=PROMPT,
        answer_type=TrialAnswer,
        offline_answer=lambda: TrialAnswer(works=True),
    )
    started = time.monotonic()
    reply, outcome, problem = _ask(provider, request)
    duration_ms = int((time.monotonic() - started) * 1000)
    attempt = Attempt(
        messages=request.messages,
        response=(reply.text or reply.raw) if reply else "",
        usage=reply.usage if reply else Usage(),
        duration_ms=duration_ms,
        outcome=outcome,
        error=problem,
    )
    question = Question(
        purpose=PURPOSE,
        prompt_version=PROMPT.version,
        subject_id=None,
        provider=provider,
        settings=assistant_settings(),
        now=now,
    )
    record_call(question=question, attempt=attempt)
    if problem:
        return Trial(is_good=False, reason=redact(problem))
    seconds = f"{duration_ms / 1000:.1f}"
    return Trial(is_good=True, reason=f"{provider.model} answered in {seconds} seconds.")


def _ask(provider: Provider, request: ProviderRequest) -> tuple[ProviderReply | None, Outcome, str]:
    """Return the reply, how it ended, and what is wrong with it; blank where nothing is."""
    try:
        reply = _complete(provider, request)
    except ProviderError as error:
        return None, error.outcome, _in_words(error)
    if reply.finish in UNFINISHED:
        return reply, *UNFINISHED[reply.finish]
    try:
        parse_answer(reply.text, TrialAnswer)
    except UnfitAnswerError as error:
        problem = f"The provider answers, but not with the JSON asked for: {reply.flaw or error}"
        return reply, Outcome.INVALID, problem
    return reply, Outcome.ANSWERED, ""


def _complete(provider: Provider, request: ProviderRequest) -> ProviderReply:
    for _round in range(MAX_ROUNDS - 1):
        try:
            return provider.complete(request)
        except ProviderError as error:
            if error.retry is not Retry.AT_ONCE:
                raise
    return provider.complete(request)


def _in_words(error: ProviderError) -> str:
    if error.outcome == Outcome.TIMEOUT:
        return f"The provider gave no answer within {TIMEOUT_SECONDS:.0f} seconds."
    return error.detail
