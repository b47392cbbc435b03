"""Repositories: what they are, their branches and commits, and who may do what."""

from http import HTTPStatus

from tests.github_server.git import NotInGitError
from tests.github_server.routing import Answer, Asking, RefusalError, not_found, route


@route("GET", "/repos/{owner}/{repo}", needs="metadata:read")
def show_repository(asking: Asking) -> Answer:
    return Answer(asking.shapes.full_repository(asking.repository, asking.login))


@route("GET", "/repos/{owner}/{repo}/branches", needs="contents:read")
def list_branches(asking: Asking) -> Answer:
    git = asking.repository.git

    def shape(name: str) -> dict:
        sha = git.branch(name)
        url = f"{asking.base}/repos/{asking.repository.full_name}/commits/{sha}"
        return {"name": name, "commit": {"sha": sha, "url": url}, "protected": False}

    return asking.page(git.branches(), shape)


@route("GET", "/repos/{owner}/{repo}/branches/{branch}", needs="contents:read")
def show_branch(asking: Asking) -> Answer:
    repository, name = asking.repository, asking.parts["branch"]
    try:
        facts = repository.git.commit(repository.git.branch(name))
    except NotInGitError:
        raise RefusalError(HTTPStatus.NOT_FOUND, "Branch not found") from None
    url = f"{asking.base}/repos/{repository.full_name}/branches/{name}"
    off = {"enforcement_level": "off", "contexts": [], "checks": []}
    shape = {
        "name": name,
        "commit": asking.shapes.commit(repository, facts),
        "_links": {"self": url, "html": f"{asking.shapes.web}/{repository.full_name}/tree/{name}"},
        "protected": False,
        "protection": {"enabled": False, "required_status_checks": off},
        "protection_url": f"{url}/protection",
    }
    return Answer(shape)


@route("GET", "/repos/{owner}/{repo}/commits/{ref}", needs="contents:read")
def show_commit(asking: Asking) -> Answer:
    repository, git = asking.repository, asking.repository.git
    try:
        facts = git.commit(git.resolve(asking.parts["ref"]))
    except NotInGitError:
        message = f"No commit found for SHA: {asking.parts['ref']}"
        raise RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, message) from None
    if "github.sha" in asking.headers.get("accept", ""):
        return Answer(facts.sha.encode(), content_type="application/vnd.github.sha")
    diff = git.diff(facts.parents[0], facts.sha) if facts.parents else []
    added = sum(one.additions for one in diff)
    removed = sum(one.deletions for one in diff)
    files = [asking.shapes.file(repository, facts.sha, one) for one in diff]
    stats = {"additions": added, "deletions": removed, "total": added + removed}
    shape = asking.shapes.commit(repository, facts) | {"stats": stats, "files": files[:300]}
    return Answer(shape)


@route("GET", "/repos/{owner}/{repo}/compare/{basehead}", needs="contents:read")
def compare(asking: Asking) -> Answer:
    repository, git = asking.repository, asking.repository.git
    base_name, dots, head_name = asking.parts["basehead"].partition("...")
    try:
        base, head = (git.resolve(one.rpartition(":")[2]) for one in (base_name, head_name))
        merge_base = git.merge_base(base, head)
    except NotInGitError:
        raise not_found() from None
    if not dots:
        raise not_found()
    ahead, behind = git.commits_between(base, head), git.commits_between(head, base)
    states = {(False, False): "identical", (True, False): "ahead", (False, True): "behind"}
    shapes, where = asking.shapes, f"{repository.full_name}/compare/{asking.parts['basehead']}"
    diff = git.diff(base, head)
    files = [shapes.file(repository, head, one) for one in diff][: asking.github.compare_limit]
    web = f"{shapes.web}/{where}"
    shape = {
        "url": f"{asking.base}/repos/{where}",
        "html_url": web,
        "permalink_url": web,
        "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch",
        "base_commit": shapes.commit(repository, git.commit(base)),
        "merge_base_commit": shapes.commit(repository, git.commit(merge_base)),
        "status": states.get((bool(ahead), bool(behind)), "diverged"),
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [shapes.commit(repository, git.commit(one)) for one in ahead[:250]],
        "files": files,
    }
    return Answer(shape)


@route("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission", needs="metadata:read")
def show_permission(asking: Asking) -> Answer:
    repository, login = asking.repository, asking.parts["username"]
    if login not in asking.github.accounts:
        raise RefusalError(HTTPStatus.NOT_FOUND, f"{login} is not a user")
    role = repository.permissions.get(login)
    role = role or ("read" if repository.is_public else "none")
    legacy = {"maintain": "write", "triage": "read"}.get(role, role)
    user = asking.shapes.account(login) | {"role_name": role}
    if role != "none":
        user["permissions"] = asking.shapes.roles(repository, login)
    return Answer({"permission": legacy, "role_name": role, "user": user})
