"""The account behind a connection to GitLab: the bot of a project's or group's token."""

import re
from dataclasses import dataclass, field

from integrations.accounts import (
    Account,
    PermissionCheck,
    RemoteRepository,
    RepositoryPage,
)
from integrations.gitlab.client import GitLabClient
from integrations.gitlab.failures import ReadForbiddenError, WriteForbiddenError
from integrations.gitlab.shapes import DEVELOPER, MAINTAINER, REPORTER, Project, Token
from integrations.models import Connection
from integrations.review_hosts import AccessLostError, GoneError, ReviewRefusedError

_PAGE_SIZE = 100
# https://docs.gitlab.com/user/project/settings/project_access_tokens/#bot-users-for-projects
_BOT = re.compile(r"(project|group)_([0-9]+)_bot", re.ASCII)
_HOOK = {
    "enable_ssl_verification": True,
    "note_events": True,
    "merge_requests_events": True,
    # What a push changes, the merge request's own event tells.
    "push_events": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GitLabAccount:
    """Works with what the token may see."""

    client: GitLabClient = field(repr=False)

    @classmethod
    def of_connection(cls, connection: Connection) -> "GitLabAccount":
        """Return the account behind a connection."""
        return cls(client=GitLabClient.of_connection(connection))

    def who(self) -> Account:
        """Return the bot's name, and the project or group that it was made for."""
        me = self.client.me()
        return Account(login=me.username, name=self._home(me.username) or me.username)

    def check(self) -> list[PermissionCheck]:
        """Return the token's scope, and its role in the projects that it reaches."""
        try:
            token = self.client.token()
        except GoneError:
            # An old GitLab, or a token of another kind: its scopes show when it is used.
            token = None
        return [_scope_check(token), *self._role_checks()]

    def repositories(self, *, page: int) -> RepositoryPage:
        """Return a page of the projects whose code the token may read, oldest first."""
        found, following, _headers = self.client.projects(
            page=page, size=_PAGE_SIZE, least_level=REPORTER
        )
        return RepositoryPage(repositories=[_repository(one) for one in found], next_page=following)

    def repository(self, *, full_name: str) -> RemoteRepository:
        """Return one project by its name with all groups. Raises GoneError."""
        return _repository(self.client.project(full_name))

    def ensure_webhook(self, *, full_name: str, url: str, secret: str) -> str:
        """Make or mend the webhook of a project, for comments and merge requests alone."""
        project = self.client.of_project(full_name)
        body = {**_HOOK, "url": url, "token": secret}
        try:
            ours = next((one for one in project.hooks() if one.url == url), None)
            made = project.change_hook(ours.id, body) if ours else project.make_hook(body)
        except (ReadForbiddenError, WriteForbiddenError):
            raise AccessLostError(
                "The token may not make webhooks: that needs the role Maintainer in the project."
                " Make it by hand in the project's settings at GitLab."
            ) from None
        return str(made.id)

    def _home(self, username: str) -> str:
        bot = _BOT.match(username)
        if bot is None:
            return ""
        kind, number = bot.groups()
        try:
            if kind == "project":
                return self.client.project(number).path_with_namespace
            return self.client.group(number).full_path
        except ReviewRefusedError:
            return ""

    def _role_checks(self) -> list[PermissionCheck]:
        reached = self._count(10)
        return [
            _role_check(
                role="Reporter",
                label="read code",
                needed_for="reading the code around findings",
                counts=(self._count(REPORTER), reached),
            ),
            _role_check(
                role="Developer",
                label="write",
                needed_for="comments, statuses and merge requests with fixes",
                counts=(self._count(DEVELOPER), reached),
            ),
            _role_check(
                role="Maintainer",
                label="webhooks",
                needed_for="making webhooks; without it you make them by hand",
                counts=(self._count(MAINTAINER), reached),
                is_required=False,
            ),
        ]

    def _count(self, level: int) -> int | None:
        """Return in how many projects the token has a role; None where GitLab does not count."""
        _found, _page, headers = self.client.projects(page=1, size=1, least_level=level)
        told = headers.get("X-Total", "")
        return int(told) if told.isascii() and told.isdigit() else None


def _scope_check(token: Token | None) -> PermissionCheck:
    ok, detail = None, "GitLab does not tell the token's scopes."
    if token is not None:
        ok = "api" in token.scopes
        detail = f"The token's scopes: {', '.join(token.scopes)}."
        if not ok:
            detail += " Make a token with the scope api, and enter it."
        if token.expires_at:
            detail += f" It expires on {token.expires_at}."
    return PermissionCheck(
        name="scope:api",
        label="Scope api: read and write through the API",
        ok=ok,
        needed_for="comments, statuses, webhooks and merge requests",
        detail=detail,
    )


def _role_check(
    *,
    role: str,
    label: str,
    needed_for: str,
    counts: tuple[int | None, int | None],
    is_required: bool = True,
) -> PermissionCheck:
    having, reached = counts
    ok, detail = None, "GitLab does not say in how many projects the token has this role."
    if having is not None and reached is not None:
        ok = 0 < having == reached
        detail = f"The token has it in {having} of the {reached} projects that it reaches."
        if not ok:
            detail += f" Give its bot the role {role} where it is needed."
    return PermissionCheck(
        name=f"role:{role.lower()}",
        label=f"Role {role}: {label}",
        ok=ok,
        needed_for=needed_for,
        detail=detail,
        is_required=is_required,
    )


def _repository(found: Project) -> RemoteRepository:
    return RemoteRepository(
        external_id=str(found.id),
        full_name=found.path_with_namespace,
        web_url=found.web_url,
        default_branch=found.default_branch or "",
        is_public=found.visibility == "public",
        is_archived=found.archived,
    )
