"""HTTP clients with limits: how long an answer may take in all, and how big it may be."""

import functools
import time
from collections.abc import Iterator

import httpx2

DEADLINE = "assistant_deadline"


class AnswerTooLargeError(httpx2.ReadError):
    """The other side sent more than we are willing to read."""


class BoundedStream(httpx2.SyncByteStream):
    """A body that ends in an error at a moment or a size.

    The client's own time limit counts from byte to byte: who sends one a minute never meets it.
    """

    def __init__(
        self, stream: httpx2.SyncByteStream, *, deadline_seconds: float, max_bytes: int
    ) -> None:
        self.stream = stream
        self.deadline_seconds = deadline_seconds
        self.max_bytes = max_bytes

    def __iter__(self) -> Iterator[bytes]:
        read_bytes = 0
        for chunk in self.stream:
            read_bytes += len(chunk)
            if read_bytes > self.max_bytes:
                raise AnswerTooLargeError(f"The answer is larger than {self.max_bytes} bytes.")
            if time.monotonic() > self.deadline_seconds:
                raise httpx2.ReadTimeout("The answer did not end in time.")
            yield chunk

    def close(self) -> None:
        """Give the connection back, or close it where the body was not read to its end."""
        self.stream.close()


def bounded_client(*, timeout_seconds: float, max_bytes: int) -> httpx2.Client:
    """Return a client that follows no redirect and keeps both limits; safe to share by threads.

    Proxies and certificate authorities are those of the environment. Compressed answers are not
    asked for, so that the limit counts what we shall hold in memory.
    """
    return httpx2.Client(
        timeout=httpx2.Timeout(timeout_seconds, connect=min(timeout_seconds, 10.0)),
        limits=httpx2.Limits(max_connections=200, max_keepalive_connections=100),
        follow_redirects=False,
        headers={"Accept-Encoding": "identity"},
        event_hooks={
            "request": [functools.partial(_start_clock, timeout_seconds)],
            "response": [functools.partial(_bound_body, max_bytes)],
        },
    )


def _start_clock(timeout_seconds: float, request: httpx2.Request) -> None:
    request.extensions = {
        **request.extensions,
        DEADLINE: time.monotonic() + timeout_seconds,
    }


def _bound_body(max_bytes: int, response: httpx2.Response) -> None:
    if isinstance(response.stream, httpx2.SyncByteStream):
        response.stream = BoundedStream(
            response.stream,
            deadline_seconds=response.request.extensions[DEADLINE],
            max_bytes=max_bytes,
        )
