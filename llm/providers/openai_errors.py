"""What the errors of the openai SDK mean for us."""

import socket
import ssl
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import openai

from core.http import ForbiddenAddressError, NameNotFoundError
from llm.models import Outcome
from llm.providers.base import ProviderError, Retry

MAX_RETRY_AFTER_SECONDS = 3600.0
QUOTA_RETRY_AFTER_SECONDS = 600.0
MAX_DETAIL_CHARACTERS = 500
# How servers that refuse a parameter speak of it.
WORDS_OF_PARAMETERS = {
    "response_format": ("response_format", "json_schema", "structured output", "guided"),
    "max_completion_tokens": ("max_completion_tokens",),
}
# What a status most likely means for whoever set the provider up.
MEANINGS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "it rejects the key",
    HTTPStatus.FORBIDDEN: "the key may not use this model",
    HTTPStatus.NOT_FOUND: "it knows no such model or address",
    HTTPStatus.TOO_MANY_REQUESTS: "it asks us to wait, or its quota is used up",
}
_TEMPORARY = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT})
_REFUSALS = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})


def rejected_parameters(error: openai.APIStatusError, *, sent: Iterable[str]) -> frozenset[str]:
    """Return the optional parameters among `sent` that a refusal speaks of."""
    if error.status_code not in _REFUSALS:
        return frozenset()
    said = error.response.text.lower()
    return frozenset(
        name for name in sent if any(word in said for word in WORDS_OF_PARAMETERS.get(name, ()))
    )


def provider_error(error: openai.APIError, *, key: str) -> ProviderError:
    """Return our error for one of the SDK's; it does not repeat the key that was sent."""
    if isinstance(error, openai.APITimeoutError):
        return ProviderError(
            Outcome.TIMEOUT, "The provider did not answer in time.", retry=Retry.LATER
        )
    if isinstance(error, openai.APIStatusError):
        return _status_error(error, key=key)
    forbidden = next(
        (one for one in _causes(error) if isinstance(one, ForbiddenAddressError)), None
    )
    if forbidden is not None:
        return ProviderError(Outcome.REJECTED, str(forbidden), retry=Retry.NEVER)
    return ProviderError(Outcome.UNAVAILABLE, _connection_detail(error), retry=Retry.SOON)


def _connection_detail(error: BaseException) -> str:
    for cause in _causes(error):
        if isinstance(cause, NameNotFoundError | socket.gaierror):
            return "The provider's name is not known to the name servers (DNS)."
        if isinstance(cause, ConnectionRefusedError):
            return "The provider's machine refuses the connection: nothing listens at that port."
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"The provider's certificate is not trusted (TLS): {cause.verify_message}."
        if isinstance(cause, ssl.SSLError):
            return f"The provider does not speak TLS as it should: {cause.reason}."
    return f"The connection to the provider failed ({type(error.__cause__).__name__})."


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _status_error(error: openai.APIStatusError, *, key: str) -> ProviderError:
    meaning = MEANINGS.get(error.status_code)
    meant = f" ({meaning})" if meaning else ""
    detail = f"The provider answered {error.status_code}{meant}: {_message_of(error, key=key)}"
    wait = _retry_after_seconds(error)
    if error.code == "insufficient_quota":
        wait = max(wait or 0.0, QUOTA_RETRY_AFTER_SECONDS)
    if error.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return ProviderError(
            Outcome.RATE_LIMITED, detail, retry=Retry.SOON, retry_after_seconds=wait
        )
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or error.status_code in _TEMPORARY:
        return ProviderError(
            Outcome.UNAVAILABLE, detail, retry=Retry.SOON, retry_after_seconds=wait
        )
    return ProviderError(Outcome.REJECTED, detail, retry=Retry.NEVER)


def _message_of(error: openai.APIStatusError, *, key: str) -> str:
    message = error.body.get("message") if isinstance(error.body, dict) else None
    said = str(message or error.response.text)
    # Before it is cut: half a key is one that nobody finds any more.
    return (said.replace(key, "[key]") if key else said)[:MAX_DETAIL_CHARACTERS]


def _retry_after_seconds(error: openai.APIStatusError) -> float | None:
    """Read Retry-After: seconds or a date (RFC 9110, section 10.2.3)."""
    text = error.response.headers.get("retry-after", "")
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (_aware(parsedate_to_datetime(text)) - datetime.now(UTC)).total_seconds()
        except ValueError:
            return None
    if seconds != seconds:  # noqa: PLR0124 not a number
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
