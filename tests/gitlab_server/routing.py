"""Which call is answered by what, and what it may say."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.gitlab_server.shapes import PAGING, Schema
from tests.gitlab_server.state import MergeRequest, Repository, Token, User


class ApiError(Exception):
    """An answer that is a refusal."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None):
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers or {}


def not_found(what: str = "") -> ApiError:
    return ApiError(404, {"message": f"404 {what} Not Found" if what else "404 Not found"})


def bad_request(message: str) -> ApiError:
    return ApiError(400, {"message": message})


@dataclass
class Call:
    """A request that was let in."""

    query: dict[str, str]
    body: dict[str, Any]
    groups: dict[str, str]
    user: User
    token: Token
    project: Repository
    merge_request: MergeRequest


@dataclass(frozen=True)
class Answer:
    """What a handler gives where it is more than JSON with the route's status."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    """One documented call."""

    method: str
    pattern: re.Pattern[str]
    handler: Callable[..., Any]
    scope: str
    level: int
    status: int
    gives: Schema | None
    asks: Schema | None
    query: Schema
    is_paged: bool


ROUTES: list[Route] = []
_WORDS = {
    "{project}": r"(?P<project>[^/]+)",
    "{iid}": r"(?P<iid>\d+)",
    "{number}": r"(?P<number>\d+)",
    "{name}": r"(?P<name>[^/]+)",
}


def route(
    method: str,
    path: str,
    *,
    gives: Schema | None = None,
    asks: Schema | None = None,
    query: dict[str, Schema] | None = None,
    needs: tuple[str, ...] = (),
    scope: str = "",
    level: int = 0,
    is_paged: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Serve a call: `gives` is the shape of the answer, or of each item of a paged list."""
    pattern = path
    for word, expression in _WORDS.items():
        pattern = pattern.replace(word, expression)
    allowed = {**(query or {}), **(PAGING if is_paged else {})}

    def add(handler: Callable[..., Any]) -> Callable[..., Any]:
        made = Route(
            method=method,
            pattern=re.compile(pattern),
            handler=handler,
            scope=scope or ("read_api" if method in {"GET", "HEAD"} else "api"),
            level=level,
            status={"POST": 201, "DELETE": 204}.get(method, 200),
            gives=gives,
            asks=asks,
            query={
                "type": "object",
                "properties": allowed,
                "required": list(needs),
                "additionalProperties": False,
            },
            is_paged=is_paged,
        )
        ROUTES.append(made)
        return handler

    return add
