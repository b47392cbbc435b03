"""A model's server on the loopback, with scripted replies; it keeps what it was asked.

    with ModelServer(answers({"conclusion": "needs_review"}), status(500), cut()) as server:
        settings.OPENAI_BASE_URL = server.url

Replies are given in order. When they are used up the `default` is, which may also be a function
of the request, for tests that ask many questions at once.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from tests.loopback import Handler, Loopback

USAGE = {
    "prompt_tokens": 120,
    "completion_tokens": 30,
    "total_tokens": 150,
    "prompt_tokens_details": {"cached_tokens": 100},
}


@dataclass(frozen=True)
class Reply:
    """What the server sends; `stall` and `cut` say what it fails to send."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    stall: bool = False
    cut: bool = False


def completion(content: Any, *, finish_reason: str = "stop", refusal: str | None = None) -> Reply:
    """A well-formed chat completion."""
    message = {"role": "assistant", "content": content, "refusal": refusal}
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "test-model",
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
        "usage": USAGE,
    }
    return raw(json.dumps(body))


def answers(answer: Any) -> Reply:
    """A completion whose content is `answer` as JSON."""
    return completion(json.dumps(answer))


def refuses(words: str = "I cannot help with that.") -> Reply:
    return completion(None, refusal=words)


def truncated() -> Reply:
    return completion('{"conclusion": "fal', finish_reason="length")


def raw(body: str, *, content_type: str = "application/json") -> Reply:
    return Reply(body=body.encode(), headers={"Content-Type": content_type})


def status(code: int, message: str = "no", *, headers: dict[str, str] | None = None) -> Reply:
    """An error in OpenAI's shape."""
    body = {"error": {"message": message, "type": "error", "param": None, "code": None}}
    return Reply(status=code, body=json.dumps(body).encode(), headers=headers or {})


def stalls() -> Reply:
    """Accepts the question and says nothing, until the server is closed."""
    return Reply(stall=True)


def cut() -> Reply:
    """Closes the connection in the middle of the answer."""
    return Reply(body=b'{"id": "chatcmpl-1", "choices": [', cut=True)


class ModelServer:
    """An HTTP server in a thread; use it as a context manager."""

    def __init__(self, *replies: Reply, default: Reply | Callable[[dict], Reply] | None = None):
        self.replies = list(replies)
        self.default = default if default is not None else status(500, "The script has ended.")
        self.requests: list[dict] = []
        self.headers: list[dict[str, str]] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._http = Loopback(self._handler())

    @property
    def url(self) -> str:
        return f"{self._http.url}/v1"

    def __enter__(self) -> Self:
        self._http.start()
        return self

    def __exit__(self, *_exception) -> None:
        self._closing.set()
        self._http.stop()

    def _next(self, question: dict) -> Reply:
        with self._lock:
            self.requests.append(question)
            if self.replies:
                return self.replies.pop(0)
        return self.default(question) if callable(self.default) else self.default

    def _count(self, step: int) -> None:
        with self._lock:
            self._at_once += step
            self.most_at_once = max(self.most_at_once, self._at_once)

    def _handler(self) -> type[Handler]:
        script = self

        class ModelHandler(Handler):
            def do_POST(self):  # noqa: N802 the library's
                length = int(self.headers.get("Content-Length", 0))
                question = json.loads(self.rfile.read(length))
                question["path"] = self.path
                script.headers.append({name.lower(): value for name, value in self.headers.items()})
                script._count(1)
                try:
                    self.answer(script._next(question))
                finally:
                    script._count(-1)

            def answer(self, reply: Reply):
                if reply.stall:
                    script._closing.wait(60)
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                    self.send_header(name, value)
                missing = 1000 if reply.cut else 0
                self.send_header("Content-Length", str(len(reply.body) + missing))
                self.end_headers()
                self.wfile.write(reply.body)
                self.close_connection = reply.cut

        return ModelHandler
