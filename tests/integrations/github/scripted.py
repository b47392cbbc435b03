"""An HTTP server with scripted answers, for what GitHub does rarely and a stranger might."""

import json
from dataclasses import dataclass, field

from tests.loopback import Handler, Loopback


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict
    body: object


@dataclass(frozen=True)
class Say:
    status: int = 200
    body: object = field(default_factory=dict)
    headers: dict = field(default_factory=dict)

    @property
    def content(self):
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class ScriptedServer:
    """Gives its answers in order, to whatever is asked; a context manager."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []
        self._http = Loopback(self._handler())

    @property
    def url(self):
        return self._http.url

    def __enter__(self):
        self._http.start()
        return self

    def __exit__(self, *_exception):
        self._http.stop()

    def _handler(self):
        script = self

        class ScriptedHandler(Handler):
            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                headers = {name.lower(): value for name, value in self.headers.items()}
                script.asked.append(Asked(self.command, self.path, headers, body))
                say = script.answers.pop(0) if script.answers else Say(500)
                self.send_response(say.status)
                for name, value in say.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(say.content)))
                self.end_headers()
                self.wfile.write(say.content)

        for method in ("GET", "POST", "PATCH", "PUT", "DELETE"):
            setattr(ScriptedHandler, f"do_{method}", ScriptedHandler.answer)
        return ScriptedHandler
