"""A receiver of webhooks on the loopback: it keeps what it was sent, each id once.

    with WebhookReceiver() as receiver:
        webhook.url = receiver.url
        ...
        receiver.taken            # {id: Taken(event, body, headers)}, as a good receiver keeps them
        receiver.calls            # all that arrived, repeats too

`receiver.answers` are (status, body) for the next calls, in order; 200 after them. What is
answered with another status than 200 is not taken.
"""

import json
import threading
from dataclasses import dataclass, field
from typing import Any, Self

from tests.loopback import Handler, Loopback


@dataclass(frozen=True)
class Taken:
    """A call as it arrived; names of headers are in lower case."""

    body: bytes
    headers: dict[str, str]

    @property
    def id(self) -> str:
        return self.headers["x-webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Script:
    """What is answered, and what came."""

    answers: list[tuple[int, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    calls: list[Taken] = field(default_factory=list)
    taken: dict[str, Taken] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class WebhookReceiver(Script):
    """The server in its thread; use it as a context manager."""

    def __init__(self) -> None:
        super().__init__()
        self._http = Loopback(type("ReceiverHandler", (_ReceiverHandler,), {"script": self}))

    @property
    def url(self) -> str:
        return f"{self._http.url}/hooks"

    def __enter__(self) -> Self:
        self._http.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._http.stop()


class _ReceiverHandler(Handler):
    script: Script

    def do_POST(self) -> None:  # noqa: N802 the library's name
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = Taken(body=body, headers=headers)
        script = self.script
        with script.lock:
            script.calls.append(call)
            status, words = script.answers.pop(0) if script.answers else (200, "")
            if 200 <= status < 300:
                script.taken.setdefault(call.id, call)
        self.send_response(status)
        for name, value in script.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(words.encode())))
        self.end_headers()
        self.wfile.write(words.encode())
