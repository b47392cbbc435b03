"""What GitLab's refusals are in our words, and what people can do about them."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from core.guarded_requests import (
    AnswerTooLargeError,
    CallFailedError,
    CertificateRefusedError,
    ForbiddenAddressError,
    Response,
)
from core.redaction import redact
from integrations.call_budgets import note_limits
from integrations.codehosts import CodeHostBusyError
from integrations.review_hosts import AccessLostError, GoneError, ReviewRefusedError

_LONGEST_WORDS = 200
_PAUSE_WITHOUT_A_WORD_SECONDS = 60.0


class InvalidRequestError(ReviewRefusedError):
    """GitLab took the request for wrong (400, 409, 413, 422); `words` are GitLab's."""

    def __init__(self, detail: str, *, words: str = "", field: str | None = None) -> None:
        super().__init__(detail, field=field)
        self.words = words


class LongAnswerError(ReviewRefusedError):
    """GitLab's answer is larger than what we read of one."""


class MissingError(GoneError):
    """GitLab does not show it (404); `words` say what, where it tells."""

    def __init__(self, detail: str, *, words: str = "") -> None:
        super().__init__(detail)
        self.words = words


class ReadForbiddenError(ReviewRefusedError):
    """The token's role in this one project does not let it read this (403)."""


class WriteForbiddenError(ReviewRefusedError):
    """The token's role does not let it write this (403), or nobody may write there."""


def look_at_answer(connection_id: int | None, answer: Response) -> None:
    """Remember what an answer says of the calls that are left; raise where it means: later.

    https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers
    """
    pause = _number(answer.headers.get("Retry-After"))
    is_limited = answer.status_code == 429
    if is_limited and pause is None:
        pause = _PAUSE_WITHOUT_A_WORD_SECONDS
    if connection_id is not None:
        _note(connection_id, answer.headers, pause if is_limited else None)
    if is_limited:
        raise CodeHostBusyError(
            "GitLab takes no more calls from this connection for now.",
            retry_after_seconds=max(pause or 0.0, 1.0),
        )
    if answer.status_code >= 500:
        raise CodeHostBusyError(
            f"GitLab has an error of its own (status {answer.status_code}).",
            retry_after_seconds=pause,
        )


def refusal(*, status: int, told: object, is_write: bool) -> Exception:
    """Return the error that a refused call means; `told` is GitLab's message."""
    words = words_of(told)
    match status:
        case 401:
            return AccessLostError(
                "GitLab no longer accepts the connection's token: it was revoked or has expired."
                " Enter a new one."
            )
        case 403:
            return _forbidden(words=words, is_write=is_write)
        case 404 | 410:
            return MissingError(
                "GitLab does not show this (any more): it was deleted or moved, or the token has no"
                " access. Give the token's bot access to the project.",
                words=words,
            )
        case 400 | 409 | 413 | 422:
            return InvalidRequestError(f"GitLab refuses this: {words}", words=words)
    if 300 <= status < 400:
        return MissingError(
            "GitLab says that this is at another address now; check the connection's base URL and"
            " the project's name."
        )
    return ReviewRefusedError(f"GitLab refuses this (status {status}): {words}")


def no_answer(error: CallFailedError) -> Exception:
    """Return the error that a call without an answer means; it holds nothing of the request."""
    if isinstance(error, ForbiddenAddressError):
        return AccessLostError(f"base_url: {error}", field="base_url")
    if isinstance(error, AnswerTooLargeError):
        return LongAnswerError("GitLab's answer is larger than what is read of one.")
    if isinstance(error, CertificateRefusedError):
        return AccessLostError(
            "ca_bundle: the certificate of the GitLab server cannot be verified; enter the"
            " certificate authorities of your company in the connection.",
            field="ca_bundle",
        )
    return CodeHostBusyError("GitLab did not answer in time or not at all.")


def words_of(told: object) -> str:
    """Return a message of GitLab (text, list or mapping) on one short line."""
    if isinstance(told, bytes):
        told = told.decode("utf-8", "replace")
    if isinstance(told, Mapping):
        told = "; ".join(f"{name}: {words_of(one)}" for name, one in told.items())
    if isinstance(told, list | tuple):
        told = "; ".join(words_of(one) for one in told)
    line = " ".join(str(told or "").split())
    shown = "".join(character for character in line if character.isprintable())
    return redact(shown)[:_LONGEST_WORDS] or "no reason given"


def _forbidden(*, words: str, is_write: bool) -> Exception:
    if "insufficient_scope" in words:
        return AccessLostError(
            "GitLab says that the token's scope is not enough. Make a token with the scope api,"
            " and enter it."
        )
    if is_write:
        # A locked conversation or an archived project is no fault of the connection.
        return WriteForbiddenError(
            "GitLab does not allow the token to write this. The token's bot needs the role"
            " Developer in the project, which must not be archived, nor the conversation locked."
        )
    return ReadForbiddenError(
        "GitLab does not allow this to the token. Its bot needs the role Developer in the project."
    )


def _note(connection_id: int, headers: Mapping[str, str], pause: float | None) -> None:
    remaining = _number(headers.get("RateLimit-Remaining"))
    reset = _number(headers.get("RateLimit-Reset"))
    if remaining is not None and reset is not None:
        reset_at = datetime.fromtimestamp(min(reset, time.time() + 86_400), tz=UTC)
        note_limits(connection_id, remaining=int(remaining), reset_at=reset_at)
    if pause is not None:
        note_limits(connection_id, retry_after_seconds=pause)


def _number(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdigit() else None
