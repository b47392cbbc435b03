"""HTTP clients with limits: how long an answer may take, how big it may be, and where it is."""

import functools
import time
from collections.abc import Iterator

import httpx2

from core.addresses import PrivateAddressError, resolve

# What callers name of the library, which only this module imports.
Client = httpx2.Client
Response = httpx2.Response
CallFailedError = httpx2.HTTPError
NotConnectedError = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
"""Those of them after which the other side has certainly heard nothing."""
DEADLINE = "assistant_deadline"
_LIMITS = httpx2.Limits(max_connections=200, max_keepalive_connections=100)


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


class ForbiddenAddressError(httpx2.ConnectError):
    """The host leads to a private address; the message says what an operator can do."""


class NameNotFoundError(httpx2.ConnectError):
    """No name server knows the host."""


class GuardedTransport(httpx2.BaseTransport):
    """Looks every host up itself and connects to the address that it has judged.

    TLS still asks for the host's name, and the Host header carries it. Addresses are tried in the
    order of the name servers.
    """

    def __init__(self, inner: httpx2.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send the request to the first address that takes a connection."""
        # As it is sent: names are spelled by newer rules than those of Python's own look-up.
        host = request.url.raw_host.decode("ascii")
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        try:
            addresses = resolve(host, port)
        except PrivateAddressError as error:
            raise ForbiddenAddressError(str(error), request=request) from error
        except (OSError, UnicodeError) as error:
            raise NameNotFoundError(f"The name {host} is not known.", request=request) from error
        request.extensions = {**request.extensions, "sni_hostname": host}
        for address in addresses[:-1]:
            try:
                return self._send(request, address)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue
        return self._send(request, addresses[-1])

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def _send(self, request: httpx2.Request, address: str) -> httpx2.Response:
        return self._inner.handle_request(
            httpx2.Request(
                method=request.method,
                url=request.url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        )


def bounded_client(*, timeout_seconds: float, max_bytes: int) -> httpx2.Client:
    """Return a client that follows no redirect and keeps both limits; safe to share by threads.

    For addresses that the operator chose: proxies and certificate authorities are those of the
    environment. Compressed answers are not asked for, so that the limit counts what we shall hold
    in memory.
    """
    return _client(timeout_seconds=timeout_seconds, max_bytes=max_bytes, transport=None)


def guarded_client(*, timeout_seconds: float, max_bytes: int) -> httpx2.Client:
    """Return such a client for addresses that customers chose: none private, at each call.

    Certificate authorities are those of the environment, proxies are not used: behind one, nobody
    could say where a name leads.
    """
    inner = httpx2.HTTPTransport(verify=httpx2.create_ssl_context(), limits=_LIMITS)
    return _client(
        timeout_seconds=timeout_seconds, max_bytes=max_bytes, transport=GuardedTransport(inner)
    )


def _client(
    *, timeout_seconds: float, max_bytes: int, transport: httpx2.BaseTransport | None
) -> httpx2.Client:
    return httpx2.Client(
        transport=transport,
        timeout=httpx2.Timeout(timeout_seconds, connect=min(timeout_seconds, 10.0)),
        limits=_LIMITS,
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
