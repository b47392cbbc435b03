"""What is written in pull requests, whoever does it: a person in a browser or a program."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.github_server.deliveries import Delivery
from tests.github_server.emitting import emit, hook_shapes
from tests.github_server.placing import Anchor, place, place_at_position
from tests.github_server.state import IssueComment, Pull, Repository, Review, ReviewComment

if TYPE_CHECKING:
    from tests.github_server.server import GitHubServer

STATES = {"COMMENT": "COMMENTED", "APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED"}


@dataclass(frozen=True)
class Spot:
    """Where somebody wants a comment."""

    path: str
    line: int | None
    side: str = "RIGHT"
    start_line: int | None = None
    start_side: str | None = None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Spot":
        return cls(
            path=body["path"],
            line=body.get("line"),
            side=body.get("side") or "RIGHT",
            start_line=body.get("start_line"),
            start_side=body.get("start_side"),
        )


def commits_of(repository: Repository, pull: Pull) -> list[str]:
    """Return the commits of a pull request, oldest first."""
    return repository.git.commits_between(pull.base_sha, pull.head_sha)


def write_issue_comment(
    github: "GitHubServer", repository: Repository, pull: Pull, login: str, body: str
) -> tuple[IssueComment, list[Delivery]]:
    """Add to the conversation."""
    row = IssueComment(user=login, body=body, pull=pull.number, created_at=github.now())
    repository.issue_comments[row.id] = row
    pull.mails += 1
    return row, _tell_issue_comment(github, repository, row, "created", login)


def _tell_issue_comment(
    github: "GitHubServer",
    repository: Repository,
    row: IssueComment,
    action: str,
    sender: str,
    **more: object,
) -> list[Delivery]:
    shapes = hook_shapes(github)
    payload = {
        "action": action,
        "issue": shapes.issue(repository, repository.pulls[row.pull]),
        "comment": shapes.issue_comment(repository, row),
        **more,
    }
    return emit(github, "issue_comment", payload, sender=sender, repository=repository)


def _tell_review_comment(
    github: "GitHubServer",
    repository: Repository,
    row: ReviewComment,
    action: str,
    sender: str,
    **more: object,
) -> list[Delivery]:
    shapes = hook_shapes(github)
    payload = {
        "action": action,
        "pull_request": shapes.pull(repository, repository.pulls[row.pull], full=False),
        "comment": shapes.review_comment(repository, row),
        **more,
    }
    event = "pull_request_review_comment"
    return emit(github, event, payload, sender=sender, repository=repository)


def anchor(repository: Repository, pull: Pull, commit: str, spot: Spot) -> Anchor:
    """Return where a comment goes in the diff up to `commit`. Raises NotInDiffError."""
    diff = repository.git.diff(pull.base_sha, commit)
    return place(
        diff,
        path=spot.path,
        line=spot.line,
        side=spot.side,
        start_line=spot.start_line,
        start_side=spot.start_side,
    )


def spot_at(repository: Repository, pull: Pull, commit: str, path: str, position: int) -> Spot:
    """Return the line at a position. Raises NotInDiffError."""
    diff = repository.git.diff(pull.base_sha, commit)
    found = place_at_position(diff, path=path, position=position)
    if found.new is None:
        return Spot(path, found.old, "LEFT")
    return Spot(path, found.new)


def write_review(
    github: "GitHubServer",
    repository: Repository,
    pull: Pull,
    login: str,
    *,
    body: str,
    event: str,
    commit: str,
    comments: Sequence[tuple[Spot, str]],
) -> tuple[Review, list[Delivery]]:
    """Add a review with all its comments, or nothing. Raises NotInDiffError."""
    places = [anchor(repository, pull, commit, spot) for spot, _text in comments]
    review = Review(
        user=login,
        body=body,
        state=STATES.get(event, "PENDING"),
        commit_id=commit,
        submitted_at=github.now(),
        pull=pull.number,
    )
    repository.reviews[review.id] = review
    for (spot, text), at in zip(comments, places, strict=True):
        row = _new_comment(github, pull, login, text, commit, spot, at)
        row.review_id = review.id
        repository.review_comments[row.id] = row
    return review, submit(github, repository, review) if event else []


def submit(github: "GitHubServer", repository: Repository, review: Review) -> list[Delivery]:
    """Let everybody see a review: one mail, however many comments."""
    pull = repository.pulls[review.pull]
    pull.mails += 1
    shapes = hook_shapes(github)
    shape = shapes.review(repository, review)
    payload = {
        "action": "submitted",
        "review": shape | {"state": review.state.lower(), "body": review.body or None},
        "pull_request": shapes.pull(repository, pull, full=False),
    }
    event = "pull_request_review"
    told = emit(github, event, payload, sender=review.user, repository=repository)
    for row in repository.review_comments.values():
        if row.review_id == review.id:
            told += _tell_review_comment(github, repository, row, "created", review.user)
    return told


def _new_comment(
    github: "GitHubServer",
    pull: Pull,
    login: str,
    body: str,
    commit: str,
    spot: Spot,
    at: Anchor,
) -> ReviewComment:
    return ReviewComment(
        user=login,
        body=body,
        path=spot.path,
        commit_id=commit,
        created_at=github.now(),
        line=spot.line,
        side=spot.side,
        start_line=spot.start_line,
        start_side=(spot.start_side or spot.side) if spot.start_line else None,
        diff_hunk=at.diff_hunk,
        position=at.position,
        original_position=at.position,
        original_commit_id=commit,
        original_line=spot.line,
        original_start_line=spot.start_line,
        pull=pull.number,
    )


def write_reply(
    github: "GitHubServer",
    repository: Repository,
    pull: Pull,
    login: str,
    body: str,
    parent: ReviewComment,
) -> tuple[ReviewComment, list[Delivery]]:
    """Answer in the thread of a review comment."""
    spot = Spot(parent.path, parent.line, parent.side, parent.start_line, parent.start_side)
    at = Anchor(parent.position or 0, parent.diff_hunk)
    row = _new_comment(github, pull, login, body, parent.commit_id, spot, at)
    row.in_reply_to = parent.in_reply_to or parent.id
    row.position = parent.position
    row.original_commit_id = parent.original_commit_id
    row.original_line = parent.original_line
    row.original_start_line = parent.original_start_line
    repository.review_comments[row.id] = row
    review = Review(
        user=login,
        body="",
        state="COMMENTED",
        commit_id=parent.commit_id,
        submitted_at=github.now(),
        pull=pull.number,
    )
    repository.reviews[review.id] = review
    row.review_id = review.id
    return row, submit(github, repository, review)


def change_comment(
    github: "GitHubServer",
    repository: Repository,
    row: IssueComment | ReviewComment,
    body: str,
    login: str,
) -> list[Delivery]:
    """Replace a comment's text; nobody gets a mail."""
    before, row.body = row.body, body
    row.updated_at = github.now()
    tell = _tell_review_comment if isinstance(row, ReviewComment) else _tell_issue_comment
    changes = {"body": {"from": before}}
    return tell(github, repository, row, "edited", login, changes=changes)  # type: ignore[arg-type]


def drop_comment(
    github: "GitHubServer",
    repository: Repository,
    row: IssueComment | ReviewComment,
    login: str,
) -> list[Delivery]:
    """Delete a comment; replies to it stay."""
    if isinstance(row, ReviewComment):
        del repository.review_comments[row.id]
        return _tell_review_comment(github, repository, row, "deleted", login)
    del repository.issue_comments[row.id]
    return _tell_issue_comment(github, repository, row, "deleted", login)
