"""Check runs, which only apps make, and commit statuses."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from tests.github_server.git import NotInGitError
from tests.github_server.routing import Answer, Asking, RefusalError, invalid, route
from tests.github_server.state import CheckRun, Status

RUNS = "/repos/{owner}/{repo}/check-runs"
LONGEST_SUMMARY = 65_535
LONGEST_DESCRIPTION = 140


def _must_be_app(asking: Asking) -> None:
    if asking.token.installation is None:
        raise RefusalError(HTTPStatus.FORBIDDEN, "You must authenticate via a GitHub App.")


def _apply(asking: Asking, run: CheckRun, body: dict[str, Any]) -> None:
    """Write what a request says into a run; a conclusion completes it."""
    summary = (body.get("output") or {}).get("summary") or ""
    if len(summary) > LONGEST_SUMMARY:
        words = f"summary exceeds a maximum bytesize of {LONGEST_SUMMARY}"
        raise invalid("CheckRun", "summary", words)
    if body.get("status") == "completed" and not body.get("conclusion"):
        words = "conclusion is required when status is completed"
        raise invalid("CheckRun", "conclusion", words, "missing_field")
    for name in ("name", "status", "conclusion", "details_url", "external_id"):
        setattr(run, name, body.get(name, getattr(run, name)))
    if "output" in body:
        run.output = run.output | body["output"]
    if body.get("conclusion"):
        run.status = "completed"
        given = body.get("completed_at")
        run.completed_at = datetime.fromisoformat(given) if given else asking.now
    elif "status" in body:
        run.conclusion = run.completed_at = None


def _commit(asking: Asking) -> str:
    """Return the commit that a branch or an id names."""
    try:
        return asking.repository.git.resolve(asking.parts["ref"])
    except NotInGitError:
        message = f"No commit found for SHA: {asking.parts['ref']}"
        raise RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, message) from None


@route("POST", RUNS, needs="checks:write")
def make_check_run(asking: Asking) -> Answer:
    _must_be_app(asking)
    repository, body = asking.repository, asking.body
    if not repository.git.holds(body["head_sha"]):
        message = f"No commit found for SHA: {body['head_sha']}"
        raise RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, message)
    run = CheckRun(
        name=body["name"],
        head_sha=body["head_sha"],
        app=asking.token.installation.app,
        started_at=asking.now,
    )
    _apply(asking, run, body)
    repository.check_runs[run.id] = run
    return Answer(asking.shapes.check_run(repository, run), HTTPStatus.CREATED)


@route("GET", f"{RUNS}/{{check_run_id}}", needs="checks:read")
def show_check_run(asking: Asking) -> Answer:
    run = asking.row(asking.repository.check_runs, "check_run_id")
    return Answer(asking.shapes.check_run(asking.repository, run))


@route("PATCH", f"{RUNS}/{{check_run_id}}", needs="checks:write")
def change_check_run(asking: Asking) -> Answer:
    _must_be_app(asking)
    run = asking.row(asking.repository.check_runs, "check_run_id")
    app = asking.token.installation.app
    if run.app is not app:
        message = f"Invalid app_id `{app.id}` - check run can only be modified by the GitHub App"
        raise RefusalError(HTTPStatus.FORBIDDEN, f"{message} that created it.")
    _apply(asking, run, asking.body)
    return Answer(asking.shapes.check_run(asking.repository, run))


@route("GET", "/repos/{owner}/{repo}/commits/{ref}/check-runs", needs="checks:read")
def list_check_runs(asking: Asking) -> Answer:
    repository, ref = asking.repository, _commit(asking)
    name = asking.query.get("check_name", "")
    rows = [
        one
        for one in repository.check_runs.values()
        if one.head_sha == ref and name in ("", one.name)
    ]
    return asking.page(rows, lambda one: asking.shapes.check_run(repository, one), "check_runs")


@route("POST", "/repos/{owner}/{repo}/statuses/{sha}", needs="statuses:write")
def make_status(asking: Asking) -> Answer:
    repository, body = asking.repository, asking.body
    sha = asking.parts["sha"]
    if not repository.git.holds(sha):
        message = f"No commit found for SHA: {sha}"
        raise RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, message)
    if len(body.get("description") or "") > LONGEST_DESCRIPTION:
        words = f"description is too long (maximum is {LONGEST_DESCRIPTION} characters)"
        raise invalid("Status", "description", words)
    row = Status(
        sha=sha,
        state=body["state"],
        context=body.get("context", "default"),
        description=body.get("description"),
        target_url=body.get("target_url"),
        creator=asking.login,
        created_at=asking.now,
    )
    repository.statuses.append(row)
    return Answer(asking.shapes.status(repository, row), HTTPStatus.CREATED)


# The second is its address of old, which PyGithub still asks.
@route("GET", "/repos/{owner}/{repo}/commits/{ref}/statuses", needs="statuses:read")
@route("GET", "/repos/{owner}/{repo}/statuses/{ref}", needs="statuses:read")
def list_statuses(asking: Asking) -> Answer:
    repository, ref = asking.repository, _commit(asking)
    rows = [one for one in reversed(repository.statuses) if one.sha == ref]
    return asking.page(rows, lambda one: asking.shapes.status(repository, one))
