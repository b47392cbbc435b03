"""How tests fill the stand-in for GitLab: people, projects and tokens."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

from tests.github_server.git import GitStore
from tests.gitlab_server.deliveries import Delivery
from tests.gitlab_server.state import LEVELS, Repository, SeenRequest, Token, User, next_id


def level_of(role: str | int) -> int:
    """Return an access level, by number or by a word of GitHub's or GitLab's."""
    return role if isinstance(role, int) else LEVELS[role]


class Seeding:
    """Adds what is there before a test begins; sends no webhooks."""

    now: Callable[[], datetime]

    def __init__(self) -> None:
        super().__init__()
        self.users: dict[str, User] = {}
        self.groups: dict[str, int] = {}
        self.repositories: dict[str, Repository] = {}
        self.tokens: dict[str, Token] = {}
        self.deliveries: list[Delivery] = []
        self.requests: list[SeenRequest] = []

    def user(self, username: str) -> User:
        """Return the user of a name, who is made when first spoken of."""
        return self.users.setdefault(username, User(username=username, name=username.title()))

    def user_by_id(self, number: int) -> User | None:
        return next((user for user in self.users.values() if user.id == number), None)

    def add_repository(
        self,
        full_name: str,
        path: Path,
        *,
        people: Mapping[str, str | int] | None = None,
        public: bool = False,
        default_branch: str = "main",
    ) -> Repository:
        """Serve the git repository at `path`; `people`: name to a role (write, developer, 30)."""
        project = Repository(
            full_name=full_name,
            git=GitStore(path),
            created_at=self.now(),
            visibility="public" if public else "private",
            default_branch=default_branch,
        )
        self.repositories[full_name] = project
        self.groups.setdefault(project.namespace, next_id())
        for username, role in (people or {}).items():
            self.add_member(full_name, username, role)
        return project

    def add_member(self, full_name: str, username: str, role: str | int) -> User:
        """Give a person a role in a project."""
        self.repositories[full_name].members[username] = level_of(role)
        return self.user(username)

    def add_token(
        self,
        login: str,
        full_names: Sequence[str],
        *,
        scopes: Sequence[str] = ("api",),
        role: str | int = "maintainer",
        expires_at: date | None = None,
    ) -> str:
        """Make a token whose bot `login` has a role in some projects, and return its text.

        Names like `project_1_bot_ab12` and `group_1_bot_ab12` are those that GitLab gives.
        """
        self.users.setdefault(login, User(username=login, name=login.title(), is_bot=True))
        for full_name in full_names:
            self.add_member(full_name, login, role)
        token = Token(
            value=f"glpat-{secrets.token_urlsafe(15)}",
            username=login,
            name="assay",
            scopes=list(scopes),
            expires_at=expires_at,
        )
        self.tokens[token.value] = token
        return token.value

    def is_expired(self, token: Token) -> bool:
        """Say whether a token's last day is over."""
        if token.expires_at is None:
            return False
        return self.now() >= datetime.combine(token.expires_at, time.min, tzinfo=UTC)

    def find_repository(self, name: str) -> Repository | None:
        """Return a project by number or by full name."""
        if name.isdigit():
            rows = self.repositories.values()
            return next((one for one in rows if one.id == int(name)), None)
        return self.repositories.get(name)

    def moved(self, name: str) -> Repository | None:
        """Return the project that had a name before."""
        rows = self.repositories.values()
        return next((one for one in rows if name in one.former_names), None)

    def group_name(self, name: str) -> str | None:
        """Return a group's full path by number or path."""
        if name.isdigit():
            return next((path for path, number in self.groups.items() if number == int(name)), None)
        return name if name in self.groups else None
