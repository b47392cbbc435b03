"""The wire below PyGithub: our guarded session, and what every answer of GitHub means for it.

PyGithub makes connections by itself, of classes that are the same for all; which line they speak
through is therefore told by the context of the call (`speaking_through`). A line leads to one API
address: whatever an answer or a redirect names, no token goes anywhere else.
"""

import contextlib
import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from github.Requester import (
    HTTPRequestsConnectionClass,
    HTTPSRequestsConnectionClass,
    Requester,
    RequestsResponse,
)

from core.guarded_requests import (
    AnswerTooLargeError,
    CallFailedError,
    CertificateRefusedError,
    ForbiddenAddressError,
    Response,
    Session,
)
from integrations.call_budgets import require_room
from integrations.codehosts import CodeHostBusyError
from integrations.file_cache import recall, remember
from integrations.github.limits import note_answer, raise_if_busy
from integrations.review_hosts import AccessLostError, GoneError, ReviewRefusedError

ANSWER_LIMIT_BYTES = 20_000_000
_REDIRECTS = {301, 307, 308}
_MOST_REDIRECTS = 3
_KEPT_ANSWER_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A way to one API address, as one connection."""

    api_address: str
    session: Session = field(repr=False)
    connection_id: int | None = None
    """Whose budget of calls is spent; None: nobody's."""
    reserve: int = 0
    renew: Callable[[], str] | None = field(default=None, repr=False)
    """Makes a new Authorization header where the old one is refused."""
    cache_key: str = ""
    """Under which answers are kept to be asked for conditionally; blank: none is."""


_LINE: ContextVar[Line] = ContextVar("github_line")


@contextlib.contextmanager
def speaking_through(line: Line) -> Iterator[None]:
    """Let calls of PyGithub inside the block go through `line`."""
    token = _LINE.set(line)
    try:
        yield
    finally:
        _LINE.reset(token)


def send(line: Line, verb: str, url: str, *, body: Any, headers: dict[str, str]) -> Response:
    """Send a request and return its answer; each raises what it means for another try.

    Follows the redirects of renamed repositories, at the same address alone. A refused token is
    renewed once: GitHub did nothing with the request.
    """
    answer = _follow(line, verb, url, body=body, headers=headers)
    if answer.status_code == 401 and line.renew is not None:
        headers = {**headers, "Authorization": line.renew()}
        answer = _follow(line, verb, url, body=body, headers=headers)
    return answer


def _follow(line: Line, verb: str, url: str, *, body: Any, headers: dict[str, str]) -> Response:
    for _step in range(_MOST_REDIRECTS):
        _check_address(line, url)
        answer = _ask(line, verb, url, body=body, headers=headers)
        if not 300 <= answer.status_code < 400:
            return answer
        # A 301 turns a POST into a GET for some; only what asks is sent on then.
        is_safe = answer.status_code != 301 or verb == "GET"
        if answer.status_code not in _REDIRECTS or not is_safe:
            break
        url = answer.headers.get("Location", "")
    raise GoneError("GitHub says that this has moved; check the connection and its repositories.")


def _check_address(line: Line, url: str) -> None:
    path = f"{url.partition('?')[0]}/"
    climbs = "/../" in path or "/./" in path
    if climbs or not path.startswith(f"{line.api_address}/"):
        raise ReviewRefusedError(
            "GitHub's answer leads to another address, where this connection's token must not go."
            " Check the base URL of the connection."
        )


def _ask(line: Line, verb: str, url: str, *, body: Any, headers: dict[str, str]) -> Response:
    if line.connection_id is not None:
        require_room(line.connection_id, reserve=line.reserve)
    kept = _KeptAnswer.of(line, verb, url)
    answer = _call(line, verb, url, body=body, headers={**headers, **kept.condition})
    note_answer(line.connection_id, answer)
    raise_if_busy(verb, answer)
    return kept.used_for(answer)


def _call(line: Line, verb: str, url: str, *, body: Any, headers: dict[str, str]) -> Response:
    # What the libraries raise holds the request, and that the token: none is kept as the cause.
    try:
        return line.session.request(verb, url, data=body, headers=headers)
    except ForbiddenAddressError as error:
        raise AccessLostError(f"base_url: {error}", field="base_url") from None
    except AnswerTooLargeError:
        raise ReviewRefusedError(
            f"GitHub's answer has more than {ANSWER_LIMIT_BYTES:,} bytes; that much is not read."
        ) from None
    except CertificateRefusedError:
        raise AccessLostError(
            "ca_bundle: the certificate of the GitHub server cannot be verified; enter the"
            " certificate authorities of your company in the connection.",
            field="ca_bundle",
        ) from None
    except CallFailedError:
        raise CodeHostBusyError("GitHub did not answer in time or not at all.") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeptAnswer:
    """An earlier answer to the same question: GitHub counts no call that changes nothing.

    https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
    """

    key: str
    entry: dict[str, Any]

    @classmethod
    def of(cls, line: Line, verb: str, url: str) -> "_KeptAnswer":
        # Files have a cache of their own, and never change at a commit.
        is_kept = verb == "GET" and line.cache_key and "/contents" not in url
        # An address names repositories and people: it is no name to lie in the open in a cache.
        name = hashlib.sha256(json.dumps([line.cache_key, url]).encode()).hexdigest()
        key = f"github-answer:{name}" if is_kept else ""
        found = recall(key) if key else ""
        return cls(key=key, entry=json.loads(found) if found else {})

    @property
    def condition(self) -> dict[str, str]:
        return {"If-None-Match": self.entry["etag"]} if self.entry else {}

    def used_for(self, answer: Response) -> Response:
        if answer.status_code == 304 and self.entry:
            answer.status_code = 200
            answer.headers.update(self.entry["headers"])
            answer._content = self.entry["body"].encode()  # noqa: SLF001 there is no other way in
        elif self.key and answer.status_code == 200 and answer.headers.get("ETag"):
            kept = {name: answer.headers[name] for name in ("Link",) if name in answer.headers}
            entry = {"etag": answer.headers["ETag"], "headers": kept, "body": answer.text}
            remember(self.key, json.dumps(entry), seconds=_KEPT_ANSWER_SECONDS)
        return answer


class _Ours:
    """What PyGithub takes for a connection; holds no session of its own."""

    protocol: str
    verb: str
    url: str
    input: Any
    headers: dict[str, str]

    def __init__(self, host: str, port: int | None = None, *_rest: Any, **_options: Any) -> None:
        self.host = host
        self.port = port

    def getresponse(self) -> RequestsResponse:
        """Send what `request` was told, through the line of the call."""
        line = _LINE.get()
        authority = f"[{self.host}]" if ":" in self.host else self.host
        authority += f":{self.port}" if self.port else ""
        url = f"{self.protocol}://{authority}{self.url}"
        answer = send(line, self.verb, url, body=self.input, headers=self.headers)
        return RequestsResponse(answer)

    def close(self) -> None:
        """Do nothing: the line's session keeps its connections."""


class _OurConnection(_Ours, HTTPRequestsConnectionClass):  # type: ignore[misc] # theirs need a port
    protocol = "http"


class _OurSecureConnection(_Ours, HTTPSRequestsConnectionClass):  # type: ignore[misc] # the same
    protocol = "https"


def _install() -> None:
    Requester.injectConnectionClasses(_OurConnection, _OurSecureConnection)
    # At DEBUG it would write what is sent and answered: code and comments.
    quiet = logging.getLogger("integrations.github.requester")
    quiet.setLevel(logging.WARNING)
    Requester.injectLogger(quiet)


_install()
