"""The log of calls: each question put to a model, its answer and its cost."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.redaction import redact
from llm.conversation import Attempt
from llm.costs import cost_of, prices
from llm.models import AssistantSettings, LogMode, ModelCall, Outcome, TextState
from llm.providers.base import Message, Provider, Usage
from llm.texts import storable

MAX_DURATION_MS = 2_147_483_647
MAX_ERROR_CHARACTERS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What stays the same over all tries of one question."""

    purpose: str
    prompt_version: str
    subject_id: int | None
    provider: Provider
    settings: AssistantSettings
    now: datetime


def record_call(*, question: Question, attempt: Attempt) -> ModelCall:
    """Store one try, whatever became of it; its texts only where the organization keeps them."""
    keeps_texts = question.settings.log_mode == LogMode.FULL
    # What is wrong with an answer is said in the answer's own words.
    keeps_error = keeps_texts or attempt.outcome != Outcome.INVALID
    call: ModelCall = ModelCall.objects.create(
        purpose=question.purpose,
        subject_id=question.subject_id,
        provider=question.provider.name,
        model=question.provider.model,
        prompt_version=question.prompt_version,
        request=_as_json(attempt.messages) if keeps_texts else "",
        response=storable(attempt.response) if keeps_texts else "",
        text_state=TextState.KEPT if keeps_texts else TextState.NEVER_KEPT,
        input_tokens=attempt.usage.input_tokens,
        cached_tokens=attempt.usage.cached_tokens,
        output_tokens=attempt.usage.output_tokens,
        cost_usd=cost_of(attempt.usage, prices()),
        duration_ms=min(attempt.duration_ms, MAX_DURATION_MS),
        outcome=attempt.outcome,
        error=storable(redact(attempt.error))[:MAX_ERROR_CHARACTERS] if keeps_error else "",
        created_at=question.now,
        expires_at=question.now + timedelta(days=question.settings.retention_days),
    )
    return call


def record_refusal(*, question: Question, outcome: Outcome, detail: str) -> ModelCall:
    """Store that a question was not put at all, and why."""
    nothing = Attempt(
        messages=(), response="", usage=Usage(), duration_ms=0, outcome=outcome, error=detail
    )
    return record_call(question=question, attempt=nothing)


def _as_json(messages: Sequence[Message]) -> str:
    if not messages:
        return ""
    told = [{"role": message.role, "content": message.text} for message in messages]
    return json.dumps(told, ensure_ascii=False)
