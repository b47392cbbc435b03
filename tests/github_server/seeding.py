"""How tests fill the stand-in for GitHub: accounts, repositories, apps and tokens."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.github_server.deliveries import Delivery
from tests.github_server.git import GitStore
from tests.github_server.state import Account, App, Installation, Repository, SeenRequest, Token

APP_PERMISSIONS = {
    "metadata": "read",
    "contents": "write",
    "pull_requests": "write",
    "checks": "write",
    "statuses": "write",
    "members": "read",
}
TOKEN_PERMISSIONS = {
    "metadata": "read",
    "contents": "write",
    "pull_requests": "write",
    "statuses": "write",
    "repository_hooks": "write",
}
EVENTS = [
    "check_run",
    "issue_comment",
    "pull_request",
    "pull_request_review_comment",
    "push",
    "repository",
]


def _pem_pair() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


# Making one takes a fifth of a second; which pair it is matters to no test.
_PAIRS: list[tuple[str, str]] = []


class Seeding:
    """Adds what is there before a test begins; sends no webhooks."""

    now: Callable[[], datetime]
    webhook_secret: str

    def __init__(self) -> None:
        super().__init__()
        self.accounts: dict[str, Account] = {}
        self.repositories: dict[str, Repository] = {}
        self.apps: dict[int, App] = {}
        self.installations: dict[int, Installation] = {}
        self.tokens: dict[str, Token] = {}
        self.manifest_codes: dict[str, App] = {}
        self.deliveries: list[Delivery] = []
        self.requests: list[SeenRequest] = []

    def account(self, login: str, type_: str = "User") -> Account:
        """Return the account of a login; it is made when it is first spoken of."""
        kind = "Bot" if login.endswith("[bot]") else type_
        return self.accounts.setdefault(login, Account(login=login, type=kind))

    def add_repository(
        self,
        full_name: str,
        path: Path,
        *,
        people: Mapping[str, str] | None = None,
        public: bool = False,
        default_branch: str = "main",
    ) -> Repository:
        """Serve the git repository at `path`; `people`: login to admin, write, triage or read."""
        self.account(full_name.partition("/")[0], "Organization")
        for login in people or {}:
            self.account(login)
        repository = Repository(
            full_name=full_name,
            git=GitStore(path),
            created_at=self.now(),
            is_public=public,
            default_branch=default_branch,
            permissions=dict(people or {}),
        )
        self.repositories[full_name] = repository
        return repository

    def add_app(
        self,
        slug: str = "assay-acme",
        *,
        owner: str = "acme",
        permissions: Mapping[str, str] | None = None,
        events: Sequence[str] | None = None,
        webhook_url: str = "",
        webhook_secret: str = "",
    ) -> App:
        """Register a GitHub App; `permissions` default to all that we ask for."""
        if not _PAIRS:
            _PAIRS.append(_pem_pair())
        private, public = _PAIRS[0]
        app = App(
            slug=slug,
            name=slug,
            owner=self.account(owner, "Organization").login,
            private_key=private,
            public_key=public,
            permissions=dict(APP_PERMISSIONS if permissions is None else permissions),
            events=list(EVENTS if events is None else events),
            webhook_url=webhook_url,
            webhook_secret=webhook_secret or self.webhook_secret,
            created_at=self.now(),
            client_id=f"Iv1.{secrets.token_hex(8)}",
            client_secret=secrets.token_hex(20),
        )
        self.apps[app.id] = app
        self.account(app.bot)
        return app

    def add_manifest_code(self, code: str, app: App) -> None:
        """Let `code` be exchanged, once, for the credentials of a new app."""
        self.manifest_codes[code] = app

    def install(
        self, app: App, account: str, full_names: Sequence[str] | None = None
    ) -> Installation:
        """Install an app on an account, for some repositories or for all that it has."""
        self.account(account, "Organization")
        chosen = self.repositories if full_names is None else full_names
        installation = Installation(
            app=app,
            account=account,
            repositories={self.repositories[name].id for name in chosen},
            permissions=dict(app.permissions),
            created_at=self.now(),
            takes_all=full_names is None,
        )
        self.installations[installation.id] = installation
        return installation

    def add_token(
        self,
        login: str,
        full_names: Sequence[str],
        *,
        permissions: Mapping[str, str] | None = None,
        expires_at: datetime | None = None,
    ) -> str:
        """Make a fine-grained token of a person and return its text.

        A person whom a repository does not know becomes one of its admins.
        """
        self.account(login)
        for name in full_names:
            self.repositories[name].permissions.setdefault(login, "admin")
        token = Token(
            value=f"github_pat_{secrets.token_hex(20)}",
            login=login,
            permissions=dict(TOKEN_PERMISSIONS if permissions is None else permissions),
            repositories={self.repositories[name].id for name in full_names},
            expires_at=expires_at,
        )
        self.tokens[token.value] = token
        return token.value

    def repository_by_id(self, number: int) -> Repository | None:
        """Return a repository by its number."""
        return next((one for one in self.repositories.values() if one.id == number), None)

    def reaches(self, installation: Installation, repository: Repository) -> bool:
        """Say whether an installation has a repository, deleted or suspended as it may be."""
        if installation.takes_all:
            return repository.owner == installation.account
        return repository.id in installation.repositories
