"""The JSON names of GitHub's events, as far as we read them."""

from pydantic import Field

from integrations.event_shapes import (
    Commit,
    FullName,
    Id,
    Moment,
    Name,
    Number,
    Ref,
    Shape,
    Text,
    WebUrl,
    Word,
)


class Installation(Shape):
    """Through which installation of an app an event came."""

    id: Id


class Account(Shape):
    """A person, a bot, or an organization; an enterprise has a slug instead of a login."""

    id: Id
    login: Name = ""
    slug: Name = ""
    type: Word = ""


class Repository(Shape):
    """The repository that an event is about."""

    id: Id
    full_name: FullName
    html_url: WebUrl
    default_branch: Ref
    private: bool


class SharedRepository(Shape):
    """A repository in the lists of an installation."""

    id: Id


class Event(Shape):
    """What nearly all events have."""

    action: Word
    installation: Installation | None = None


class RepositoryEvent(Event):
    """`repository`: what became of it."""

    repository: Repository
    changes: dict[str, object] = Field(default_factory=dict)


class Comment(Shape):
    """A comment in the conversation, or at a line, where it may answer another one."""

    id: Id
    body: Text | None = None
    user: Account | None = None
    in_reply_to_id: Id | None = None


class Issue(Shape):
    """An issue; a pull request is one that has the key `pull_request`."""

    number: Number
    pull_request: dict[str, object] | None = None


class IssueCommentEvent(Event):
    """`issue_comment`: in the conversation of an issue or pull request."""

    repository: Repository
    issue: Issue
    comment: Comment
    sender: Account


class NumberedPullRequest(Shape):
    """A pull request in the event of a comment at its lines."""

    number: Number


class ReviewCommentEvent(Event):
    """`pull_request_review_comment`: at a line."""

    repository: Repository
    pull_request: NumberedPullRequest
    comment: Comment
    sender: Account


class BranchRepository(Shape):
    """Where a branch lives."""

    id: Id


class Branch(Shape):
    """One end of a pull request; a deleted fork has no repository any more."""

    ref: Ref
    sha: Commit
    repo: BranchRepository | None = None


class PullRequest(Shape):
    """A pull request as it was at the moment of the event."""

    number: Number
    state: Word
    title: Name
    html_url: WebUrl
    user: Account | None = None
    head: Branch
    base: Branch
    merged_at: Moment | None = None
    updated_at: Moment


class PullRequestEvent(Event):
    """`pull_request`: what became of it."""

    repository: Repository
    pull_request: PullRequest


class InstalledApp(Shape):
    """An installation, and at which account it is."""

    id: Id
    account: Account | None = None


class InstallationEvent(Shape):
    """`installation`: made, suspended, resumed, deleted, or allowed more than before."""

    action: Word
    installation: InstalledApp


class InstallationTargetEvent(Shape):
    """`installation_target`: the account of an installation has another name."""

    action: Word
    account: Account
    installation: Installation


class InstallationRepositoriesEvent(Shape):
    """`installation_repositories`: shared with the app, or no longer."""

    action: Word
    installation: Installation
    repositories_added: list[SharedRepository]
    repositories_removed: list[SharedRepository]
