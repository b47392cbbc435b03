"""OpenAI and every server that speaks its chat completions.

https://platform.openai.com/docs/api-reference/chat/create. The SDK is told to try once: how often
and when to ask again is the runner's business, which records each try.
"""

import logging
import os
import threading
from dataclasses import replace
from typing import Any, cast

import openai
from django.conf import settings
from openai.types.chat import ChatCompletionMessageParam
from pydantic import BaseModel, ConfigDict, ValidationError

from core.http import AnswerTooLargeError, bounded_client, guarded_client
from llm.models import Outcome
from llm.providers.base import Finish, ProviderError, ProviderReply, ProviderRequest, Retry, Usage
from llm.providers.openai_errors import provider_error, rejected_parameters
from llm.providers.targets import Target

MAX_ANSWER_BYTES = 4_000_000
MAX_TOKENS = 2_147_483_647
# A shorter one is no secret worth a name in the answers; it may be a word of the code.
SHORTEST_KEY_TO_HIDE = 12
# How many providers of organizations keep their connections open in one process.
MAX_PROVIDERS = 64
# The SDK takes these from the environment: the operator's are nobody else's business.
AMBIENT_HEADERS = ("OpenAI-Organization", "OpenAI-Project")

logger = logging.getLogger(__name__)
_providers: "dict[tuple[object, ...], OpenAIProvider]" = {}
_providers_lock = threading.Lock()


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True)
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    model_config = ConfigDict(frozen=True)
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    """The parts of a chat completion that we read; servers add others."""

    model_config = ConfigDict(frozen=True)
    choices: list[_Choice] = []
    usage: Any = None


class OpenAIProvider:
    """One model behind one address. Learns which optional parameters the server refuses."""

    is_offline = False

    def __init__(self, *, target: Target, timeout_seconds: float, output_limit_tokens: int) -> None:
        self._target = target
        self.name = target.name
        self.model = target.model
        self.limit_key = target.limit_key
        self._api_key = target.api_key
        self._output_limit_tokens = output_limit_tokens
        self._refused: frozenset[str] = frozenset()
        self._lock = threading.Lock()
        make_client = guarded_client if target.is_customers else bounded_client
        self._client = openai.OpenAI(
            # Servers on one's own machine want no key, but the SDK does.
            api_key=target.api_key or "none",
            base_url=target.base_url or None,
            default_query=dict(target.query),
            default_headers=_headers_of(target),
            max_retries=0,
            http_client=make_client(timeout_seconds=timeout_seconds, max_bytes=MAX_ANSWER_BYTES),
        )

    def with_model(self, model: str) -> "OpenAIProvider":
        """Return this process's provider for another model at the same address."""
        return from_target(replace(self._target, model=model))

    def complete(self, request: ProviderRequest) -> ProviderReply:
        """Ask once. Raises ProviderError."""
        try:
            return self._without_key(self._complete(request))
        except ProviderError as error:
            if self._api_key and self._api_key in str(error.__cause__):
                error.__cause__ = None  # logs show causes, and this one quotes the key
            raise

    def _without_key(self, reply: ProviderReply) -> ProviderReply:
        """Return a reply that is fit for the log: a server may repeat the key that it was sent."""
        if len(self._api_key) < SHORTEST_KEY_TO_HIDE:
            return reply
        text, raw = (part.replace(self._api_key, "[key]") for part in (reply.text, reply.raw))
        return replace(reply, text=text, raw=raw)

    def _complete(self, request: ProviderRequest) -> ProviderReply:
        optional = self._optional_parameters(request)
        messages = [{"role": message.role, "content": message.text} for message in request.messages]
        try:
            response = self._client.chat.completions.with_raw_response.create(
                model=self.model,
                messages=cast("list[ChatCompletionMessageParam]", messages),
                extra_body=optional,
                # The SDK wants to hear it anew with each question.
                extra_headers={} if self._target.has_bearer else {"Authorization": openai.Omit()},
            )
        except openai.APIConnectionError as error:
            if isinstance(error.__cause__, AnswerTooLargeError):
                detail = f"The provider's answer is larger than {MAX_ANSWER_BYTES} bytes."
                raise ProviderError(Outcome.INVALID, detail, retry=Retry.NEVER) from error
            raise provider_error(error, key=self._api_key) from error
        except openai.APIStatusError as error:
            raise self._after_status(error, sent=optional) from error
        return _reply_of(response.http_response.text)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _optional_parameters(self, request: ProviderRequest) -> dict[str, Any]:
        """Return what not every server takes; in the body as it is, past the SDK's types."""
        optional = {
            "max_completion_tokens": self._output_limit_tokens,
            "response_format": {
                "type": "json_schema",
                "json_schema": {
                    "name": request.schema_name,
                    "strict": True,
                    "schema": dict(request.schema),
                },
            },
        }
        return {name: value for name, value in optional.items() if name not in self._refused}

    def _after_status(self, error: openai.APIStatusError, *, sent: dict[str, Any]) -> ProviderError:
        refused = rejected_parameters(error, sent=sent)
        if not refused:
            return provider_error(error, key=self._api_key)
        with self._lock:
            self._refused |= refused
        logger.info("llm.openai.parameters_refused names=%s", ",".join(sorted(refused)))
        detail = f"The server does not take {', '.join(sorted(refused))}; asked again without."
        return ProviderError(Outcome.REJECTED, detail, retry=Retry.AT_ONCE)


def from_settings() -> OpenAIProvider:
    """Return this process's provider for the settings as they are, with its open connections."""
    return from_target(target_of_settings())


def target_of_settings() -> Target:
    """Return what the operator set up."""
    return Target(
        name="openai",
        base_url=settings.OPENAI_BASE_URL,
        api_key=settings.OPENAI_API_KEY,
        model=settings.ASSISTANT_MODEL,
    )


def from_target(target: Target) -> OpenAIProvider:
    """Return this process's provider for a target, with its open connections."""
    limits: dict[str, Any] = {
        "timeout_seconds": settings.ASSISTANT_TIMEOUT_SECONDS,
        "output_limit_tokens": settings.ASSISTANT_OUTPUT_LIMIT_TOKENS,
    }
    # A forked child must not share its parent's connections.
    key = (os.getpid(), target, *limits.values())
    with _providers_lock:
        # The one used last stands last.
        provider = _providers.pop(key, None) or OpenAIProvider(target=target, **limits)
        _providers[key] = provider
        if len(_providers) > MAX_PROVIDERS:
            # Questions may be under way on it: its connections end with the last of them.
            _providers.pop(next(iter(_providers)))
        return provider


def close_connections() -> None:
    """Close this process's connections; the next question opens new ones."""
    with _providers_lock:
        for provider in _providers.values():
            provider.close()
        _providers.clear()


def _headers_of(target: Target) -> dict[str, Any]:
    headers: dict[str, Any] = dict(target.headers)
    if target.is_customers:
        headers |= dict.fromkeys(AMBIENT_HEADERS, openai.Omit())
    return headers


def _reply_of(body: str) -> ProviderReply:
    try:
        completion = _Completion.model_validate_json(body)
    except ValidationError:
        return ProviderReply(text="", flaw="The reply is not a chat completion.", raw=body)
    usage = _usage_of(completion.usage)
    if not completion.choices:
        return ProviderReply(text="", usage=usage, flaw="The reply has no choices.", raw=body)
    choice = completion.choices[0]
    message = choice.message
    if message.refusal:
        return ProviderReply(text=message.refusal, finish=Finish.REFUSED, usage=usage)
    finish = {"length": Finish.TRUNCATED, "content_filter": Finish.REFUSED}.get(
        choice.finish_reason or "", Finish.COMPLETE
    )
    flaw = "" if message.content else "The reply has no content."
    return ProviderReply(text=message.content or "", finish=finish, usage=usage, flaw=flaw)


def _usage_of(usage: object) -> Usage:
    """Read the tokens; a server that counts strangely must not cost us its answer."""
    if not isinstance(usage, dict):
        return Usage()
    details = usage.get("prompt_tokens_details")
    input_tokens = _count(usage.get("prompt_tokens"))
    cached_tokens = _count(details.get("cached_tokens")) if isinstance(details, dict) else 0
    return Usage(
        input_tokens=input_tokens,
        cached_tokens=min(cached_tokens, input_tokens),
        output_tokens=_count(usage.get("completion_tokens")),
    )


def _count(value: object) -> int:
    return min(max(value, 0), MAX_TOKENS) if isinstance(value, int) else 0
