"""A circuit breaker: after several failures in a row, a provider is left in peace for a while.

One a process and provider: what it saves is the waiting of this process's threads.
"""

import threading
from collections import defaultdict

FAILURES_TO_OPEN = 8
REST_SECONDS = 20.0


class Breaker:
    """Counts failures in a row. Times are those of one monotonic clock, in seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._opens_at = 0.0

    def seconds_to_wait(self, *, at: float) -> float:
        """Return 0 where a call may be made, else how long none may.

        When the rest is over a single call goes ahead, and the others wait for what it shows.
        """
        with self._lock:
            if self._failures < FAILURES_TO_OPEN:
                return 0.0
            if at < self._opens_at:
                return self._opens_at - at
            self._opens_at = at + REST_SECONDS
            return 0.0

    def note_success(self) -> None:
        """Close the circuit."""
        with self._lock:
            self._failures = 0

    def note_failure(self, *, at: float) -> None:
        """Count a failure; open the circuit when there were too many."""
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES_TO_OPEN:
                self._opens_at = at + REST_SECONDS


_breakers: defaultdict[str, Breaker] = defaultdict(Breaker)


def breaker_for(key: str) -> Breaker:
    """Return this process's breaker of a provider."""
    return _breakers[key]
