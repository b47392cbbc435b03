"""The table of the API's doors, and what a door is given and answers."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.github_server.pull_shapes import PullShapes
from tests.github_server.state import App, Pull, Repository, Token

if TYPE_CHECKING:
    from tests.github_server.server import GitHubServer

DOCUMENTATION = "https://docs.github.com/rest"


class RefusalError(Exception):
    """An answer that says no, in GitHub's shape and words."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: Sequence[object] | None = None,
        headers: dict[str, str] | None = None,
    ):
        super().__init__(message)
        self.body: dict[str, Any] = {"message": message, "documentation_url": DOCUMENTATION}
        self.body |= {} if errors is None else {"errors": list(errors)}
        self.body["status"] = str(status)
        self.status = status
        self.headers = headers or {}


def not_found() -> RefusalError:
    """Return what GitHub says of what is not there, or not for you."""
    return RefusalError(HTTPStatus.NOT_FOUND, "Not Found")


def invalid(resource: str, field_name: str, message: str, code: str = "custom") -> RefusalError:
    """Return what GitHub says of a field."""
    error = {"resource": resource, "code": code, "field": field_name, "message": message}
    return RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, "Validation Failed", errors=[error])


@dataclass(frozen=True)
class Answer:
    """What goes back: JSON, or bytes with their type."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"

    def encoded(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()


@dataclass
class Asking:
    """One request on its way to its door."""

    github: "GitHubServer"
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """Lower case names."""
    body: Any
    base: str
    """What the client put before the path: `http://127.0.0.1:1/api/v3`."""
    shapes: PullShapes
    parts: dict[str, str] = field(default_factory=dict)
    token: Token | None = None
    app: App | None = None
    found: Repository | None = None

    @property
    def now(self) -> datetime:
        return self.github.now()

    @property
    def login(self) -> str:
        return self.token.login if self.token else ""

    @property
    def repository(self) -> Repository:
        if self.found is None:
            raise not_found()
        return self.found

    @property
    def pull(self) -> Pull:
        number = self.number("pull_number" if "pull_number" in self.parts else "issue_number")
        if number not in self.repository.pulls:
            raise not_found()
        return self.repository.pulls[number]

    def number(self, name: str) -> int:
        """Return a part of the path that is a number."""
        if not self.parts[name].isdigit():
            raise not_found()
        return int(self.parts[name])

    def row(self, rows: dict[int, Any], name: str) -> Any:
        """Return the row that a part of the path names."""
        number = self.number(name)
        if number not in rows:
            raise not_found()
        return rows[number]

    def wants(self, kind: str) -> bool:
        """Say whether the client asked for a media type: raw, diff."""
        return f"github.{kind}" in self.headers.get("accept", "") or (
            f"github.v3.{kind}" in self.headers.get("accept", "")
        )

    def page(self, rows: Sequence[Any], shape: Callable[[Any], Any], key: str = "") -> Answer:
        """Answer one page of rows, with the Link header; `key` wraps it with the count."""
        size = max(1, min(int(self.query.get("per_page", "30")), 100))
        page = max(1, int(self.query.get("page", "1")))
        last = max(1, -(-len(rows) // size))
        shown = [shape(one) for one in rows[(page - 1) * size : page * size]]
        leads = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        if page >= last:
            del leads["next"], leads["last"]
        if page == 1:
            del leads["prev"], leads["first"]
        links = ", ".join(f'<{self._at(number)}>; rel="{name}"' for name, number in leads.items())
        body = {"total_count": len(rows), key: shown} if key else shown
        return Answer(body, headers={"Link": links} if links else {})

    def _at(self, page: int) -> str:
        return f"{self.base}{self.path}?{urlencode({**self.query, 'page': page})}"


Door = Callable[[Asking], Answer]


@dataclass(frozen=True)
class Route:
    """A door: which paths lead to it, and who may pass."""

    method: str
    template: str
    pattern: re.Pattern[str]
    door: Door
    who: str
    """app (its JWT), token, user (a person's token), installation, anyone."""
    needs: tuple[str, ...]
    """Any of these permissions: `contents:read`."""


ROUTES: list[Route] = []
# Their last part may hold slashes.
_LONG = ("path", "ref", "basehead", "branch")


def _pattern(template: str) -> re.Pattern[str]:
    def group(match: re.Match[str]) -> str:
        name = match[1]
        is_long = name in _LONG and template.endswith(match[0])
        return f"(?P<{name}>{'.+' if is_long else '[^/]+'})"

    text = re.sub(r"\{(\w+)\}", group, template)
    # The root folder is a path too.
    return re.compile(text.replace("/contents/(?P<path>.+)", "/contents/?(?P<path>.*)"))


def route(
    method: str, template: str, *, needs: str = "", who: str = "token"
) -> Callable[[Door], Door]:
    """Open a door in the table; `needs`: permissions, any of which lets in."""

    def add(door: Door) -> Door:
        found = Route(method, template, _pattern(template), door, who, tuple(needs.split()))
        ROUTES.append(found)
        return door

    return add


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """Return the door for a path and the path's parts; the closest fits. Raises RefusalError."""
    found = [
        (one, match)
        for one in ROUTES
        if one.method == method and (match := one.pattern.fullmatch(path))
    ]
    if not found:
        raise not_found()
    route_found, match = max(found, key=lambda one: len(one[0].template))
    return route_found, match.groupdict()
