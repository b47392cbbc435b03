"""A small question, and how it is put."""

import functools
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from llm.prompts import RenderedPrompt
from llm.runner import ask

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PROMPT = RenderedPrompt(system="You judge.", user="Is this safe?", version="v" * 64)
GOOD = {"conclusion": "needs_review", "confidence": 0.5, "quotes": []}


class Quote(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    text: str = Field(min_length=1, max_length=200)
    line: int | None = None


class Judgment(BaseModel):
    """What is thought of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    conclusion: Literal["true_positive", "needs_review"]
    confidence: float = Field(ge=0, le=1, description="How sure.")
    quotes: tuple[Quote, ...] = Field(max_length=3)


OFFLINE = Judgment(conclusion="true_positive", confidence=0.25, quotes=())

ask_it = functools.partial(
    ask,
    purpose="judge",
    prompt=PROMPT,
    answer_type=Judgment,
    offline_answer=lambda: OFFLINE,
    subject_id=7,
    now=NOW,
)
