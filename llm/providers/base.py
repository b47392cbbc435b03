"""What a provider of models is: one question in, one reply or one error out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal, Protocol

from llm.models import Outcome

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a conversation."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRequest:
    """One question: the messages exactly as they are sent, and the shape of the answer."""

    messages: tuple[Message, ...]
    schema_name: str
    schema: Mapping[str, Any] = field(repr=False)
    offline_answer: Callable[[], str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one call; the cached ones are part of the input."""

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0


class Finish(Enum):
    """Why the model stopped."""

    COMPLETE = "complete"
    TRUNCATED = "truncated"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderReply:
    """What came back. `flaw` says why there is no text to parse, where there is none."""

    text: str
    finish: Finish = Finish.COMPLETE
    usage: Usage = Usage()
    flaw: str = ""
    raw: str = ""


class Retry(Enum):
    """Whether, and when, the same question is worth asking again."""

    NEVER = "never"
    LATER = "later"
    SOON = "soon"
    AT_ONCE = "at_once"


class ProviderError(Exception):
    """No reply. AT_ONCE: the provider has changed how it asks, which it may do a few times only."""

    def __init__(
        self,
        outcome: Outcome,
        detail: str,
        *,
        retry: Retry,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.detail = detail
        self.retry = retry
        self.retry_after_seconds = retry_after_seconds
        self.duration_ms = 0


class Provider(Protocol):
    """Answers questions. One instance serves all threads of a process."""

    @property
    def name(self) -> str:
        """The word for its kind, kept with each call."""

    @property
    def model(self) -> str:
        """Which model answers."""

    @property
    def limit_key(self) -> str:
        """Calls of one key share a limit; an empty one has no limit."""

    @property
    def is_offline(self) -> bool:
        """Whether no model is asked at all."""

    def with_model(self, model: str) -> "Provider":
        """Return the same provider with another of its models."""

    def complete(self, request: ProviderRequest) -> ProviderReply:
        """Ask once. Raises ProviderError."""
