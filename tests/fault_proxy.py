"""A proxy on the loopback that breaks calls: between us and any HTTP server that tests run.

    with GitHubServer() as github, FaultProxy(github.url, each_call_once(DROP_AFTER)) as proxy:
        connection.base_url = proxy.url       # in place of github.url
        ...
        proxy.calls[0]                        # Call(method, path, number, fault)

A plan is asked for each call and says which fault it suffers. It is a function of the Call, or a
list of (method, part of the path, number, fault): the number-th (from 1; 0: each) of the calls
that have that method ("": any) and whose path holds that part.

Faults
    CUT_BEFORE       the connection is closed and nothing arrived
    error(502)       answered in place of the server, which hears nothing
    too_many(60)     429 with Retry-After, likewise
    TWICE            the server does it twice; the first answer comes back
    TWICE_LAST       likewise; the second answer comes back
    DROP_AFTER       the server does it, and we never hear of it
    error_after(502) the server does it, and we hear of an error
    TRUNCATE         the answer ends in the middle
    slow(30)         the answer comes late, or when the proxy is closed
"""

import http.client
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlsplit

from tests.loopback import Handler, Loopback

HOP_HEADERS = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call."""

    name: str
    forwards: int = 1
    answers_last: bool = False
    cuts: bool = False
    truncates: bool = False
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    seconds: float = 0


CUT_BEFORE = Fault("cut before", forwards=0, cuts=True)
DROP_AFTER = Fault("drop after", cuts=True)
TWICE = Fault("twice", forwards=2)
TWICE_LAST = Fault("twice, last", forwards=2, answers_last=True)
TRUNCATE = Fault("truncate", truncates=True)


def error(status: int) -> Fault:
    """Answer a status before the server hears of the call."""
    return Fault(f"error {status}", forwards=0, status=status)


def error_after(status: int) -> Fault:
    """Answer a status once the server has done what was asked."""
    return Fault(f"error after {status}", status=status)


def too_many(seconds: int, status: int = 429) -> Fault:
    """Answer that calls come too fast."""
    return Fault("too many", forwards=0, status=status, headers=(("Retry-After", str(seconds)),))


def slow(seconds: float) -> Fault:
    """Hold the answer back."""
    return Fault("slow", seconds=seconds)


@dataclass(frozen=True)
class Call:
    """A call that came; `number` counts those of its method and shape, from 1."""

    method: str
    path: str
    """With the query."""
    shape: str
    """Without the query; numbers and hashes are `{}`."""
    number: int
    fault: Fault | None = None


Plan = Callable[[Call], Fault | None]
PlanRow = tuple[str, str, int, Fault]


def shape_of(path: str) -> str:
    """Return a path without what differs between two calls of one kind."""
    bare = path.partition("?")[0]
    return re.sub(r"(?<=/)(?:\d+|[0-9a-f]{7,64})(?=/|$|:|\.{2,3})", "{}", bare)


def each_call_once(fault: Fault, *, method: str = "", part: str = "") -> Plan:
    """Let the first call of each method and shape suffer a fault."""

    def plan(call: Call) -> Fault | None:
        fits = method in ("", call.method) and part in call.path
        return fault if fits and call.number == 1 else None

    return plan


def each_write_once(fault: Fault) -> Plan:
    """Let the first write of each shape suffer a fault; reads pass."""

    def plan(call: Call) -> Fault | None:
        return fault if call.method not in ("GET", "HEAD") and call.number == 1 else None

    return plan


def planned(rows: Sequence[PlanRow]) -> Plan:
    """Make a plan of rows; the first that fits a call counts."""
    seen = Counter[int]()
    lock = threading.Lock()

    def plan(call: Call) -> Fault | None:
        found = None
        with lock:
            for place, (method, part, number, fault) in enumerate(rows):
                if method in ("", call.method) and part in call.path:
                    seen[place] += 1
                    if number in (0, seen[place]):
                        found = found or fault
        return found

    return plan


class FaultProxy:
    """An HTTP proxy in a thread; use it as a context manager."""

    each_call_once = staticmethod(each_call_once)

    def __init__(self, target_url: str, plan: Plan | Sequence[PlanRow] = ()):
        self.target = urlsplit(target_url)
        self.plan = plan if callable(plan) else planned(plan)
        self.calls: list[Call] = []
        self.closing = threading.Event()
        self._seen = Counter[tuple[str, str]]()
        self._lock = threading.Lock()
        self._http = Loopback(type("ProxyHandler", (_ProxyHandler,), {"proxy": self}))

    @property
    def url(self) -> str:
        """The address to use in place of the target's, without a slash at its end."""
        return self._http.url + self.target.path.rstrip("/")

    @property
    def faults(self) -> list[Call]:
        """The calls that suffered a fault."""
        return [call for call in self.calls if call.fault]

    def __enter__(self) -> Self:
        self._http.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.closing.set()
        self._http.stop()

    def take(self, method: str, path: str) -> Call:
        """Count a call, ask the plan, and keep both."""
        shape = shape_of(path)
        with self._lock:
            self._seen[method, shape] += 1
            call = Call(method=method, path=path, shape=shape, number=self._seen[method, shape])
            call = replace(call, fault=self.plan(call))
            self.calls.append(call)
        return call

    def forward(
        self, call: Call, body: bytes, headers: dict[str, str]
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Pass a call on; return status, headers and body. The Host stays that of the proxy."""
        connection = http.client.HTTPConnection(
            self.target.hostname or "", self.target.port, timeout=60
        )
        try:
            connection.request(call.method, call.path, body=body or None, headers=headers)
            answer = connection.getresponse()
            return answer.status, _kept(answer.getheaders()), answer.read()
        finally:
            connection.close()


PASS = Fault("none")


def _kept(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the headers that are not about one connection alone."""
    return [(name, value) for name, value in headers if name.lower() not in HOP_HEADERS]


class _ProxyHandler(Handler):
    """One connection of a client; the proxy is set on a class of its own."""

    proxy: FaultProxy

    def handle_call(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        call = self.proxy.take(self.command, self.path)
        fault = call.fault or PASS
        headers = dict(_kept(self.headers.items()))
        answers = [self.proxy.forward(call, body, headers) for _ in range(fault.forwards)]
        if fault.seconds:
            self.proxy.closing.wait(fault.seconds)
        if fault.cuts:
            self.close_connection = True
        elif fault.status:
            self.answer(fault.status, [*fault.headers], b'{"message": "A fault."}', fault)
        else:
            self.answer(*answers[-1 if fault.answers_last else 0], fault)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_call  # noqa: N815

    def answer(
        self, status: int, headers: list[tuple[str, str]], body: bytes, fault: Fault
    ) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if fault.truncates else body)
        self.close_connection = fault.truncates
