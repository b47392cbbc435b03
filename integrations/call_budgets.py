"""How many calls a code host still takes from a connection, as its last answers said.

What is known lies in the cache, per connection: a lost cache forgets it, and the next answer
tells anew. Reading in the background leaves a reserve, so that comments and commands get through.
"""

import contextlib
import time
from collections.abc import Iterator
from datetime import datetime

from django.core.cache import cache

from integrations.codehosts import CodeHostBusyError

RESERVE_FOR_PEOPLE = 200
"""Calls of an hour that reading in the background leaves alone."""
_LONGEST_PAUSE_SECONDS = 3600.0
_BUSY = "The code host takes no more calls from this connection for now."


def note_limits(
    connection_id: int,
    *,
    remaining: int | None = None,
    reset_at: datetime | None = None,
    retry_after_seconds: float | None = None,
) -> None:
    """Remember what an answer said: calls left until a moment, or a pause that it asks for."""
    now = time.time()
    with _cache_or_nothing():
        if remaining is not None and reset_at is not None:
            seconds = _bounded(reset_at.timestamp() - now)
            cache.set(_key(connection_id, "left"), (remaining, now + seconds), timeout=seconds)
        if retry_after_seconds is not None:
            seconds = _bounded(retry_after_seconds)
            cache.set(_key(connection_id, "pause"), now + seconds, timeout=seconds)


def require_room(connection_id: int, *, reserve: int) -> None:
    """Raise CodeHostBusyError, without a call, where a call would go into `reserve` or a pause."""
    now = time.time()
    pause_ends_at, left, resets_at = 0.0, reserve + 1, 0.0
    with _cache_or_nothing():
        pause_ends_at = cache.get(_key(connection_id, "pause"), 0.0)
        left, resets_at = cache.get(_key(connection_id, "left"), (reserve + 1, 0.0))
    if pause_ends_at > now:
        raise CodeHostBusyError(_BUSY, retry_after_seconds=pause_ends_at - now)
    if left <= reserve and resets_at > now:
        raise CodeHostBusyError(_BUSY, retry_after_seconds=resets_at - now)


def _bounded(seconds: float) -> float:
    return min(max(seconds, 1.0), _LONGEST_PAUSE_SECONDS)


def _key(connection_id: int, what: str) -> str:
    return f"call-budget:{connection_id}:{what}"


@contextlib.contextmanager
def _cache_or_nothing() -> Iterator[None]:
    # Whatever a cache that is away raises: it is no reason not to read code.
    with contextlib.suppress(Exception):
        yield
