"""Git's own objects: references, blobs, trees and commits."""

import base64
import re
from http import HTTPStatus
from typing import Any

from tests.github_server.branches import follow_branch, tell_push
from tests.github_server.git import NotInGitError
from tests.github_server.routing import Answer, Asking, RefusalError, not_found, route

_BRANCH = re.compile(r"heads/(?!.*(?:\.\.|//|\s|[~^:?*\[\\]))[^/.-][^\n]*(?<![/.])")


def _refused(message: str) -> RefusalError:
    return RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, message)


def _where(asking: Asking, rest: str) -> str:
    return f"{asking.base}/repos/{asking.repository.full_name}/git/{rest}"


def _reference(asking: Asking, name: str, sha: str) -> dict[str, Any]:
    return {
        "ref": f"refs/{name}",
        "node_id": f"REF_{name}",
        "url": _where(asking, f"refs/{name}"),
        "object": {"type": "commit", "sha": sha, "url": _where(asking, f"commits/{sha}")},
    }


def _resolved(asking: Asking) -> tuple[str, str]:
    name = asking.parts["ref"]
    try:
        return name, asking.repository.git.resolve(f"refs/{name}")
    except NotInGitError:
        raise not_found() from None


@route("GET", "/repos/{owner}/{repo}/git/ref/{ref}", needs="contents:read")
def show_reference(asking: Asking) -> Answer:
    return Answer(_reference(asking, *_resolved(asking)))


@route("POST", "/repos/{owner}/{repo}/git/refs", needs="contents:write")
def make_reference(asking: Asking) -> Answer:
    git, name = asking.repository.git, asking.body["ref"].removeprefix("refs/")
    if not asking.body["ref"].startswith("refs/") or not _BRANCH.fullmatch(name):
        raise _refused(f"Reference name '{asking.body['ref']}' is not a valid name.")
    if not git.holds(asking.body["sha"]):
        raise _refused("Object does not exist")
    branch = name.removeprefix("heads/")
    if branch in git.branches():
        raise _refused("Reference already exists")
    git.move_branch(branch, asking.body["sha"])
    after = asking.body["sha"]
    tell_push(asking.github, asking.repository, branch, "", after, asking.login)
    return Answer(_reference(asking, name, after), HTTPStatus.CREATED)


@route("PATCH", "/repos/{owner}/{repo}/git/refs/{ref}", needs="contents:write")
def move_reference(asking: Asking) -> Answer:
    git, after = asking.repository.git, asking.body["sha"]
    branch = asking.parts["ref"].removeprefix("heads/")
    if branch not in git.branches():
        raise _refused("Reference does not exist")
    if not git.holds(after):
        raise _refused("Object does not exist")
    before = git.branch(branch)
    if git.merge_base(before, after) != before and not asking.body.get("force"):
        raise _refused("Update is not a fast forward")
    git.move_branch(branch, after)
    follow_branch(asking.github, asking.repository, branch, before, asking.login)
    return Answer(_reference(asking, asking.parts["ref"], after))


@route("DELETE", "/repos/{owner}/{repo}/git/refs/{ref}", needs="contents:write")
def drop_reference(asking: Asking) -> Answer:
    git, branch = asking.repository.git, asking.parts["ref"].removeprefix("heads/")
    if branch not in git.branches():
        raise _refused("Reference does not exist")
    before = git.branch(branch)
    git.drop_branch(branch)
    tell_push(asking.github, asking.repository, branch, before, "0" * 40, asking.login)
    return Answer(None, HTTPStatus.NO_CONTENT)


@route("POST", "/repos/{owner}/{repo}/git/blobs", needs="contents:write")
def make_blob(asking: Asking) -> Answer:
    content = asking.body["content"]
    is_encoded = asking.body.get("encoding") == "base64"
    blob = base64.b64decode(content) if is_encoded else content.encode()
    sha = asking.repository.git.write_blob(blob)
    return Answer({"sha": sha, "url": _where(asking, f"blobs/{sha}")}, HTTPStatus.CREATED)


@route("GET", "/repos/{owner}/{repo}/git/blobs/{file_sha}", needs="contents:read")
def show_blob(asking: Asking) -> Answer:
    sha = asking.parts["file_sha"]
    try:
        blob = asking.repository.git.raw("cat-file", "blob", sha)
    except NotInGitError:
        raise not_found() from None
    shape = {
        "sha": sha,
        "node_id": f"B_{sha}",
        "size": len(blob),
        "url": _where(asking, f"blobs/{sha}"),
        "content": base64.encodebytes(blob).decode(),
        "encoding": "base64",
    }
    return Answer(shape)


def _tree(asking: Asking, sha: str, *, deep: bool = False) -> dict[str, Any]:
    options = ["-l", "-r", "-t"] if deep else ["-l"]
    listed = asking.repository.git.run("ls-tree", *options, sha).splitlines()
    rows = []
    for line in listed:
        facts, _, path = line.partition("\t")
        mode, kind, one, size = facts.split()
        row: dict[str, Any] = {"path": path, "mode": mode, "type": kind, "sha": one}
        row["url"] = _where(asking, f"{kind}s/{one}")
        rows.append(row | ({} if size == "-" else {"size": int(size)}))
    return {"sha": sha, "url": _where(asking, f"trees/{sha}"), "tree": rows, "truncated": False}


@route("GET", "/repos/{owner}/{repo}/git/trees/{tree_sha}", needs="contents:read")
def show_tree(asking: Asking) -> Answer:
    try:
        sha = asking.repository.git.run("rev-parse", f"{asking.parts['tree_sha']}^{{tree}}")
    except NotInGitError:
        raise not_found() from None
    return Answer(_tree(asking, sha, deep="recursive" in asking.query))


@route("POST", "/repos/{owner}/{repo}/git/trees", needs="contents:write")
def make_tree(asking: Asking) -> Answer:
    git, entries = asking.repository.git, {}
    for row in asking.body["tree"]:
        has_text = "content" in row
        blob = git.write_blob(row["content"].encode()) if has_text else row.get("sha")
        entries[row["path"]] = blob
    modes = {row["path"]: row.get("mode", "100644") for row in asking.body["tree"]}
    try:
        sha = git.write_tree(asking.body.get("base_tree"), entries, modes)
    except NotInGitError:
        raise _refused("tree.sha is not a valid tree oid") from None
    return Answer(_tree(asking, sha), HTTPStatus.CREATED)


@route("POST", "/repos/{owner}/{repo}/git/commits", needs="contents:write")
def make_commit(asking: Asking) -> Answer:
    git, body = asking.repository.git, asking.body
    try:
        sha = git.write_commit(body["tree"], body.get("parents", []), body["message"])
    except NotInGitError:
        raise _refused("Tree SHA does not exist") from None
    shape = asking.shapes.git_commit(asking.repository, git.commit(sha))
    return Answer(shape, HTTPStatus.CREATED)


@route("GET", "/repos/{owner}/{repo}/git/commits/{commit_sha}", needs="contents:read")
def show_git_commit(asking: Asking) -> Answer:
    sha = asking.parts["commit_sha"]
    if not asking.repository.git.holds(sha):
        raise not_found()
    facts = asking.repository.git.commit(sha)
    return Answer(asking.shapes.git_commit(asking.repository, facts))
