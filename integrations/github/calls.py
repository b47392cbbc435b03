"""Calls of GitHub's API through PyGithub, as a connection, as an app, or as nobody."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.conf import settings
from github import Auth, Github

from core.guarded_requests import guarded_session
from integrations.github.addresses import api_address
from integrations.github.failures import in_our_words
from integrations.github.shapes import Shape
from integrations.github.transport import ANSWER_LIMIT_BYTES, Line, speaking_through

PAGE_SIZE = 100
_API_VERSION = "2022-11-28"
Answer = TypeVar("Answer", bound=Shape)
Parsed = TypeVar("Parsed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """Questions and orders to one API address, with one way of signing in."""

    line: Line = field(repr=False)
    github: Github = field(repr=False)

    def get(self, shape: type[Answer], path: str, *, needs: str, **parameters: Any) -> Answer:
        """Return the answer to a question."""
        with in_our_words(needs=needs):
            return shape.model_validate(self._say("GET", path, parameters=parameters)[1])

    def get_parsed(
        self, parse: Callable[[Any], Parsed], path: str, *, needs: str, **parameters: Any
    ) -> Parsed:
        """Return what `parse` makes of the content of an answer."""
        with in_our_words(needs=needs):
            return parse(self._say("GET", path, parameters=parameters)[1])

    def headers(self, path: str, *, needs: str, **parameters: Any) -> Mapping[str, str]:
        """Return an answer's headers, with names in lower case."""
        with in_our_words(needs=needs):
            return self._say("GET", path, parameters=parameters)[0]

    def page(
        self, shape: type[Answer], path: str, *, needs: str, page: int = 1, inside: str = ""
    ) -> tuple[list[Answer], bool]:
        """Return a page (1-based) of a list, and whether another follows.

        `inside`: the field that holds the list, where it is not the answer itself.
        """
        with in_our_words(needs=needs):
            headers, data = self._say("GET", path, parameters={"per_page": PAGE_SIZE, "page": page})
            entries = data[inside] if inside else data
            # Only that there is a next page counts; where the Link leads is ours to say.
            has_next = 'rel="next"' in headers.get("link", "") and bool(entries)
            return [shape.model_validate(one) for one in entries], has_next

    def pages(
        self, shape: type[Answer], path: str, *, needs: str, most_pages: int
    ) -> Iterator[Answer]:
        """Yield the entries of a list's pages, of so many at most."""
        for number in range(1, most_pages + 1):
            entries, has_next = self.page(shape, path, needs=needs, page=number)
            yield from entries
            if not has_next:
                return

    def order(self, verb: str, path: str, body: Mapping[str, Any] | None, *, needs: str) -> None:
        """Send what changes something, and whose answer tells nothing more. Never repeated."""
        with in_our_words(needs=needs):
            self._say(verb, path, body=body)

    def make(
        self, shape: type[Answer], path: str, body: Mapping[str, Any] | None, *, needs: str
    ) -> Answer:
        """Send a POST and return what was made."""
        with in_our_words(needs=needs):
            return shape.model_validate(self._say("POST", path, body=body)[1])

    def _say(
        self,
        verb: str,
        path: str,
        *,
        parameters: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> tuple[Mapping[str, str], Any]:
        with speaking_through(self.line):
            return self.github.requester.requestJsonAndCheck(
                verb,
                path,
                parameters=dict(parameters or {}),
                headers={"Accept": "application/vnd.github+json"},
                input=None if body is None else dict(body),
            )


def calls_as(
    *,
    base_url: str,
    ca_bundle: str,
    auth: Auth.Auth | None,
    connection_id: int | None = None,
    reserve: int = 0,
    renew: Callable[[], str] | None = None,
) -> Calls:
    """Return calls that sign in with `auth`; `reserve`: calls of the budget that are left alone.

    `renew` makes another Authorization header where GitHub refuses the first.
    """
    address = api_address(base_url)
    line = Line(
        api_address=address,
        session=guarded_session(
            ca_bundle=ca_bundle,
            timeout_seconds=settings.CODE_HOST_TIMEOUT_SECONDS,
            max_bytes=ANSWER_LIMIT_BYTES,
        ),
        connection_id=connection_id,
        reserve=reserve,
        renew=renew,
        cache_key="" if connection_id is None else str(connection_id),
    )
    github = Github(
        auth=auth,
        base_url=address,
        user_agent=settings.PRODUCT_NAME.encode("ascii", "ignore").decode() or "assistant",
        per_page=PAGE_SIZE,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=settings.CODE_HOST_SECONDS_BETWEEN_WRITES or None,
        lazy=True,
        api_version=_API_VERSION,
    )
    return Calls(line=line, github=github)
