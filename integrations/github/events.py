"""Events of GitHub, read into our words.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from collections.abc import Callable, Mapping
from typing import Any

from integrations.event_shapes import parse
from integrations.events import (
    ChangeRequestChanged,
    CommentWritten,
    Event,
    InstallationChanged,
    Passed,
    ReadEvent,
    RepositoriesLost,
    RepositoriesShared,
    RepositoryChanged,
    RepositoryName,
)
from integrations.github import event_shapes as shapes
from integrations.review_hosts import RemoteChangeRequest, RemoteState

# The actions that something follows from; an event that is not here is of no use to us.
KEPT: dict[str, frozenset[str]] = {
    "issue_comment": frozenset({"created", "edited"}),
    "pull_request_review_comment": frozenset({"created", "edited"}),
    "pull_request": frozenset(
        {"opened", "synchronize", "reopened", "closed", "edited", "ready_for_review"}
    ),
    "installation": frozenset(
        {"created", "deleted", "suspend", "unsuspend", "new_permissions_accepted"}
    ),
    "installation_repositories": frozenset({"added", "removed"}),
    "installation_target": frozenset({"renamed"}),
    "repository": frozenset(
        {"renamed", "transferred", "deleted", "publicized", "privatized", "edited"}
    ),
    "meta": frozenset({"deleted"}),
}
_ACTION_OF_INSTALLATION = {
    "created": "created",
    "new_permissions_accepted": "changed",
    "suspend": "suspended",
    "unsuspend": "resumed",
    "deleted": "deleted",
}


def is_needed(*, name: str, body: Mapping[str, Any]) -> bool:
    """Say whether something may follow from an event; a cheap look, before it is kept."""
    action = body.get("action")
    if not isinstance(action, str) or action not in KEPT.get(name, frozenset()):
        return False
    issue = body.get("issue")
    return name != "issue_comment" or not isinstance(issue, dict) or "pull_request" in issue


def read_event(*, name: str, body: Mapping[str, Any]) -> ReadEvent:
    """Return what an event says; raise InvalidInputError for one that is not as documented."""
    reader = _READERS.get(name)
    action = body.get("action")
    if reader is None or not isinstance(action, str):
        return ReadEvent(event=Passed(reason=f"Nothing follows from the event {name[:60]}."))
    if action not in KEPT[name]:
        reason = f"Nothing follows from {name}, {action[:60]}."
        return ReadEvent(event=Passed(reason=reason))
    return reader(body)


def _read_issue_comment(body: Mapping[str, Any]) -> ReadEvent:
    read = parse(shapes.IssueCommentEvent, name="issue_comment", body=body)
    event: Event = Passed(reason="The comment stands at an issue, not at a pull request.")
    if read.issue.pull_request is not None:
        event = _comment(read, number=read.issue.number, thread_id="")
    return _through(read, event)


def _read_review_comment(body: Mapping[str, Any]) -> ReadEvent:
    read = parse(shapes.ReviewCommentEvent, name="pull_request_review_comment", body=body)
    first = read.comment.in_reply_to_id or read.comment.id
    return _through(read, _comment(read, number=read.pull_request.number, thread_id=str(first)))


def _comment(
    read: shapes.IssueCommentEvent | shapes.ReviewCommentEvent, *, number: int, thread_id: str
) -> Event:
    author = read.comment.user
    if author is None:
        return Passed(reason="The account that wrote the comment is gone.")
    if read.action == "edited" and read.sender.id != author.id:
        # What stands there now is not what its author said.
        return Passed(reason="The comment was edited by somebody who did not write it.")
    return CommentWritten(
        repository=_repository(read.repository),
        number=number,
        comment_id=str(read.comment.id),
        thread_id=thread_id,
        text=read.comment.body or "",
        author=author.login,
        author_key=author.login,
        is_bot=author.type == "Bot",
        is_edit=read.action == "edited",
    )


def _read_pull_request(body: Mapping[str, Any]) -> ReadEvent:
    read = parse(shapes.PullRequestEvent, name="pull_request", body=body)
    event = ChangeRequestChanged(
        repository=_repository(read.repository),
        change_request=_change_request(read.pull_request),
    )
    return _through(read, event)


def _change_request(told: shapes.PullRequest) -> RemoteChangeRequest:
    state = RemoteState.OPEN if told.state == "open" else RemoteState.CLOSED
    if told.merged_at is not None:
        state = RemoteState.MERGED
    head, base = told.head.repo, told.base.repo
    return RemoteChangeRequest(
        number=told.number,
        state=state,
        title=told.title,
        url=told.html_url,
        author=told.user.login if told.user else "",
        head_commit=told.head.sha,
        head_ref=told.head.ref,
        base_ref=told.base.ref,
        is_from_fork=head is None or base is None or head.id != base.id,
        updated_at=told.updated_at,
    )


def _read_repository(body: Mapping[str, Any]) -> ReadEvent:
    read = parse(shapes.RepositoryEvent, name="repository", body=body)
    event: Event = RepositoryChanged(repository=_repository(read.repository))
    if read.action == "deleted":
        event = RepositoriesLost(external_ids=[str(read.repository.id)])
    elif read.action == "edited" and "default_branch" not in read.changes:
        event = Passed(reason="What changed at the repository does not concern us.")
    return _through(read, event)


def _read_installation(body: Mapping[str, Any]) -> ReadEvent:
    read = parse(shapes.InstallationEvent, name="installation", body=body)
    account = read.installation.account
    return _of_installation(
        read.installation.id,
        action=_ACTION_OF_INSTALLATION[read.action],
        account=account.login or account.slug if account else "",
    )


def _read_installation_target(body: Mapping[str, Any]) -> ReadEvent:
    read = parse(shapes.InstallationTargetEvent, name="installation_target", body=body)
    account = read.account.login or read.account.slug
    return _of_installation(read.installation.id, action="changed", account=account)


def _of_installation(installation_id: int, *, action: str, account: str) -> ReadEvent:
    event = InstallationChanged(installation_id=installation_id, action=action, account=account)
    return ReadEvent(event=event, installation_id=installation_id)


def _read_installation_repositories(body: Mapping[str, Any]) -> ReadEvent:
    read = parse(shapes.InstallationRepositoriesEvent, name="installation_repositories", body=body)
    event: Event = RepositoriesShared(external_ids=[str(one.id) for one in read.repositories_added])
    if read.action == "removed":
        event = RepositoriesLost(external_ids=[str(one.id) for one in read.repositories_removed])
    return ReadEvent(event=event, installation_id=read.installation.id)


def _read_meta(body: Mapping[str, Any]) -> ReadEvent:
    del body
    reason = "The webhook was deleted at GitHub; import its repository anew to have it made again."
    return ReadEvent(event=Passed(reason=reason))


def _repository(told: shapes.Repository) -> RepositoryName:
    return RepositoryName(
        external_id=str(told.id),
        full_name=told.full_name,
        web_url=told.html_url,
        default_branch=told.default_branch,
        is_public=not told.private,
    )


def _through(read: shapes.Event, event: Event) -> ReadEvent:
    installation = read.installation
    return ReadEvent(event=event, installation_id=installation.id if installation else None)


_READERS: dict[str, Callable[[Mapping[str, Any]], ReadEvent]] = {
    "issue_comment": _read_issue_comment,
    "pull_request_review_comment": _read_review_comment,
    "pull_request": _read_pull_request,
    "installation": _read_installation,
    "installation_repositories": _read_installation_repositories,
    "installation_target": _read_installation_target,
    "repository": _read_repository,
    "meta": _read_meta,
}
