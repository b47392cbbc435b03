"""Limits of the client, against a real server."""

import httpx2
import pytest

from core.http import AnswerTooLargeError, BoundedStream, bounded_client
from tests.model_server import ModelServer, Reply, raw, stalls


def test_an_answer_within_the_limits_is_read():
    with (
        ModelServer(raw('"hello"')) as server,
        bounded_client(timeout_seconds=30, max_bytes=100) as client,
    ):
        assert client.post(server.url, json={}).json() == "hello"

        assert server.headers[0]["accept-encoding"] == "identity"


def test_an_answer_that_is_too_large_is_an_error():
    with (
        ModelServer(raw("x" * 101)) as server,
        bounded_client(timeout_seconds=30, max_bytes=100) as client,
        pytest.raises(AnswerTooLargeError, match="larger than 100 bytes"),
    ):
        client.post(server.url, json={})


def test_silence_is_a_timeout():
    with (
        ModelServer(stalls()) as server,
        bounded_client(timeout_seconds=0.1, max_bytes=100) as client,
        pytest.raises(httpx2.ReadTimeout),
    ):
        client.post(server.url, json={})


def test_a_redirect_is_not_followed():
    redirect = Reply(status=307, headers={"Location": "/v1/elsewhere"})
    with (
        ModelServer(redirect) as server,
        bounded_client(timeout_seconds=30, max_bytes=100) as client,
    ):
        assert client.post(server.url, json={}).status_code == 307

        assert len(server.requests) == 1


class Drip(httpx2.SyncByteStream):
    """A body that never ends, a byte at a time."""

    def __iter__(self):
        while True:
            yield b"x"


def test_a_body_that_drips_past_the_deadline_is_a_timeout():
    stream = BoundedStream(Drip(), deadline_seconds=0.0, max_bytes=10)

    with pytest.raises(httpx2.ReadTimeout, match="in time"):
        next(iter(stream))
