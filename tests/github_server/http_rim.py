"""The HTTP side of the stand-in: reads requests, passes them to their doors, writes answers."""

import dataclasses
import json
import traceback
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.github_server import access, doors, web
from tests.github_server.description import answer_problems, body_problems, query_problems
from tests.github_server.pull_shapes import PullShapes
from tests.github_server.routing import Answer, Asking, RefusalError, Route, find_route
from tests.github_server.shapes import digest
from tests.github_server.state import SeenRequest
from tests.loopback import Handler

if TYPE_CHECKING:
    from tests.github_server.server import GitHubServer

PREFIX = "/api/v3"
assert doors.LOADED


def handler_of(github: "GitHubServer") -> type[Handler]:
    """Return what answers the requests of a stand-in."""

    class GitHubHandler(Handler):
        def handle_request(self) -> None:
            given = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = serve(github, self.command, self.path, headers, given)
            if answer is None:
                self.close_connection = True
                return
            body = answer.encoded()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request  # noqa: N815

    return GitHubHandler


def serve(
    github: "GitHubServer", method: str, target: str, headers: dict[str, str], given: bytes
) -> Answer | None:
    """Answer a request; None where the server is closed before a slow answer is due."""
    asking = _read(github, method, target, headers, given)
    failure = next((one for one in github.failures if one.fits(method, asking.path)), None)
    if failure and failure.seconds and github.closing.wait(failure.seconds):
        return None
    with github.lock:
        answer = _guarded(asking, given)
        seen = SeenRequest(method, _with_query(asking), asking.body, headers, answer.status)
        github.requests.append(seen)
    return answer


def _read(
    github: "GitHubServer", method: str, target: str, headers: dict[str, str], given: bytes
) -> Asking:
    address = urlsplit(target)
    host = f"http://{headers.get('host', '127.0.0.1')}"
    is_prefixed = address.path.startswith(f"{PREFIX}/")
    path = address.path[len(PREFIX) :] if is_prefixed else address.path
    try:
        body = json.loads(given) if given else None
    except ValueError:
        body = None
    base = f"{host}{PREFIX if is_prefixed else ''}"
    return Asking(
        github=github,
        method=method,
        path=_by_name(github, path),
        query=dict(parse_qsl(address.query, keep_blank_values=True)),
        headers=headers,
        body=body,
        base=base,
        shapes=PullShapes(github, base, host),
    )


def _by_name(github: "GitHubServer", path: str) -> str:
    """Return a path by number (`/repositories/7/pulls`) as the path by name."""
    steps = path.split("/")
    if len(steps) < 3 or steps[1] != "repositories" or not steps[2].isdigit():
        return path
    found = github.repository_by_id(int(steps[2]))
    name = found.full_name if found else "nobody/nothing"
    return "/".join(["/repos", name, *steps[3:]])


def _with_query(asking: Asking) -> str:
    query = "&".join(f"{name}={value}" for name, value in asking.query.items())
    return f"{asking.path}?{query}" if query else asking.path


def _guarded(asking: Asking, given: bytes) -> Answer:
    """Answer a request; a fault of the stand-in itself fails the test as well."""
    try:
        return _answered(asking, given)
    except Exception:  # noqa: BLE001 - it is kept, and the test fails
        where = f"the stand-in broke at {asking.method} {asking.path}"
        asking.github.violations.append(f"{where}:\n{traceback.format_exc()}")
        return Answer({"message": "The stand-in broke."}, HTTPStatus.INTERNAL_SERVER_ERROR)


def _answered(asking: Asking, given: bytes) -> Answer:
    found = web.answer(asking, given)
    if found is not None:
        return found
    limits: dict[str, str] = {}
    try:
        _fail(asking)
        limits = access.count(asking)
        route, parts = find_route(asking.method, asking.path)
        asking.parts = {name: unquote(value) for name, value in parts.items()}
        access.enter(asking, route)
        _check(asking, route, given)
        answer = _unchanged(asking, route.door(asking))
        _keep_problems(asking, route, answer)
    except RefusalError as refusal:
        headers = limits | refusal.headers
        return Answer(refusal.body, refusal.status, headers)
    asking.github.used -= answer.status == HTTPStatus.NOT_MODIFIED
    accepted = "; ".join(need.replace(":", "=") for need in route.needs)
    more = {"X-Accepted-GitHub-Permissions": accepted} if accepted else {}
    return dataclasses.replace(answer, headers=limits | more | answer.headers)


def _fail(asking: Asking) -> None:
    for failure in asking.github.failures:
        if failure.fits(asking.method, asking.path):
            failure.times -= 1
            headers = dict(failure.headers or {})
            raise RefusalError(failure.status, failure.message, headers=headers)


def _check(asking: Asking, route: Route, given: bytes) -> None:
    """Hold a request against the description."""
    if given and asking.body is None:
        raise RefusalError(HTTPStatus.BAD_REQUEST, "Problems parsing JSON")
    problems = query_problems(asking.method, route.template, asking.query)
    problems += body_problems(asking.method, route.template, asking.body)
    if problems:
        where = f"{asking.method} {asking.path}"
        asking.github.violations.extend(f"{where}: {one}" for one in problems)
        errors: list[Any] = list(problems)
        raise RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, "Invalid request.", errors=errors)


def _keep_problems(asking: Asking, route: Route, answer: Answer) -> None:
    """Hold our own answer against the description."""
    if isinstance(answer.body, bytes) or answer.status == HTTPStatus.NOT_MODIFIED:
        return
    problems = answer_problems(asking.method, route.template, answer.status, answer.body)
    where = f"our answer to {asking.method} {asking.path}"
    asking.github.violations.extend(f"{where}: {one}" for one in problems)


def _unchanged(asking: Asking, answer: Answer) -> Answer:
    """Add an ETag to what was read; answer 304 to a client that has it already."""
    if asking.method != "GET" or answer.status != HTTPStatus.OK:
        return answer
    etag = f'"{digest(answer.encoded())}"'
    headers = answer.headers | {"ETag": etag}
    asked = asking.headers.get("if-none-match", "").replace("W/", "")
    if etag in asked.split(", "):
        return Answer(None, HTTPStatus.NOT_MODIFIED, headers)
    return dataclasses.replace(answer, headers=headers)
