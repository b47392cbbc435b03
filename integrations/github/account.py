"""A connection to GitHub as a whole: who it is, what it may, which repositories it reaches."""

import re
from dataclasses import dataclass, field
from urllib.parse import quote

from integrations.accounts import Account, PermissionCheck, RemoteRepository, RepositoryPage
from integrations.github.actors import READ_PROFILE, actor_of
from integrations.github.calls import Calls
from integrations.github.client import READ_METADATA
from integrations.github.permissions import checks_of_app, checks_of_token, unknown_checks
from integrations.github.shapes import Hook, Installation, Numbered, Repository, User
from integrations.github.sign_in import Purpose, app_calls, connection_calls
from integrations.models import Connection, SignIn
from integrations.review_hosts import AccessLostError, GoneError

EVENTS = (
    "issue_comment",
    "pull_request",
    "pull_request_review_comment",
    "repository",
)
"""What we listen to; an app is told of its installations unasked."""
_FULL_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}/(?!\.{1,2}$)[A-Za-z0-9_.-]{1,100}")
_WEBHOOKS = "Webhooks: read and write"
_HOOK_PAGES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubAccount:
    """The account behind a connection by app or token."""

    connection: Connection
    calls: Calls = field(repr=False)

    @classmethod
    def of_connection(cls, connection: Connection) -> "GitHubAccount":
        """Return the account behind a connection."""
        return cls(connection=connection, calls=connection_calls(connection, purpose=Purpose.LOOK))

    def who(self) -> Account:
        """Return as whom and where the connection acts."""
        if self._is_app:
            account = self._installation().account
            login = actor_of(self.connection, calls=self.calls).login
            return Account(login=login, name=account.login if account else self.connection.account)
        # What an earlier check found may be another's: the token may be new.
        login = self.calls.get(User, "/user", needs=READ_PROFILE).login
        return Account(login=login, name=self.connection.account or login)

    def check(self) -> list[PermissionCheck]:
        """Return each needed permission and its state; AccessLostError where nothing works."""
        if self._is_app:
            return checks_of_app(self._installation().permissions)
        headers = self.calls.headers("/user", needs=READ_PROFILE)
        found = self.repositories(page=1).repositories
        if not found:
            return unknown_checks()
        # An archived repository shows less than the token may.
        probed = min(found, key=lambda one: one.is_archived)
        return checks_of_token(
            self.calls,
            repository_path=_path(probed.full_name),
            branch=quote(probed.default_branch, safe=""),
            scopes=headers.get("x-oauth-scopes"),
        )

    def repositories(self, *, page: int) -> RepositoryPage:
        """Return a page (1-based) of the repositories, in GitHub's order."""
        path, inside = (
            ("/installation/repositories", "repositories") if self._is_app else ("/user/repos", "")
        )
        found, has_next = self.calls.page(
            Repository, path, needs=READ_METADATA, page=page, inside=inside
        )
        return RepositoryPage(
            repositories=[_as_repository(one) for one in found],
            next_page=page + 1 if has_next else None,
        )

    def repository(self, *, full_name: str) -> RemoteRepository:
        """Return one repository by name. Raises GoneError."""
        return _as_repository(self.calls.get(Repository, _path(full_name), needs=READ_METADATA))

    def ensure_webhook(self, *, full_name: str, url: str, secret: str) -> str:
        """Make or mend a repository's webhook to `url`; blank for an app, which has its own.

        Raises AccessLostError where the connection may not: people then make it by hand.
        """
        if self._is_app:
            return ""
        self.repository(full_name=full_name)
        config = {"url": url, "content_type": "json", "secret": secret, "insecure_ssl": "0"}
        body = {"active": True, "events": list(EVENTS), "config": config}
        hooks = f"{_path(full_name)}/hooks"
        try:
            found = self.calls.pages(Hook, hooks, needs=_WEBHOOKS, most_pages=_HOOK_PAGES)
            for hook in found:
                if hook.config.get("url") == url:
                    self.calls.order("PATCH", f"{hooks}/{hook.id}", body, needs=_WEBHOOKS)
                    return str(hook.id)
            made = self.calls.make(Numbered, hooks, {"name": "web", **body}, needs=_WEBHOOKS)
        except GoneError:
            # The repository is there: so GitHub says that it shows no webhooks to this token.
            raise AccessLostError(
                f"GitHub does not allow webhooks to this token. Give it {_WEBHOOKS}, or make the"
                " webhook by hand in the repository's settings."
            ) from None
        return str(made.id)

    @property
    def _is_app(self) -> bool:
        return self.connection.sign_in == SignIn.APP

    def _installation(self) -> Installation:
        connection = self.connection
        if connection.app is None or connection.installation_id is None:
            raise AccessLostError("The connection has lost its GitHub App; connect it anew.")
        path = f"/app/installations/{connection.installation_id}"
        try:
            found = app_calls(connection.app).get(Installation, path, needs="the GitHub App")
        except GoneError:
            raise AccessLostError(
                "The GitHub App is not installed there any more; install it again."
            ) from None
        if found.suspended_at is not None:
            raise AccessLostError(
                "The GitHub App's installation is suspended; resume it at GitHub."
            )
        return found


def _path(full_name: str) -> str:
    if not _FULL_NAME.fullmatch(full_name):
        raise GoneError("full_name: must be `owner/repository`.", field="full_name")
    return f"/repos/{quote(full_name)}"


def _as_repository(found: Repository) -> RemoteRepository:
    return RemoteRepository(
        external_id=str(found.id),
        full_name=found.full_name,
        web_url=found.html_url,
        default_branch=found.default_branch,
        is_public=not found.private,
        is_archived=found.archived,
    )
