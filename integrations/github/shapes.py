"""What we read of GitHub's answers, parsed; the other fields are passed over."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    """A frozen value with the fields that we read."""

    model_config = ConfigDict(frozen=True)


class User(Shape):
    """A person or a bot."""

    login: str


class Repository(Shape):
    """A repository; `private` is also true for internal ones."""

    id: int
    full_name: str
    html_url: str
    default_branch: str = ""
    private: bool
    archived: bool = False


class PullRepository(Shape):
    """The repository of a pull request's branch."""

    id: int


class Branch(Shape):
    """One side of a pull request; `repo` is null where the fork was deleted."""

    ref: str
    sha: str
    repo: PullRepository | None = None


class Pull(Shape):
    """https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request."""

    number: int
    state: str
    merged_at: datetime | None = None
    title: str
    html_url: str
    user: User | None = None
    head: Branch
    base: Branch
    updated_at: datetime


class FilePatch(Shape):
    """https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files."""

    filename: str
    previous_filename: str = ""
    additions: int
    deletions: int
    patch: str | None = None


class Comparison(Shape):
    """https://docs.github.com/en/rest/commits/commits#compare-two-commits."""

    files: list[FilePatch] = []


class AppOfComment(Shape):
    """The app through which a comment was written."""

    id: int


class Comment(Shape):
    """A comment of a conversation, or at a line (`path`)."""

    id: int
    body: str | None = ""
    html_url: str
    user: User | None = None
    created_at: datetime
    performed_via_github_app: AppOfComment | None = None
    path: str = ""
    line: int | None = None
    in_reply_to_id: int | None = None


class Content(Shape):
    """https://docs.github.com/en/rest/repos/contents#get-repository-content."""

    type: str
    name: str
    size: int
    sha: str
    encoding: str = ""
    content: str = ""


class GitObject(Shape):
    """What has an id of git."""

    sha: str


class Reference(Shape):
    """A branch."""

    object: GitObject


class Commit(Shape):
    """https://docs.github.com/en/rest/git/commits#get-a-commit-object."""

    message: str = ""
    tree: GitObject


class TreeEntry(Shape):
    """What stands at a name of a tree."""

    path: str
    mode: str
    type: str
    sha: str


class Tree(Shape):
    """https://docs.github.com/en/rest/git/trees#get-a-tree."""

    tree: list[TreeEntry] = []


class Blob(Shape):
    """https://docs.github.com/en/rest/git/blobs#get-a-blob."""

    content: str = ""


class Collaborator(Shape):
    """What a person may in a repository: `admin`, `write` (with `maintain`), `read`, `none`."""

    permission: str


class Numbered(Shape):
    """What was made and has a number."""

    id: int


class InstallationAccount(Shape):
    """Where an app is installed; an enterprise has no login."""

    login: str = ""


class Installation(Shape):
    """https://docs.github.com/en/rest/apps/apps#get-an-installation-for-the-authenticated-app."""

    id: int
    account: InstallationAccount | None = None
    permissions: dict[str, str] = {}
    suspended_at: datetime | None = None


class AccessToken(Shape):
    """https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app."""

    token: str = Field(repr=False)
    expires_at: datetime


class Hook(Shape):
    """https://docs.github.com/en/rest/repos/webhooks#list-repository-webhooks."""

    id: int
    config: dict[str, Any] = {}


class ConvertedApp(Shape):
    """https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest."""

    id: int
    slug: str
    name: str
    owner: User
    client_id: str
    client_secret: str = Field(repr=False)
    webhook_secret: str | None = Field(default=None, repr=False)
    pem: str = Field(repr=False)
