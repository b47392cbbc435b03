"""One call in its turn: not while the provider rests, and only with a free slot."""

import contextlib
import functools
import threading
import time
from collections.abc import Callable, Iterator

import redis
from django.conf import settings

from core.errors import TransientError
from llm.breaker import breaker_for
from llm.concurrency import NoFreeSlotError, Slots
from llm.models import Outcome
from llm.providers.base import Provider, ProviderError, ProviderReply, ProviderRequest

BUSY_RETRY_AFTER_SECONDS = 10.0
# A lease outlives the longest call, or a slow one would be counted out while it still runs.
LEASE_MARGIN_SECONDS = 30.0
BREAKING = frozenset({Outcome.UNAVAILABLE, Outcome.TIMEOUT})


class ModelBusyError(TransientError):
    """The model cannot be asked just now."""


# How a slot of a provider is held. Raises NoFreeSlotError, and redis.RedisError.
Turns = Callable[[Provider], contextlib.AbstractContextManager[None]]


def turns_of_all_workers(provider: Provider) -> contextlib.AbstractContextManager[None]:
    """Hold one of the slots that all workers share."""
    slots = Slots(
        key=provider.limit_key,
        limit=settings.ASSISTANT_CONCURRENCY,
        lease_seconds=2 * settings.ASSISTANT_TIMEOUT_SECONDS + LEASE_MARGIN_SECONDS,
    )
    return slots.hold(wait_seconds=settings.ASSISTANT_TIMEOUT_SECONDS)


@contextlib.contextmanager
def turns_of_this_process(provider: Provider) -> Iterator[None]:
    """Hold one of this process's own slots; needs no server."""
    semaphore = _semaphore(provider.limit_key, settings.ASSISTANT_CONCURRENCY)
    if not semaphore.acquire(timeout=settings.ASSISTANT_TIMEOUT_SECONDS):
        raise NoFreeSlotError
    try:
        yield
    finally:
        semaphore.release()


@functools.lru_cache(maxsize=16)
def _semaphore(_key: str, limit: int) -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(limit)


def complete_in_turn(
    *, provider: Provider, request: ProviderRequest, turns: Turns
) -> tuple[ProviderReply, int]:
    """Return the reply and its duration in milliseconds.

    Raises ProviderError, and ModelBusyError where no call was made.
    """
    if not provider.limit_key:
        return _timed(provider, request)
    breaker = breaker_for(provider.limit_key)
    if rest_seconds := breaker.seconds_to_wait(at=time.monotonic()):
        detail = "The model's provider failed several times in a row and is left in peace."
        raise ModelBusyError(detail, retry_after_seconds=rest_seconds)
    try:
        with turns(provider):
            timed = _timed(provider, request)
    except ProviderError as error:
        if error.outcome in BREAKING:
            breaker.note_failure(at=time.monotonic())
        else:
            breaker.note_success()
        raise
    except NoFreeSlotError as error:
        detail = "As many questions as ASSISTANT_CONCURRENCY allows are being asked already."
        raise ModelBusyError(detail, retry_after_seconds=BUSY_RETRY_AFTER_SECONDS) from error
    except redis.RedisError as error:
        detail = "The server that counts the calls, REDIS_URL, cannot be reached."
        raise ModelBusyError(detail, retry_after_seconds=BUSY_RETRY_AFTER_SECONDS) from error
    breaker.note_success()
    return timed


def _timed(provider: Provider, request: ProviderRequest) -> tuple[ProviderReply, int]:
    started = time.monotonic()
    try:
        reply = provider.complete(request)
    except ProviderError as error:
        error.duration_ms = _milliseconds_since(started)
        raise
    return reply, _milliseconds_since(started)


def _milliseconds_since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)
