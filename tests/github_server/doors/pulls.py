"""Pull requests: list, open, read, change, and what they change."""

from http import HTTPStatus

from tests.github_server import deeds
from tests.github_server.git import NotInGitError
from tests.github_server.routing import Answer, Asking, RefusalError, invalid, route

PULLS = "/repos/{owner}/{repo}/pulls"


def _error(**fields: str) -> RefusalError:
    error = {"resource": "PullRequest", **fields}
    return RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, "Validation Failed", errors=[error])


@route("GET", PULLS, needs="pull_requests:read")
def list_pulls(asking: Asking) -> Answer:
    repository, query = asking.repository, asking.query
    state, head, base = query.get("state", "open"), query.get("head", ""), query.get("base", "")
    rows = [
        one
        for one in repository.pulls.values()
        if state in ("all", one.state)
        and head in ("", f"{one.fork.partition('/')[0] or repository.owner}:{one.head}")
        and base in ("", one.base)
    ]
    if query.get("direction", "desc") == "desc":
        rows.reverse()
    return asking.page(rows, lambda one: asking.shapes.pull(repository, one, full=False))


@route("POST", PULLS, needs="pull_requests:write")
def open_pull(asking: Asking) -> Answer:
    repository, body = asking.repository, asking.body
    git, head = repository.git, body["head"].rpartition(":")[2]
    for name, branch in (("head", head), ("base", body["base"])):
        if branch not in git.branches():
            raise _error(field=name, code="invalid")
    if not git.commits_between(git.branch(body["base"]), git.branch(head)):
        words = f"No commits between {body['base']} and {head}"
        raise _error(code="custom", message=words)
    same = [
        one for one in repository.pulls.values() if (one.head, one.base) == (head, body["base"])
    ]
    if any(one.state == "open" for one in same):
        words = f"A pull request already exists for {repository.owner}:{head}."
        raise _error(code="custom", message=words)
    pull, _told = asking.github.open_pull(
        repository.full_name,
        head,
        body["base"],
        author=asking.login,
        title=body.get("title", ""),
        body=body.get("body") or "",
        draft=bool(body.get("draft")),
    )
    return Answer(asking.shapes.pull(repository, pull), HTTPStatus.CREATED)


@route("GET", f"{PULLS}/{{pull_number}}", needs="pull_requests:read")
def show_pull(asking: Asking) -> Answer:
    pull, git = asking.pull, asking.repository.git
    if asking.wants("diff"):
        text = git.raw("diff", f"{pull.base_sha}...{pull.head_sha}")
        return Answer(text, content_type="application/vnd.github.diff; charset=utf-8")
    return Answer(asking.shapes.pull(asking.repository, pull))


@route("PATCH", f"{PULLS}/{{pull_number}}", needs="pull_requests:write")
def change_pull(asking: Asking) -> Answer:
    github, repository, pull, body = asking.github, asking.repository, asking.pull, asking.body
    if "body" in body:
        pull.body = body["body"] or ""
    if "title" in body or "base" in body:
        title, base = body.get("title", ""), body.get("base", "")
        if base and base not in repository.git.branches():
            raise _error(field="base", code="invalid")
        github.edit_pull(
            repository.full_name, pull.number, title=title, base=base, login=asking.login
        )
    state = body.get("state", pull.state)
    if pull.merged_at is not None and state == "open":
        raise invalid("PullRequest", "state", "state cannot be changed. It was merged.")
    if state != pull.state:
        act = github.close if state == "closed" else github.reopen
        act(repository.full_name, pull.number, asking.login)
    return Answer(asking.shapes.pull(repository, pull))


@route("GET", f"{PULLS}/{{pull_number}}/files", needs="pull_requests:read")
def list_files(asking: Asking) -> Answer:
    repository, pull = asking.repository, asking.pull
    try:
        diff = repository.git.diff(pull.base_sha, pull.head_sha)
    except NotInGitError:
        raise RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, "Sorry, this diff is gone.") from None
    rows = diff[: asking.github.files_limit]
    return asking.page(rows, lambda one: asking.shapes.file(repository, pull.head_sha, one))


@route("GET", f"{PULLS}/{{pull_number}}/commits", needs="pull_requests:read")
def list_commits(asking: Asking) -> Answer:
    repository = asking.repository
    rows = deeds.commits_of(repository, asking.pull)[:250]
    git = repository.git
    return asking.page(rows, lambda one: asking.shapes.commit(repository, git.commit(one)))


@route("GET", "/repos/{owner}/{repo}/issues/{issue_number}", needs="issues:read pull_requests:read")
def show_issue(asking: Asking) -> Answer:
    return Answer(asking.shapes.issue(asking.repository, asking.pull))
