"""What follows when a branch moves: pushes told, pull requests and their comments moved."""

from typing import TYPE_CHECKING

from tests.github_server.deeds import Spot, anchor
from tests.github_server.deliveries import Delivery
from tests.github_server.emitting import emit, hook_shapes
from tests.github_server.git import NotInGitError
from tests.github_server.placing import NotInDiffError, moved
from tests.github_server.state import Pull, Repository, ReviewComment

if TYPE_CHECKING:
    from tests.github_server.server import GitHubServer


def tell_pull(
    github: "GitHubServer",
    repository: Repository,
    pull: Pull,
    action: str,
    sender: str,
    **more: object,
) -> list[Delivery]:
    """Announce what became of a pull request."""
    pull.updated_at = github.now()
    shape = hook_shapes(github).pull(repository, pull)
    payload = {"action": action, "number": pull.number, "pull_request": shape, **more}
    return emit(github, "pull_request", payload, sender=sender, repository=repository)


def follow_branch(
    github: "GitHubServer", repository: Repository, branch: str, before: str, sender: str
) -> list[Delivery]:
    """Tell of a push, and move the open pull requests whose head it is."""
    after = repository.git.branch(branch)
    told = tell_push(github, repository, branch, before, after, sender)
    for pull in repository.pulls.values():
        if pull.state == "open" and pull.head == branch and pull.head_sha != after:
            pull.head_sha, pull.base_sha = after, repository.git.branch(pull.base)
            for row in repository.review_comments.values():
                if row.pull == pull.number:
                    _reanchor(repository, pull, row)
            more = {"before": before, "after": after}
            told += tell_pull(github, repository, pull, "synchronize", sender, **more)
    return told


def _reanchor(repository: Repository, pull: Pull, row: ReviewComment) -> None:
    """Let a comment follow its line into the new head, or be outdated."""
    if row.line is None or row.side == "LEFT":
        return
    ends = [
        moved(repository.git, path=row.path, old=row.commit_id, new=pull.head_sha, line=one)
        for one in (row.start_line or row.line, row.line)
    ]
    start = ends[0] if row.start_line is not None else None
    spot = Spot(row.path, ends[-1] if all(ends) else None, start_line=start)
    try:
        at = anchor(repository, pull, pull.head_sha, spot)
    except (NotInDiffError, NotInGitError):
        row.line = row.start_line = row.position = None
        return
    row.line, row.start_line, row.position = spot.line, start, at.position
    row.commit_id = pull.head_sha


def tell_push(
    github: "GitHubServer",
    repository: Repository,
    branch: str,
    before: str,
    after: str,
    sender: str,
) -> list[Delivery]:
    """Announce that a branch points elsewhere; 40 zeros for no commit."""
    nothing = "0" * 40
    shapes = hook_shapes(github)
    gone = after == nothing
    facts = None if gone else repository.git.commit(after)
    head = None
    if facts:
        who = {"name": facts.author_name, "email": facts.author_email, "username": sender}
        head = {
            "id": after,
            "tree_id": facts.tree,
            "distinct": True,
            "message": facts.message,
            "timestamp": facts.committer_date,
            "url": f"{shapes.web}/{repository.full_name}/commit/{after}",
            "author": who,
            "committer": who,
            "added": [],
            "removed": [],
            "modified": [],
        }
    payload = {
        "ref": f"refs/heads/{branch}",
        "before": before or nothing,
        "after": after,
        "created": before in ("", nothing),
        "deleted": gone,
        "forced": False,
        "base_ref": None,
        "compare": f"{shapes.web}/{repository.full_name}/compare/{before[:12]}...{after[:12]}",
        "commits": [head] if head else [],
        "head_commit": head,
        "pusher": {"name": sender, "email": f"{sender}@acme.example"},
    }
    return emit(github, "push", payload, sender=sender, repository=repository)
