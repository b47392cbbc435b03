"""How many calls a provider may serve at once, counted across all workers.

Each call holds a lease in a sorted set of Valkey, scored by when it ends. One script drops the
leases that have ended and takes a new one, so two workers never take the same slot, and a worker
that was killed frees its slot when its lease ends.
"""

import contextlib
import functools
import os
import random
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import redis
from django.conf import settings

KEY_PREFIX = "assistant:llm:slots:"
POLL_SECONDS = 0.05
MAX_POLL_SECONDS = 0.5
SOCKET_TIMEOUT_SECONDS = 5.0

# Returns 1 for a lease, 0 for none. The clock is the server's: the workers' may differ.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease = tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now + lease, ARGV[3])
if redis.call('PTTL', KEYS[1]) < lease then redis.call('PEXPIRE', KEYS[1], lease) end
return 1
"""


class NoFreeSlotError(Exception):
    """Every slot stayed taken for as long as we were willing to wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """The slots of one provider."""

    key: str
    limit: int
    lease_seconds: float

    @contextlib.contextmanager
    def hold(self, *, wait_seconds: float) -> Iterator[None]:
        """Hold a slot inside the block. Raises NoFreeSlotError, and redis.RedisError."""
        lease = self.take(wait_seconds=wait_seconds)
        try:
            yield
        finally:
            # A lease that cannot be given back ends by itself.
            with contextlib.suppress(redis.RedisError):
                self.free(lease)

    def take(self, *, wait_seconds: float) -> str:
        """Return a new lease, after at most `wait_seconds`."""
        lease = uuid.uuid4().hex
        end = time.monotonic() + wait_seconds
        pause = POLL_SECONDS
        while not self._try(lease):
            if time.monotonic() + pause > end:
                raise NoFreeSlotError
            # Jitter, so that waiting threads do not come back together.
            time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 no secret
            pause = min(pause * 2, MAX_POLL_SECONDS)
        return lease

    def free(self, lease: str) -> None:
        """Give a lease back."""
        _server().zrem(KEY_PREFIX + self.key, lease)

    def count_taken(self) -> int:
        """Return how many leases are held, ended ones that were not dropped yet included."""
        return int(_server().zcard(KEY_PREFIX + self.key))

    def _try(self, lease: str) -> bool:
        lease_ms = max(int(self.lease_seconds * 1000), 1)
        arguments: list[str | int] = [self.limit, lease_ms, lease]
        return bool(_take_script()(keys=[KEY_PREFIX + self.key], args=arguments))


def _server() -> redis.Redis:
    return _server_of_process(settings.REDIS_URL, os.getpid())


@functools.lru_cache(maxsize=4)
def _server_of_process(url: str, _process_id: int) -> redis.Redis:
    """Return the process's one client; a forked child must not share its parent's sockets."""
    return redis.Redis.from_url(
        url, socket_timeout=SOCKET_TIMEOUT_SECONDS, socket_connect_timeout=SOCKET_TIMEOUT_SECONDS
    )


def _take_script() -> "redis.commands.core.Script":
    return _server().register_script(_TAKE)
