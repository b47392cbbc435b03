"""Files, folders, branches and commits."""

import base64
import binascii
import hashlib
from urllib.parse import unquote

from tests.github_server.git import NotInGitError
from tests.gitlab_server import shapes
from tests.gitlab_server.routing import Answer, Call, bad_request, not_found, route

_REF = {"ref": shapes.TEXT}


@route(
    "GET",
    "/projects/{project}/repository/files/{name}",
    gives=shapes.FILE,
    query=_REF,
    needs=("ref",),
    scope="read_repository",
    level=20,
)
def file(server, call: Call):
    facts, content = _file(call)
    return {**facts, "content": base64.b64encode(content).decode()}


@route(
    "HEAD",
    "/projects/{project}/repository/files/{name}",
    query=_REF,
    needs=("ref",),
    scope="read_repository",
    level=20,
)
def file_head(server, call: Call):
    facts, _content = _file(call)
    headers = {
        f"X-Gitlab-{word.replace('_', '-').title()}": str(value) for word, value in facts.items()
    }
    return Answer(body=b"", headers=headers)


@route(
    "GET",
    "/projects/{project}/repository/files/{name}/raw",
    query={**_REF, "lfs": shapes.YES_OR_NO},
    scope="read_repository",
    level=20,
)
def raw_file(server, call: Call):
    facts, content = _file(call)
    return Answer(
        body=content,
        headers={"Content-Type": "text/plain", "X-Gitlab-Commit-Id": facts["commit_id"]},
    )


@route(
    "GET",
    "/projects/{project}/repository/tree",
    gives=shapes.TREE_ENTRY,
    query={"ref": shapes.TEXT, "path": shapes.TEXT, "recursive": shapes.YES_OR_NO},
    scope="read_repository",
    level=20,
    is_paged=True,
)
def tree(server, call: Call):
    git = call.project.git
    folder = call.query.get("path", "")
    try:
        sha = git.resolve(call.query.get("ref") or call.project.default_branch)
        kind = git.object_at(sha, folder)[0] if folder else "tree"
    except NotInGitError as error:
        raise not_found("Tree") from error
    if kind != "tree":
        raise not_found("invalid revision or path")
    rows = git.run("ls-tree", sha, *(["--", f"{folder}/"] if folder else [])).splitlines()
    found = []
    for row in rows:
        facts, _, path = row.partition("\t")
        mode, kind, object_id = facts.split()
        name = path.rpartition("/")[2]
        found.append({"id": object_id, "name": name, "type": kind, "path": path, "mode": mode})
    # As GitLab sorts: folders, then files.
    return sorted(found, key=lambda entry: (entry["type"] != "tree", entry["type"] != "commit"))


@route("GET", "/projects/{project}/repository/commits/{name}", gives=shapes.COMMIT, level=20)
def commit(server, call: Call):
    git = call.project.git
    try:
        return server.commit_json(
            call.project, git.commit(git.resolve(unquote(call.groups["name"])))
        )
    except NotInGitError as error:
        raise not_found("Commit") from error


@route("GET", "/projects/{project}/repository/branches/{name}", gives=shapes.BRANCH, level=20)
def branch(server, call: Call):
    return _branch_json(server, call, unquote(call.groups["name"]))


@route(
    "POST",
    "/projects/{project}/repository/branches",
    gives=shapes.BRANCH,
    query={"branch": shapes.TEXT, "ref": shapes.TEXT},
    asks=shapes.NEW_BRANCH,
    level=30,
)
def make_branch(server, call: Call):
    git = call.project.git
    name = call.body["branch"]
    if name in git.branches():
        raise bad_request("Branch already exists")
    try:
        git.move_branch(name, git.resolve(call.body["ref"]))
    except NotInGitError as error:
        raise bad_request(f"Invalid reference name: {call.body['ref']}") from error
    return _branch_json(server, call, name)


@route(
    "POST",
    "/projects/{project}/repository/commits",
    asks=shapes.NEW_COMMIT,
    gives=shapes.COMMIT,
    level=30,
)
def make_commit(server, call: Call):
    git, wanted = call.project.git, call.body
    parent = _parent(call)
    files = {}
    for action in wanted["actions"]:
        path = action["file_path"]
        try:
            git.read(parent, path)
        except NotInGitError as error:
            raise bad_request("A file with this name doesn't exist") from error
        known = action.get("last_commit_id")
        if known and known != git.run("log", "-1", "--format=%H", parent, "--", path):
            raise bad_request(f"The file has changed since you started editing it: {path}")
        files[path] = _content(action)
    sha = git.commit_files(parent, files, wanted["commit_message"])
    server.move_branch(call.project, wanted["branch"], sha, call.user.username)
    return server.commit_json(call.project, git.commit(sha))


def _parent(call: Call) -> str:
    git, wanted = call.project.git, call.body
    name = wanted["branch"]
    start = wanted.get("start_sha") or wanted.get("start_branch")
    if name in git.branches():
        if start:
            raise bad_request(
                f"A branch called '{name}' already exists. Switch to that branch in order to"
                " make changes"
            )
        return git.branch(name)
    if not start:
        raise bad_request("You can only create or edit files when you are on a branch")
    try:
        return git.resolve(start)
    except NotInGitError as error:
        raise bad_request("Cannot find start_sha") from error


def _content(action) -> bytes:
    if action.get("encoding") != "base64":
        return action["content"].encode()
    try:
        return base64.b64decode(action["content"], validate=True)
    except binascii.Error as error:
        raise bad_request("content is not base64") from error


def _file(call: Call):
    git, path, ref = call.project.git, unquote(call.groups["name"]), call.query.get("ref", "HEAD")
    try:
        sha = git.resolve(ref)
    except NotInGitError as error:
        raise not_found("Commit") from error
    try:
        kind, blob = git.object_at(sha, path)
        content = git.read(sha, path) if kind == "blob" else None
    except NotInGitError as error:
        raise not_found("File") from error
    if content is None:
        raise not_found("File")
    facts = {
        "file_name": path.rpartition("/")[2],
        "file_path": path,
        "size": len(content),
        "encoding": "base64",
        "content_sha256": hashlib.sha256(content).hexdigest(),
        "ref": ref,
        "blob_id": blob,
        "commit_id": sha,
        "last_commit_id": git.run("log", "-1", "--format=%H", sha, "--", path),
        "execute_filemode": False,
    }
    return facts, content


def _branch_json(server, call: Call, name: str):
    git = call.project.git
    if name not in git.branches():
        raise not_found("Branch")
    return {
        "name": name,
        "commit": server.commit_json(call.project, git.commit(git.branch(name))),
        "merged": False,
        "protected": name == call.project.default_branch,
        "default": name == call.project.default_branch,
        "can_push": True,
        "web_url": f"{server.web_url(call.project)}/-/tree/{name}",
    }
