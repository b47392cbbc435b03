"""Calls of GitLab's API through python-gitlab, as one connection."""

import functools
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from django.conf import settings
from gitlab import Gitlab
from gitlab.exceptions import GitlabError
from pydantic import TypeAdapter, ValidationError

from core.guarded_requests import CallFailedError, Response, guarded_session
from integrations.call_budgets import require_room
from integrations.codehosts import CodeHostBusyError
from integrations.gitlab.failures import LongAnswerError, look_at_answer, no_answer, refusal
from integrations.gitlab.shapes import Shape
from integrations.review_hosts import AccessLostError, ReviewRefusedError

ANSWER_LIMIT_BYTES = 20_000_000
PAGE_SIZES = (100, 10)
MOST_ENTRIES = 20_000
# What does not fit into a header ends in an error that quotes it.
_TOKEN = re.compile(r"[\x21-\x7e]+")
Answer = TypeVar("Answer", bound=Shape)
Parsed = TypeVar("Parsed")
Values = Mapping[str, Any]


def part(text: str) -> str:
    """Return a text as one part of a path, with its slashes encoded."""
    return quote(text, safe="")


class Calls:
    """Questions and orders to one GitLab, signed in with one token.

    https://python-gitlab.readthedocs.io/en/stable/api-levels.html#lower-level-apis: nothing is
    repeated, no redirect or link is followed, so the token goes nowhere but to the base URL.
    """

    def __init__(
        self,
        *,
        base_url: str,
        token: Callable[[], str],
        ca_bundle: str = "",
        connection_id: int | None = None,
        reserve: int = 0,
        max_bytes: int = ANSWER_LIMIT_BYTES,
    ) -> None:
        """`token`: asked for at the first call; `reserve`: calls that are left alone."""
        self._base_url = base_url
        self._token = token
        self._ca_bundle = ca_bundle
        self._connection_id = connection_id
        self._reserve = reserve
        self._max_bytes = max_bytes
        self._may_write_at = 0.0

    @functools.cached_property
    def _gitlab(self) -> Gitlab:
        token = self._token()
        if not _TOKEN.fullmatch(token):
            raise AccessLostError(
                "token: the connection has none, or one with characters that no token has; enter it"
                " anew.",
                field="token",
            )
        session = guarded_session(
            ca_bundle=self._ca_bundle,
            timeout_seconds=settings.CODE_HOST_TIMEOUT_SECONDS,
            max_bytes=self._max_bytes,
        )
        session.hooks["response"].append(functools.partial(_look, self._connection_id))
        return Gitlab(
            url=self._base_url,
            private_token=token,
            user_agent=settings.PRODUCT_NAME.encode("ascii", "ignore").decode() or "assistant",
            timeout=settings.CODE_HOST_TIMEOUT_SECONDS,
            retry_transient_errors=False,
            keep_base_url=True,
            session=session,
        )

    def get(self, shape: type[Answer], path: str, query: Values | None = None) -> Answer:
        """Return the answer to a question."""
        return _parsed(TypeAdapter(shape), self._say("get", path, query=query))

    def page(
        self, shape: type[Answer], path: str, query: Values | None = None, *, page: int, size: int
    ) -> tuple[list[Answer], int | None, Mapping[str, str]]:
        """Return a page (1-based) of a list, the number of the next, and the answer's headers."""
        asked = {**(query or {}), "page": page, "per_page": size}
        answer = self._say("get", path, query=asked)
        entries = _parsed(TypeAdapter(list[shape]), answer)  # type: ignore[valid-type]
        return entries, _next_page(answer, page, is_full=len(entries) >= size), answer.headers

    def every(self, shape: type[Answer], path: str, query: Values | None = None) -> list[Answer]:
        """Return all entries of a list. Raises ReviewRefusedError where they are too many."""
        for size in PAGE_SIZES[:-1]:
            try:
                return self._every(shape, path, query, size=size)
            except LongAnswerError:
                # Comments may have a million characters each.
                continue
        return self._every(shape, path, query, size=PAGE_SIZES[-1])

    def make(self, shape: type[Answer], path: str, body: Values) -> Answer:
        """Send a POST and return what was made."""
        return _parsed(TypeAdapter(shape), self._say("post", path, body=body))

    def change(self, shape: type[Answer], path: str, body: Values) -> Answer:
        """Send a PUT and return what it became."""
        return _parsed(TypeAdapter(shape), self._say("put", path, body=body))

    def order(self, verb: str, path: str) -> None:
        """Send what has no answer but that it was done."""
        self._say(verb, path)

    def _every(
        self, shape: type[Answer], path: str, query: Values | None, *, size: int
    ) -> list[Answer]:
        found: list[Answer] = []
        page = 1
        for _turn in range(MOST_ENTRIES // size):
            entries, following, _headers = self.page(shape, path, query, page=page, size=size)
            found += entries
            if following is None:
                return found
            page = following
        raise ReviewRefusedError("GitLab's list is longer than what is read of one.")

    def _say(
        self, verb: str, path: str, *, query: Values | None = None, body: Values | None = None
    ) -> Response:
        is_write = verb != "get"
        if self._connection_id is not None:
            require_room(self._connection_id, reserve=self._reserve)
        if is_write:
            self._wait_for_turn()
        # What the libraries raise holds the request, and that the token: none is kept as the cause.
        try:
            return self._gitlab.http_request(
                verb,
                path,
                query_data=dict(query or {}),
                post_data=None if body is None else dict(body),
                obey_rate_limit=False,
                retry_transient_errors=False,
            )
        except GitlabError as error:
            status = error.response_code or 0
            raise refusal(status=status, told=error.error_message, is_write=is_write) from None
        except CallFailedError as error:
            raise no_answer(error) from None

    def _wait_for_turn(self) -> None:
        time.sleep(max(self._may_write_at - time.monotonic(), 0))
        self._may_write_at = time.monotonic() + settings.CODE_HOST_SECONDS_BETWEEN_WRITES


def _look(connection_id: int | None, answer: Response, **_options: Any) -> None:
    look_at_answer(connection_id, answer)


def _next_page(answer: Response, page: int, *, is_full: bool) -> int | None:
    told = answer.headers.get("X-Next-Page")
    if told is None:
        return page + 1 if is_full else None
    following = int(told) if told.isascii() and told.isdigit() else 0
    return following if following > page else None


def _parsed(adapter: TypeAdapter[Parsed], answer: Response) -> Parsed:
    try:
        return adapter.validate_json(answer.content)
    except ValidationError:
        # The page of a proxy, or a cut answer; its text stays out of our errors.
        raise CodeHostBusyError(
            "GitLab's answer cannot be read; check the connection's base URL."
        ) from None
