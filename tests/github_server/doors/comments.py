"""Comments: at lines of the diff, and in the conversation."""

from http import HTTPStatus

from tests.github_server import deeds
from tests.github_server.doors.reviews import LONGEST_BODY, TOO_LONG, visible
from tests.github_server.placing import NotInDiffError
from tests.github_server.routing import Answer, Asking, RefusalError, invalid, not_found, route
from tests.github_server.state import IssueComment, ReviewComment

PULL_COMMENTS = "/repos/{owner}/{repo}/pulls/{pull_number}/comments"
PULL_COMMENT = "/repos/{owner}/{repo}/pulls/comments/{comment_id}"
ISSUE_COMMENTS = "/repos/{owner}/{repo}/issues/{issue_number}/comments"
ISSUE_COMMENT = "/repos/{owner}/{repo}/issues/comments/{comment_id}"
READS = "issues:read pull_requests:read"
WRITES = "issues:write pull_requests:write"


def _text(asking: Asking, resource: str) -> str:
    """Return the body of a comment. Raises RefusalError for one that is too long or blank."""
    body = asking.body["body"]
    if len(body) > LONGEST_BODY:
        raise invalid(resource, "data", TOO_LONG, "unprocessable")
    if not body.strip():
        raise invalid(resource, "data", "Body cannot be blank", "unprocessable")
    return str(body)


def _may_change(asking: Asking, row: IssueComment | ReviewComment) -> None:
    """Let the author pass, and people who may write; a bot may change its own alone."""
    role = asking.repository.permissions.get(asking.login, "")
    if row.user != asking.login and role not in ("admin", "maintain", "write"):
        whom = "integration" if asking.token.installation else "personal access token"
        raise RefusalError(HTTPStatus.FORBIDDEN, f"Resource not accessible by {whom}")


@route("GET", PULL_COMMENTS, needs="pull_requests:read")
def list_review_comments(asking: Asking) -> Answer:
    repository, seen = asking.repository, {one.id for one in visible(asking)}
    rows = [
        one
        for one in repository.review_comments.values()
        if one.pull == asking.pull.number and one.review_id in seen
    ]
    return asking.page(rows, lambda one: asking.shapes.review_comment(repository, one))


@route("POST", PULL_COMMENTS, needs="pull_requests:write")
def write_review_comment(asking: Asking) -> Answer:
    repository, pull, body = asking.repository, asking.pull, asking.body
    resource = "PullRequestReviewComment"
    if "in_reply_to" in body:
        asking.parts["comment_id"] = str(body["in_reply_to"])
        return reply(asking)
    commit = body["commit_id"]
    text = _text(asking, resource)
    if commit not in deeds.commits_of(repository, pull):
        words = "end_commit_oid is not part of the pull request"
        raise invalid(resource, "end_commit_oid", words)
    try:
        review, _told = deeds.write_review(
            asking.github,
            repository,
            pull,
            asking.login,
            body="",
            event="COMMENT",
            commit=commit,
            comments=[(deeds.Spot.of(body), text)],
        )
    except NotInDiffError as error:
        field = "pull_request_review_thread.line"
        words = f"{field} must be part of the diff" if "line" in str(error) else str(error)
        raise invalid(resource, field, words) from None
    rows = repository.review_comments.values()
    row = next(one for one in rows if one.review_id == review.id)
    return Answer(asking.shapes.review_comment(repository, row), HTTPStatus.CREATED)


@route("POST", f"{PULL_COMMENTS}/{{comment_id}}/replies", needs="pull_requests:write")
def reply(asking: Asking) -> Answer:
    repository, pull = asking.repository, asking.pull
    parent = asking.row(repository.review_comments, "comment_id")
    if parent.pull != pull.number:
        raise not_found()
    text = _text(asking, "PullRequestReviewComment")
    if parent.in_reply_to is not None:
        words = "Replies to replies are not supported"
        raise invalid("PullRequestReviewComment", "in_reply_to_id", words)
    row, _told = deeds.write_reply(asking.github, repository, pull, asking.login, text, parent)
    return Answer(asking.shapes.review_comment(repository, row), HTTPStatus.CREATED)


@route("GET", PULL_COMMENT, needs="pull_requests:read")
def show_review_comment(asking: Asking) -> Answer:
    row = asking.row(asking.repository.review_comments, "comment_id")
    return Answer(asking.shapes.review_comment(asking.repository, row))


@route("PATCH", PULL_COMMENT, needs="pull_requests:write")
def change_review_comment(asking: Asking) -> Answer:
    repository = asking.repository
    row = asking.row(repository.review_comments, "comment_id")
    _may_change(asking, row)
    text = _text(asking, "PullRequestReviewComment")
    deeds.change_comment(asking.github, repository, row, text, asking.login)
    return Answer(asking.shapes.review_comment(repository, row))


@route("DELETE", PULL_COMMENT, needs="pull_requests:write")
def drop_review_comment(asking: Asking) -> Answer:
    row = asking.row(asking.repository.review_comments, "comment_id")
    _may_change(asking, row)
    deeds.drop_comment(asking.github, asking.repository, row, asking.login)
    return Answer(None, HTTPStatus.NO_CONTENT)


@route("GET", ISSUE_COMMENTS, needs=READS)
def list_issue_comments(asking: Asking) -> Answer:
    repository, number = asking.repository, asking.pull.number
    rows = [one for one in repository.issue_comments.values() if one.pull == number]
    return asking.page(rows, lambda one: asking.shapes.issue_comment(repository, one))


@route("POST", ISSUE_COMMENTS, needs=WRITES)
def write_issue_comment(asking: Asking) -> Answer:
    repository, text = asking.repository, _text(asking, "IssueComment")
    row, _told = deeds.write_issue_comment(
        asking.github, repository, asking.pull, asking.login, text
    )
    return Answer(asking.shapes.issue_comment(repository, row), HTTPStatus.CREATED)


@route("GET", ISSUE_COMMENT, needs=READS)
def show_issue_comment(asking: Asking) -> Answer:
    row = asking.row(asking.repository.issue_comments, "comment_id")
    return Answer(asking.shapes.issue_comment(asking.repository, row))


@route("PATCH", ISSUE_COMMENT, needs=WRITES)
def change_issue_comment(asking: Asking) -> Answer:
    repository = asking.repository
    row = asking.row(repository.issue_comments, "comment_id")
    _may_change(asking, row)
    text = _text(asking, "IssueComment")
    deeds.change_comment(asking.github, repository, row, text, asking.login)
    return Answer(asking.shapes.issue_comment(repository, row))


@route("DELETE", ISSUE_COMMENT, needs=WRITES)
def drop_issue_comment(asking: Asking) -> Answer:
    row = asking.row(asking.repository.issue_comments, "comment_id")
    _may_change(asking, row)
    deeds.drop_comment(asking.github, asking.repository, row, asking.login)
    return Answer(None, HTTPStatus.NO_CONTENT)
