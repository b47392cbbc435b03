"""The summary of a commit: a check run where an app speaks, a commit status where a token does.

https://docs.github.com/en/rest/guides/using-the-rest-api-to-interact-with-checks
"""

from typing import Any

from django.conf import settings

from integrations.github.client import RepositoryClient
from integrations.review_hosts import BODY_LIMIT, GoneError, Status, StatusState

_TITLE_LIMIT = 140
_COMMIT_STATES = {
    StatusState.PENDING: "pending",
    StatusState.SUCCESS: "success",
    # A commit status has no word for it, and must not block.
    StatusState.NEUTRAL: "success",
    StatusState.FAILURE: "failure",
}


def set_check_run(client: RepositoryClient, *, commit: str, status: Status, status_id: str) -> str:
    """Change the check run `status_id`, or make one; return its id."""
    body = _check_run(status)
    if status_id.isdigit():
        try:
            client.change_check_run(int(status_id), body)
        except GoneError:
            pass
        else:
            return status_id
    return str(client.make_check_run({**body, "head_sha": commit}))


def set_commit_status(client: RepositoryClient, *, commit: str, status: Status) -> str:
    """Set the commit status of our name; the newest counts. Return its id."""
    body = {
        "state": _COMMIT_STATES[status.state],
        "context": settings.PRODUCT_NAME,
        "description": status.title[:_TITLE_LIMIT],
        "target_url": status.url,
    }
    return str(client.make_status(commit, body))


def _check_run(status: Status) -> dict[str, Any]:
    output = {"title": status.title[:_TITLE_LIMIT], "summary": status.summary[: BODY_LIMIT - 1]}
    body: dict[str, Any] = {
        "name": settings.PRODUCT_NAME,
        "details_url": status.url,
        "output": output,
    }
    if status.state == StatusState.PENDING:
        return body | {"status": "in_progress"}
    return body | {"status": "completed", "conclusion": status.state.value}
