"""Who is calling, projects, members, hooks and commit statuses."""

import re
from urllib.parse import unquote

from tests.gitlab_server import shapes
from tests.gitlab_server.entities import as_time
from tests.gitlab_server.routing import ApiError, Call, bad_request, not_found, route
from tests.gitlab_server.state import Hook, Status

_PROJECTS = {
    "membership": shapes.YES_OR_NO,
    "archived": shapes.YES_OR_NO,
    "simple": shapes.YES_OR_NO,
    "order_by": {"enum": ["id", "name", "path", "created_at", "updated_at"]},
    "sort": {"enum": ["asc", "desc"]},
    "min_access_level": {"enum": ["10", "20", "30", "40", "50"]},
    "search": shapes.TEXT,
}


@route("GET", "/version", gives=shapes.RELEASE)
def version(server, call: Call):
    return {"version": server.version, "revision": "0a1b2c3"}


@route("GET", "/user", gives=shapes.SELF)
def who(server, call: Call):
    return {**server.user_json(call.user), "bot": call.user.is_bot, "email": ""}


@route("GET", "/personal_access_tokens/self", gives=shapes.TOKEN)
def token(server, call: Call):
    return {
        "id": call.token.id,
        "name": call.token.name,
        "revoked": False,
        "created_at": as_time(server.now()),
        "description": "",
        "scopes": call.token.scopes,
        "user_id": call.user.id,
        "active": True,
        "expires_at": call.token.expires_at.isoformat() if call.token.expires_at else None,
    }


@route("GET", "/projects", gives=shapes.PROJECT, query=_PROJECTS, is_paged=True)
def projects(server, call: Call):
    return _reachable(server, call, "")


@route("GET", "/groups/{name}/projects", gives=shapes.PROJECT, query=_PROJECTS, is_paged=True)
def group_projects(server, call: Call):
    group(server, call)
    name = server.group_name(unquote(call.groups["name"]))
    return _reachable(server, call, f"{name}/")


@route("GET", "/groups/{name}", gives=shapes.GROUP, query={"with_projects": shapes.YES_OR_NO})
def group(server, call: Call):
    name = server.group_name(unquote(call.groups["name"]))
    if name is None:
        raise not_found("Group")
    return {
        "id": server.groups[name],
        "name": name.rpartition("/")[2],
        "path": name.rpartition("/")[2],
        "full_path": name,
        "web_url": f"{server.url}/groups/{name}",
        "visibility": "private",
    }


@route("GET", "/projects/{project}", gives=shapes.PROJECT)
def project(server, call: Call):
    return server.project_json(call.project)


@route("GET", "/projects/{project}/members/all/{number}", gives=shapes.MEMBER)
def member(server, call: Call):
    user = server.user_by_id(int(call.groups["number"]))
    level = call.project.members.get(user.username) if user else None
    if user is None or level is None:
        raise not_found()
    return {**server.user_json(user), "access_level": level, "expires_at": None}


@route("GET", "/projects/{project}/hooks", gives=shapes.HOOK, level=40, is_paged=True)
def hooks(server, call: Call):
    return [server.hook_json(call.project, hook) for hook in call.project.hooks.values()]


@route("POST", "/projects/{project}/hooks", asks=shapes.NEW_HOOK, gives=shapes.HOOK, level=40)
def make_hook(server, call: Call):
    settings = {"push_events": True, **call.body}
    url, secret = settings.pop("url"), settings.pop("token", "")
    _refuse_blocked(server, url)
    hook = Hook(url=url, token=secret, settings=settings, created_at=server.now())
    call.project.hooks[hook.id] = hook
    return server.hook_json(call.project, hook)


@route(
    "PUT", "/projects/{project}/hooks/{number}", asks=shapes.NEW_HOOK, gives=shapes.HOOK, level=40
)
def change_hook(server, call: Call):
    hook = call.project.hooks.get(int(call.groups["number"]))
    if hook is None:
        raise not_found()
    settings = dict(call.body)
    _refuse_blocked(server, settings["url"])
    hook.url, hook.token = settings.pop("url"), settings.pop("token", hook.token)
    hook.settings |= settings
    return server.hook_json(call.project, hook)


@route(
    "POST",
    "/projects/{project}/statuses/{name}",
    asks=shapes.NEW_STATUS,
    gives=shapes.STATUS,
    level=30,
)
def set_status(server, call: Call):
    sha = call.groups["name"]
    if not call.project.git.holds(sha):
        raise not_found("Commit")
    wanted = call.body
    name = wanted.get("name") or wanted.get("context") or "default"
    running = [
        row
        for row in call.project.statuses
        if (row.sha, row.name) == (sha, name) and row.state in {"pending", "running"}
    ]
    row = running[-1] if running else None
    if row is not None and row.state == wanted["state"]:
        event = {"pending": "enqueue", "running": "run"}[row.state]
        raise bad_request(
            f"Cannot transition status via :{event} from :{row.state}"
            f' (Reason(s): Status cannot transition via "{event}")'
        )
    if row is None:
        row = Status(
            sha=sha,
            state="",
            name=name,
            description=None,
            target_url=None,
            author=call.user.username,
            created_at=server.now(),
            ref=wanted.get("ref"),
        )
        call.project.statuses.append(row)
    row.state = wanted["state"]
    row.description = wanted.get("description", row.description)
    row.target_url = wanted.get("target_url", row.target_url)
    return server.status_json(row)


@route(
    "GET",
    "/projects/{project}/repository/commits/{name}/statuses",
    gives=shapes.STATUS,
    query={"name": shapes.TEXT, "all": shapes.YES_OR_NO},
    is_paged=True,
)
def statuses(server, call: Call):
    rows = [
        row
        for row in call.project.statuses
        if row.sha == call.groups["name"] and row.name == call.query.get("name", row.name)
    ]
    return [server.status_json(row) for row in reversed(rows)]


def _refuse_blocked(server, url: str) -> None:
    if server.blocks_hooks:
        error = f"Url is blocked: Requests to the local network are not allowed {url}"
        raise ApiError(422, {"error": error})


def _reachable(server, call: Call, prefix: str):
    least = int(call.query.get("min_access_level", "0"))
    rows = []
    for one in server.repositories.values():
        level = one.members.get(call.user.username, -1)
        is_member = level >= least if call.query.get("membership") == "true" or least else True
        is_seen = level >= 0 or one.visibility == "public"
        if is_member and is_seen and one.full_name.startswith(prefix):
            rows.append(one)
    if "search" in call.query:
        rows = [row for row in rows if re.search(re.escape(call.query["search"]), row.full_name)]
    rows.sort(key=lambda row: row.id, reverse=call.query.get("sort", "desc") == "desc")
    return [server.project_json(row) for row in rows]
