"""Sessions of `requests` for libraries that speak through it, with the limits of core/http.py.

A session connects only to addresses that core.addresses allows, looked up at each connection;
follows no redirect; keeps no cookie; uses no proxy; repeats nothing; and reads answers of bounded
size in bounded time, whatever the library above asks for.
"""

import functools
import http.client
import io
import os
import socket
import ssl
import time
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Any, cast

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import create_connection

from core.addresses import PrivateAddressError, resolve
from core.errors import ProblemError

# What callers name of the library, which only this module imports.
Session = requests.Session
Response = requests.Response
CallFailedError = requests.RequestException
CertificateRefusedError = requests.exceptions.SSLError
CONNECT_SECONDS = 10.0
_HEADER_BYTES = 100_000


class AnswerTooLargeError(requests.RequestException):
    """The other side sent more than we are willing to read, or packed what it sent."""


class ForbiddenAddressError(requests.ConnectionError):
    """The host leads to a private address; the message says what an operator can do."""


class CertificatesUnreadableError(ProblemError):
    """What should be certificates of own authorities is none."""

    code = "certificates_unreadable"
    status = HTTPStatus.BAD_REQUEST


def reason_not_sent(error: CallFailedError) -> str:
    """Return why a call was certainly never made; blank where it may have arrived."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    if not isinstance(reason, ConnectTimeoutError | NewConnectionError):
        return ""
    # The library names its own object first, and then says what we said.
    return str(reason).rpartition(": ")[2]


class _TooLargeError(Exception):
    """As above, under the libraries, which would take a child of OSError for a lost connection."""


class _BoundedReader(io.RawIOBase):
    """What arrives at a socket, up to a moment and a size."""

    def __init__(
        self, inner: io.RawIOBase, *, sock: socket.socket, ends_at: float, max_bytes: int
    ) -> None:
        self._inner = inner
        self._sock = sock
        self._ends_at = ends_at
        self._bytes_left = max_bytes

    def readable(self) -> bool:
        """Say yes: the buffer above asks."""
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        """Read once, and wait no longer than what is left of the whole time."""
        seconds_left = self._ends_at - time.monotonic()
        if seconds_left <= 0:
            raise TimeoutError("The answer did not end in time.")
        self._sock.settimeout(seconds_left)
        count = self._inner.readinto(buffer)
        self._bytes_left -= count or 0
        if self._bytes_left < 0:
            raise _TooLargeError
        return cast("int | None", count)

    def close(self) -> None:
        """Let go of the socket."""
        self._inner.close()
        super().close()


class _BoundedResponse(http.client.HTTPResponse):
    def __init__(
        self, sock: socket.socket, *arguments: Any, ends_at: float, max_bytes: int, **options: Any
    ) -> None:
        super().__init__(sock, *arguments, **options)
        reader = _BoundedReader(self.fp.detach(), sock=sock, ends_at=ends_at, max_bytes=max_bytes)
        self.fp = io.BufferedReader(reader)


class _GuardedConnection(HTTPConnection):
    """Connects to addresses that it has judged itself, and bounds each answer.

    TLS and the Host header still carry the host's name.
    """

    timeout_seconds = 0.0
    max_bytes = 0

    def _new_conn(self) -> socket.socket:
        try:
            addresses = resolve(self.host, self.port)
        except (OSError, UnicodeError) as error:
            raise NewConnectionError(self, f"The name {self.host} is not known.") from error
        for address in addresses[:-1]:
            try:
                return self._connect_to(address)
            except (ConnectTimeoutError, NewConnectionError):
                continue
        return self._connect_to(addresses[-1])

    def _connect_to(self, address: str) -> socket.socket:
        try:
            return create_connection(
                (address, self.port), self.timeout, socket_options=self.socket_options
            )
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"{self.host} did not answer in time.") from error
        except OSError as error:
            raise NewConnectionError(self, f"{self.host} takes no connection.") from error

    def request(self, *arguments: Any, **options: Any) -> None:
        """Start the clock of an answer, and send."""
        self.response_class = functools.partial(  # type: ignore[assignment]
            _BoundedResponse,
            ends_at=time.monotonic() + self.timeout_seconds,
            max_bytes=self.max_bytes + _HEADER_BYTES,
        )
        super().request(*arguments, **options)


class _GuardedSecureConnection(_GuardedConnection, HTTPSConnection):
    """The same inside TLS."""


class _GuardedAdapter(HTTPAdapter):
    def __init__(self, *, context: ssl.SSLContext, timeout_seconds: float, max_bytes: int) -> None:
        self._context = context
        self._timeout_seconds = timeout_seconds
        self._max_bytes = max_bytes
        super().__init__(max_retries=0)

    def init_poolmanager(self, *_arguments: Any, **_options: Any) -> None:
        """Make pools whose connections are guarded."""
        limits = {"timeout_seconds": self._timeout_seconds, "max_bytes": self._max_bytes}
        plain = type("_Plain", (_GuardedConnection,), limits)
        secure = type("_Secure", (_GuardedSecureConnection,), limits)
        self.poolmanager = PoolManager(num_pools=10, maxsize=10)
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("_PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("_SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, *_arguments: Any, **_options: Any
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return our certificate authorities: the library above cannot switch them off."""
        host, _secrets = super().build_connection_pool_key_attributes(request, verify=True)
        return host, {"ssl_context": self._context} if host["scheme"] == "https" else {}

    def cert_verify(self, *_arguments: Any, **_options: Any) -> None:
        """Leave the certificates to the context, which always asks for them."""

    def send(
        self, request: requests.PreparedRequest, *_arguments: Any, **_options: Any
    ) -> requests.Response:
        """Send a request, and return its answer once it is read."""
        seconds = (min(CONNECT_SECONDS, self._timeout_seconds), self._timeout_seconds)
        try:
            response = super().send(request, stream=True, timeout=seconds)
            self._read(response)
        except PrivateAddressError as error:
            raise ForbiddenAddressError(str(error), request=request) from error
        except _TooLargeError as error:
            detail = f"The answer is larger than {self._max_bytes} bytes."
            raise AnswerTooLargeError(detail, request=request) from error
        return response

    def _read(self, response: requests.Response) -> None:
        # Packed bytes may be a thousand times as many once unpacked; we asked for none.
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            response.close()
            raise AnswerTooLargeError("The answer is packed, and was to be plain.")
        if len(response.content) > self._max_bytes:
            raise _TooLargeError
        # To guess, or to read as the other side says (`punycode`), may take a worker's minutes.
        response.encoding = "utf-8"


class _GuardedSession(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002
        """Lead nowhere: where a redirect goes was not asked for."""
        return None


def guarded_session(
    *, ca_bundle: str = "", timeout_seconds: float, max_bytes: int
) -> requests.Session:
    """Return a session for addresses that customers chose.

    `ca_bundle` holds further certificate authorities, PEM. Raises CertificatesUnreadableError; its
    calls raise requests.RequestException alone.
    """
    session = _GuardedSession()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["Accept-Encoding"] = "identity"
    adapter = _GuardedAdapter(
        context=_context(ca_bundle), timeout_seconds=timeout_seconds, max_bytes=max_bytes
    )
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


@functools.lru_cache(maxsize=64)
def _context(ca_bundle: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
    if os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR"):
        context.load_default_certs()
    try:
        if ca_bundle.strip():
            context.load_verify_locations(cadata=ca_bundle)
    except (ssl.SSLError, ValueError) as error:
        raise CertificatesUnreadableError(
            "ca_bundle: must hold certificates in PEM, each from -----BEGIN CERTIFICATE----- to"
            " -----END CERTIFICATE-----.",
            field="ca_bundle",
        ) from error
    return context
