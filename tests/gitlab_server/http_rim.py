"""HTTP around the stand-in: who may call, what may be said, and pages of lists."""

import json
import time
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import jsonschema

# Imported for the routes that they add.
from tests.gitlab_server import api_merge_requests, api_notes, api_projects, api_repository
from tests.gitlab_server.routing import ROUTES, Answer, ApiError, Call, Route, not_found
from tests.gitlab_server.state import SeenRequest
from tests.loopback import Handler

__all__ = ["api_merge_requests", "api_notes", "api_projects", "api_repository", "handler_of"]
_ALLOWED_BY = {
    "api": {"api"},
    "read_api": {"api", "read_api"},
    "read_repository": {"api", "read_api", "read_repository"},
    "": {"api", "read_api"},
}


def handler_of(server) -> type[Handler]:
    """Return what answers the requests of a stand-in."""

    class GitLabHandler(Handler):
        def handle_any(self):
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            answer = _answer(server, self.command, self.path, self.headers, body)
            self.send(answer)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 the library's

        def send(self, answer: Answer):
            is_raw = isinstance(answer.body, bytes)
            content = answer.body if is_raw else json.dumps(answer.body).encode()
            content = b"" if answer.status == 204 or answer.body is None else content
            self.send_response(answer.status)
            kind = {} if answer.status == 204 else {"Content-Type": "application/json"}
            for name, value in {**kind, **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

    return GitLabHandler


def _answer(server, method: str, target: str, headers, body: bytes) -> Answer:
    parts = urlsplit(target)
    path = parts.path.removeprefix(server.prefix).removeprefix("/api/v4")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    parsed = _parsed(body)
    seconds = server.seconds_of_failure(method, path)
    if seconds:
        time.sleep(seconds)
    with server.lock:
        try:
            _refuse_other_pages(server, parts.path)
            answer = _serve(server, method, path, query, parsed, headers)
        except ApiError as error:
            answer = Answer(body=error.body, status=error.status, headers=error.headers)
        shown = f"{path}?{parts.query}" if parts.query else path
        server.requests.append(
            SeenRequest(method, shown, parsed, dict(headers.items()), answer.status)
        )
    return answer


def _refuse_other_pages(server, path: str) -> None:
    if not path.startswith(f"{server.prefix}/api/v4/"):
        raise ApiError(404, b"<html>Not found</html>", {"Content-Type": "text/html"})


def _serve(server, method: str, path: str, query, body, headers) -> Answer:
    server.meet_trouble(method, path)
    token = server.tokens.get(headers.get("PRIVATE-TOKEN") or "")
    if token is None or server.is_expired(token):
        raise ApiError(401, {"message": "401 Unauthorized"})
    if token.is_revoked:
        description = "Token was revoked. You have to re-authorize from the user."
        raise ApiError(401, {"error": "invalid_token", "error_description": description})
    route, groups = _route(method, path)
    if not _ALLOWED_BY[route.scope] & set(token.scopes):
        raise ApiError(
            403,
            {
                "error": "insufficient_scope",
                "error_description": "The request requires higher privileges than provided by the"
                " access token.",
                "scope": " ".join(sorted(_ALLOWED_BY[route.scope])),
            },
        )
    call = Call(
        query=query,
        body=body or {},
        groups=groups,
        user=server.user(token.username),
        token=token,
        project=None,
        merge_request=None,
    )
    _find_rows(server, method, call, route)
    _check(server, route, query, body, f"{method} {path}")
    given = route.handler(server, call)
    return _shown(server, route, call, given, path)


def _route(method: str, path: str) -> tuple[Route, dict[str, str]]:
    for route in ROUTES:
        found = route.pattern.fullmatch(path)
        if found and route.method == method:
            return route, found.groupdict()
    raise ApiError(404, {"error": "404 Not Found"})


def _find_rows(server, method: str, call: Call, route: Route) -> None:
    if "project" not in call.groups:
        return
    name = unquote(call.groups["project"])
    project = server.find_repository(name)
    if project is None and method == "GET" and (moved := server.moved(name)):
        location = f"{server.url}/api/v4/projects/{moved.id}"
        raise ApiError(
            301, {"message": f"This resource has been moved to {location}"}, {"Location": location}
        )
    if project is None or (
        project.visibility != "public" and call.user.username not in project.members
    ):
        raise not_found("Project")
    call.project = project
    level = project.members.get(call.user.username, 0)
    is_read = method in {"GET", "HEAD"} and project.visibility == "public" and route.level <= 20
    is_refused = level < route.level and not is_read
    if is_refused or (project.is_archived and method not in {"GET", "HEAD"}):
        raise ApiError(403, {"message": "403 Forbidden"})
    if "iid" in call.groups:
        call.merge_request = project.merge_requests.get(int(call.groups["iid"]))
        if call.merge_request is None:
            raise not_found()


def _check(server, route: Route, query, body, label: str) -> None:
    wrong = _problem(query, route.query)
    if not wrong and route.asks is not None:
        wrong = _problem(body, route.asks)
    if wrong:
        server.violations.append(f"asked {label}: {wrong}")
        raise ApiError(400, {"error": wrong})


def _shown(server, route: Route, call: Call, given: Any, path: str) -> Answer:
    if isinstance(given, Answer):
        return given
    headers = server.limit_headers()
    if route.is_paged:
        given, paging = _page(server, given, call.query, path)
        headers |= paging
    shape = {"type": "array", "items": route.gives} if route.is_paged else route.gives
    if shape is not None and (wrong := _problem(given, shape)):
        server.violations.append(f"answered {route.method} {path}: {wrong}")
    return Answer(body=given, status=route.status, headers=headers)


def _page(server, rows: list[Any], query, path: str) -> tuple[list[Any], dict[str, str]]:
    number, size = int(query.get("page", 1)), int(query.get("per_page", 20))
    is_last = number * size >= len(rows) and not server.is_endless
    headers = {
        "X-Page": str(number),
        "X-Per-Page": str(size),
        "X-Next-Page": "" if is_last else str(number + 1),
        "X-Total": str(len(rows)),
        "X-Total-Pages": str(-(-len(rows) // size)),
    }
    if not is_last:
        address = f"{server.link_base or server.url}/api/v4{path}?page={number + 1}&per_page={size}"
        headers["Link"] = f'<{address}>; rel="next"'
    return rows[(number - 1) * size : number * size], headers


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None


def _problem(value: Any, schema) -> str:
    validator = jsonschema.Draft202012Validator(schema)
    error = jsonschema.exceptions.best_match(validator.iter_errors(value))
    return f"{error.json_path}: {error.message[:300]}" if error else ""
