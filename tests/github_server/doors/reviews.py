"""Reviews: many comments, one mail; all of them or none."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from tests.github_server import deeds
from tests.github_server.placing import NotInDiffError
from tests.github_server.routing import Answer, Asking, RefusalError, route
from tests.github_server.state import Review

LONGEST_BODY = 65_536
TOO_LONG = f"Body is too long (maximum is {LONGEST_BODY} characters)"
REVIEWS = "/repos/{owner}/{repo}/pulls/{pull_number}/reviews"


def refused(*errors: str) -> RefusalError:
    """Return what GitHub says of a review that it does not take."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return RefusalError(status, "Unprocessable Entity", errors=errors)


def visible(asking: Asking) -> Sequence[Review]:
    """Return the reviews that the caller sees: pending ones only if they are theirs."""
    return [
        one
        for one in asking.repository.reviews.values()
        if one.pull == asking.pull.number and (one.state != "PENDING" or one.user == asking.login)
    ]


@route("GET", REVIEWS, needs="pull_requests:read")
def list_reviews(asking: Asking) -> Answer:
    repository = asking.repository
    return asking.page(visible(asking), lambda one: asking.shapes.review(repository, one))


@route("POST", REVIEWS, needs="pull_requests:write")
def write_review(asking: Asking) -> Answer:
    repository, pull, body = asking.repository, asking.pull, asking.body or {}
    commit = body.get("commit_id") or pull.head_sha
    rows = body.get("comments") or []
    _check(asking, body, rows)
    if commit not in deeds.commits_of(repository, pull):
        raise refused("The commitOID is not part of the pull request")
    try:
        comments = [(_spot(asking, commit, row), row["body"]) for row in rows]
        review, _told = deeds.write_review(
            asking.github,
            repository,
            pull,
            asking.login,
            body=body.get("body") or "",
            event=body.get("event") or "",
            commit=commit,
            comments=comments,
        )
    except NotInDiffError as error:
        raise refused(str(error)) from None
    return Answer(asking.shapes.review(repository, review))


def _spot(asking: Asking, commit: str, row: dict[str, Any]) -> deeds.Spot:
    if "position" in row and "line" not in row:
        repository, pull = asking.repository, asking.pull
        return deeds.spot_at(repository, pull, commit, row["path"], row["position"])
    return deeds.Spot.of(row)


def _check(asking: Asking, body: dict[str, Any], rows: Sequence[dict[str, Any]]) -> None:
    event = body.get("event") or ""
    texts = [body.get("body") or "", *(row["body"] for row in rows)]
    if any(len(text) > LONGEST_BODY for text in texts):
        raise refused(TOO_LONG)
    if any(not row["body"].strip() for row in rows):
        raise refused("Pull request review comment body can't be blank")
    if event in ("COMMENT", "REQUEST_CHANGES") and not rows and not texts[0]:
        raise refused("Can not submit a review with an empty body and no comments")
    if event in ("APPROVE", "REQUEST_CHANGES") and asking.pull.author == asking.login:
        word = "approve" if event == "APPROVE" else "request changes on"
        raise refused(f"Can not {word} your own pull request")
    pending = [one for one in visible(asking) if one.state == "PENDING"]
    if pending:
        raise refused("User can only have one pending review per pull request")


@route("GET", f"{REVIEWS}/{{review_id}}", needs="pull_requests:read")
def show_review(asking: Asking) -> Answer:
    rows = {one.id: one for one in visible(asking)}
    return Answer(asking.shapes.review(asking.repository, asking.row(rows, "review_id")))


@route("PUT", f"{REVIEWS}/{{review_id}}", needs="pull_requests:write")
def change_review(asking: Asking) -> Answer:
    review = asking.row({one.id: one for one in visible(asking)}, "review_id")
    review.body = asking.body["body"]
    return Answer(asking.shapes.review(asking.repository, review))


@route("POST", f"{REVIEWS}/{{review_id}}/events", needs="pull_requests:write")
def submit_review(asking: Asking) -> Answer:
    review = asking.row({one.id: one for one in visible(asking)}, "review_id")
    if review.state != "PENDING":
        raise refused("Can not submit a review that is not pending")
    review.state = deeds.STATES[asking.body["event"]]
    review.body = asking.body.get("body") or review.body
    deeds.submit(asking.github, asking.repository, review)
    return Answer(asking.shapes.review(asking.repository, review))


@route("DELETE", f"{REVIEWS}/{{review_id}}", needs="pull_requests:write")
def drop_review(asking: Asking) -> Answer:
    review = asking.row({one.id: one for one in visible(asking)}, "review_id")
    if review.state != "PENDING":
        raise refused("Can not delete a non-pending pull request review")
    repository = asking.repository
    del repository.reviews[review.id]
    for row in [*repository.review_comments.values()]:
        if row.review_id == review.id:
            del repository.review_comments[row.id]
    return Answer(asking.shapes.review(repository, review))
