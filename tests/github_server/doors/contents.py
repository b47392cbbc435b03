"""Files: read one or a folder, and write one on a branch."""

import base64
import binascii
import posixpath
from http import HTTPStatus
from typing import Any

from tests.github_server.branches import follow_branch
from tests.github_server.git import NotInGitError
from tests.github_server.routing import Answer, Asking, RefusalError, not_found, route

SUBMODULE = "https://github.com/acme/vendored.git"
RAW = "application/vnd.github.raw; charset=utf-8"


@route("GET", "/repos/{owner}/{repo}/contents/{path}", needs="contents:read")
def read_content(asking: Asking) -> Answer:
    repository, git = asking.repository, asking.repository.git
    path = asking.parts["path"].strip("/")
    ref = asking.query.get("ref") or repository.default_branch
    try:
        commit = git.resolve(ref)
    except NotInGitError:
        raise RefusalError(HTTPStatus.NOT_FOUND, f"No commit found for the ref {ref}") from None
    try:
        kind, sha = git.object_at(commit, path) if path else ("tree", "")
    except NotInGitError:
        raise not_found() from None
    if kind == "tree":
        return Answer([_entry(asking, ref, *row) for row in git.list_folder(commit, path)])
    if kind == "commit":
        return Answer(_outside(asking, ref, path, sha, {"submodule_git_url": SUBMODULE}))
    blob = git.read(commit, path)
    if git.is_link(commit, path):
        # GitHub answers with the file that a link leads to; with the link where there is none.
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), blob.decode()))
        try:
            sha = git.object_at(commit, target)[1]
            blob = git.read(commit, target)
        except NotInGitError:
            return Answer(_outside(asking, ref, path, sha, {"target": blob.decode()}))
    if asking.wants("raw"):
        return Answer(blob, content_type=RAW)
    return Answer(asking.shapes.content(repository, path, ref, blob, sha))


def _entry(asking: Asking, ref: str, kind: str, sha: str, path: str, size: int) -> dict[str, Any]:
    shape = asking.shapes.content(asking.repository, path, ref, b"", sha)
    word = {"tree": "dir", "link": "symlink"}.get(kind, "file")
    gone = ("encoding", "content")
    return {key: one for key, one in shape.items() if key not in gone} | {
        "type": word,
        "size": size,
        "download_url": shape["download_url"] if word == "file" else None,
    }


def _outside(asking: Asking, ref: str, path: str, sha: str, what: dict[str, str]) -> dict[str, Any]:
    """Return a submodule or a link that leads nowhere."""
    shape = asking.shapes.content(asking.repository, path, ref, b"", sha)
    kept = {key: one for key, one in shape.items() if key not in ("encoding", "content")}
    return kept | {"type": "symlink" if "target" in what else "submodule", **what}


@route("PUT", "/repos/{owner}/{repo}/contents/{path}", needs="contents:write")
def write_content(asking: Asking) -> Answer:
    repository, git = asking.repository, asking.repository.git
    path, body = asking.parts["path"], asking.body
    branch = body.get("branch") or repository.default_branch
    try:
        before = git.branch(branch)
    except NotInGitError:
        raise RefusalError(HTTPStatus.NOT_FOUND, f"Branch {branch} not found") from None
    is_new = _check_sha(asking, before, path, body.get("sha"))
    try:
        content = base64.b64decode(body["content"], validate=False)
    except binascii.Error:
        message = "content is not valid Base64."
        raise RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, message) from None
    commit = git.commit_files(before, {path: content}, body["message"])
    git.move_branch(branch, commit)
    follow_branch(asking.github, repository, branch, before, asking.login)
    sha = git.object_at(commit, path)[1]
    shape = {
        "content": asking.shapes.content(repository, path, branch, content, sha),
        "commit": asking.shapes.git_commit(repository, git.commit(commit)),
    }
    return Answer(shape, HTTPStatus.CREATED if is_new else HTTPStatus.OK)


def _check_sha(asking: Asking, commit: str, path: str, given: str | None) -> bool:
    """Say whether the file is new. Raises RefusalError where `given` is not what stands there."""
    try:
        _kind, there = asking.repository.git.object_at(commit, path)
    except NotInGitError:
        return True
    if given is None:
        message = 'Invalid request.\n\n"sha" wasn\'t supplied.'
        raise RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, message)
    if given != there:
        raise RefusalError(HTTPStatus.CONFLICT, f"{path} does not match {given}")
    return False
