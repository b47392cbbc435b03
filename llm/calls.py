"""The log of calls: each question put to a model, its answer and its cost."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.redaction import redact
from llm.costs import cost_of, prices
from llm.models import ModelCall, Outcome
from llm.providers.base import Message, Provider, Usage

RETENTION = timedelta(days=182)
MAX_DURATION_MS = 2_147_483_647


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What stays the same over all tries of one question."""

    purpose: str
    prompt_version: str
    subject_id: int | None
    provider: Provider
    now: datetime


def storable(text: str) -> str:
    """Return `text` without what PostgreSQL cannot store: NUL and halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


def record_call(
    *,
    question: Question,
    messages: Sequence[Message],
    response: str,
    usage: Usage,
    duration_ms: int,
    outcome: Outcome,
    error: str = "",
) -> ModelCall:
    """Store one try, whatever became of it."""
    call: ModelCall = ModelCall.objects.create(
        purpose=question.purpose,
        subject_id=question.subject_id,
        provider=question.provider.name,
        model=question.provider.model,
        prompt_version=question.prompt_version,
        request=_as_json(messages),
        response=storable(response),
        input_tokens=usage.input_tokens,
        cached_tokens=usage.cached_tokens,
        output_tokens=usage.output_tokens,
        cost_usd=cost_of(usage, prices()),
        duration_ms=min(duration_ms, MAX_DURATION_MS),
        outcome=outcome,
        error=storable(redact(error))[:1000],
        created_at=question.now,
        expires_at=question.now + RETENTION,
    )
    return call


def _as_json(messages: Sequence[Message]) -> str:
    told = [{"role": message.role, "content": message.text} for message in messages]
    return json.dumps(told, ensure_ascii=False)
