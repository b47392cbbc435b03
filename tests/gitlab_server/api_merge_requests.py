"""Merge requests, their versions and their diffs."""

from tests.gitlab_server import shapes
from tests.gitlab_server.routing import ApiError, Call, not_found, route

_AT = "/projects/{project}/merge_requests/{iid}"
_FILTERS = {
    "state": {"enum": ["opened", "closed", "locked", "merged", "all"]},
    "source_branch": shapes.TEXT,
    "target_branch": shapes.TEXT,
    "order_by": {"enum": ["created_at", "updated_at"]},
    "sort": {"enum": ["asc", "desc"]},
    "author_id": shapes.COUNT,
}


@route(
    "GET",
    "/projects/{project}/merge_requests",
    gives=shapes.MERGE_REQUEST,
    query=_FILTERS,
    is_paged=True,
)
def merge_requests(server, call: Call):
    state = call.query.get("state", "all")
    rows = [
        row
        for row in call.project.merge_requests.values()
        if state in ("all", row.state)
        and row.source_branch == call.query.get("source_branch", row.source_branch)
        and row.target_branch == call.query.get("target_branch", row.target_branch)
    ]
    return [server.merge_request_json(call.project, row) for row in reversed(rows)]


@route("GET", _AT, gives=shapes.FULL_MERGE_REQUEST)
def merge_request(server, call: Call):
    return server.full_merge_request_json(call.project, call.merge_request)


@route(
    "POST",
    "/projects/{project}/merge_requests",
    asks=shapes.NEW_MERGE_REQUEST,
    gives=shapes.FULL_MERGE_REQUEST,
    level=30,
)
def make_merge_request(server, call: Call):
    wanted = call.body
    for row in call.project.merge_requests.values():
        if row.state == "opened" and row.source_branch == wanted["source_branch"]:
            message = (
                f"Another open merge request already exists for this source branch: !{row.iid}"
            )
            raise ApiError(409, {"message": [message]})
    branches = call.project.git.branches()
    if wanted["source_branch"] not in branches or wanted["target_branch"] not in branches:
        raise ApiError(400, {"message": ["Source branch or target branch does not exist"]})
    made, _deliveries = server.open_merge_request(
        call.project.full_name,
        wanted["source_branch"],
        wanted["target_branch"],
        author=call.user.username,
        title=wanted["title"],
        body=wanted.get("description", ""),
    )
    return server.full_merge_request_json(call.project, made)


@route("PUT", _AT, asks=shapes.CHANGED_MERGE_REQUEST, gives=shapes.FULL_MERGE_REQUEST, level=30)
def change_merge_request(server, call: Call):
    one = call.merge_request
    one.title = call.body.get("title", one.title)
    one.description = call.body.get("description", one.description)
    one.updated_at = server.now()
    if call.body.get("state_event") == "close":
        server.close(call.project.full_name, one.iid, call.user.username)
    if call.body.get("state_event") == "reopen":
        server.reopen(call.project.full_name, one.iid, call.user.username)
    return server.full_merge_request_json(call.project, one)


@route("GET", f"{_AT}/versions", gives=shapes.VERSION, is_paged=True)
def versions(server, call: Call):
    return [
        server.version_json(call.project, call.merge_request, row)
        for row in reversed(call.merge_request.versions)
    ]


@route(
    "GET",
    f"{_AT}/versions/{{number}}",
    gives=shapes.FULL_VERSION,
    query={"unidiff": shapes.YES_OR_NO},
)
def version(server, call: Call):
    number = int(call.groups["number"])
    for row in call.merge_request.versions:
        if row.id == number:
            git = call.project.git
            commits = [git.commit(sha) for sha in git.commits_between(row.base, row.head)]
            return {
                **server.version_json(call.project, call.merge_request, row),
                "commits": [server.commit_json(call.project, facts) for facts in commits],
                "diffs": server.diffs_json(call.project, row),
            }
    raise not_found()


@route(
    "GET",
    f"{_AT}/diffs",
    gives=shapes.DIFF,
    query={"unidiff": shapes.YES_OR_NO},
    is_paged=True,
)
def diffs(server, call: Call):
    return server.diffs_json(call.project, call.merge_request.versions[-1])


@route("GET", f"{_AT}/changes", gives=shapes.CHANGES, query={"unidiff": shapes.YES_OR_NO})
def changes(server, call: Call):
    one = call.merge_request
    newest = one.versions[-1]
    return {
        **server.full_merge_request_json(call.project, one),
        "changes": server.diffs_json(call.project, newest),
        "overflow": len(call.project.git.diff(newest.base, newest.head)) > server.files_limit,
    }
