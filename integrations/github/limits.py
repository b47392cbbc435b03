"""When GitHub wants to be left alone: its limits, primary and secondary, and its bad hours.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

import time
from datetime import UTC, datetime

from core.guarded_requests import Response
from integrations.call_budgets import note_limits
from integrations.codehosts import CodeHostBusyError

_PAUSE_WITHOUT_A_WORD_SECONDS = 60.0
_SECONDARY = ("secondary rate limit", "abuse detection", "submitted too quickly")


def note_answer(connection_id: int | None, answer: Response) -> None:
    """Remember what an answer says of the calls that are left."""
    if connection_id is None:
        return
    if answer.headers.get("X-RateLimit-Resource", "core") == "core":
        remaining = _number(answer.headers.get("X-RateLimit-Remaining"))
        reset = _number(answer.headers.get("X-RateLimit-Reset"))
        if remaining is not None and reset is not None:
            reset_at = datetime.fromtimestamp(min(reset, time.time() + 86_400), tz=UTC)
            note_limits(connection_id, remaining=int(remaining), reset_at=reset_at)
    if _is_limited(answer):
        note_limits(connection_id, retry_after_seconds=_pause_seconds(answer))


def raise_if_busy(verb: str, answer: Response) -> None:
    """Raise CodeHostBusyError where an answer means: another time."""
    if _is_limited(answer):
        raise CodeHostBusyError(
            "GitHub takes no more calls from this connection for now.",
            retry_after_seconds=_pause_seconds(answer),
        )
    # 202: GitHub is still working it out. PyGithub would wait and ask again, without end.
    is_unfinished = answer.status_code == 202 and verb == "GET"
    if answer.status_code >= 500 or is_unfinished:
        raise CodeHostBusyError(
            f"GitHub has an error of its own (status {answer.status_code}).",
            retry_after_seconds=_number(answer.headers.get("Retry-After")),
        )


def _is_limited(answer: Response) -> bool:
    if answer.status_code == 429:
        return True
    if answer.status_code == 403:
        has_none_left = answer.headers.get("X-RateLimit-Remaining") == "0"
        return has_none_left or "Retry-After" in answer.headers or _is_secondary(answer)
    return answer.status_code == 422 and _is_secondary(answer)


def _is_secondary(answer: Response) -> bool:
    text = answer.text[:2000].lower()
    return any(words in text for words in _SECONDARY)


def _pause_seconds(answer: Response) -> float:
    asked = _number(answer.headers.get("Retry-After"))
    if asked is not None:
        return max(asked, 1.0)
    reset = _number(answer.headers.get("X-RateLimit-Reset"))
    if answer.headers.get("X-RateLimit-Remaining") == "0" and reset is not None:
        return max(reset - time.time(), 1.0)
    return _PAUSE_WITHOUT_A_WORD_SECONDS


def _number(text: str | None) -> float | None:
    # Retry-After may be a date elsewhere; GitHub sends seconds.
    return float(text) if text and text.isascii() and text.isdigit() else None
