"""A repository at the stand-in for GitHub, and the rows that lead to it."""

from integrations.credentials import lock_away
from integrations.models import Connection, ConnectionKind, GitHubApp, RepositoryLink, SignIn
from tests.factories import ProjectFactory
from tests.integrations.repositories import make_repository

NAME = "acme/shop"
FILES = {"app/views.py": "".join(f"line {number}\n" for number in range(1, 41))}


class Stage:
    """Acme's shop at GitHub, with a link by app or by token."""

    def __init__(self, github, folder, *, files=None, public=False):
        self.github = github
        self.first = make_repository(folder / "shop", {**FILES, **(files or {})})
        self.repository = github.add_repository(
            NAME, folder / "shop", people={"mel": "write", "vic": "read"}, public=public
        )

    def by_app(self, **permissions):
        """Return a link through an installed app; `permissions` change what it was granted."""
        app = self.github.add_app("assay-acme")
        self.installation = self.github.install(app, "acme", [NAME])
        self.github.grant(self.installation, permissions)
        row = GitHubApp.objects.create(
            app_id=app.id,
            slug=app.slug,
            name=app.slug,
            owner="acme",
            base_url=self.github.url,
            encrypted_credentials=lock_away(
                {"private_key": app.private_key, "client_secret": "a-client-secret"}
            ),
        )
        return self._link(
            Connection.objects.create(
                kind=ConnectionKind.GITHUB,
                name="acme at GitHub",
                sign_in=SignIn.APP,
                base_url=self.github.url,
                account="acme",
                app=row,
                installation_id=self.installation.id,
            )
        )

    def by_token(self, **options):
        """Return a link through a fine-grained token."""
        self.token = self.github.add_token("acme-bot", [NAME], **options)
        return self._link(
            Connection.objects.create(
                kind=ConnectionKind.GITHUB,
                name="acme by token",
                sign_in=SignIn.TOKEN,
                base_url=self.github.url,
                encrypted_credentials=lock_away({"token": self.token}),
            )
        )

    def open_pull(self, files=None, **options):
        """Open a pull request that changes lines 10 and 20 of app/views.py, and return it."""
        text = FILES["app/views.py"].replace("line 10\n", "zehn\n").replace("line 20\n", "a\nb\n")
        self.github.push(NAME, "feature", files or {"app/views.py": text})
        return self.github.open_pull(NAME, "feature", **options)[0]

    def _link(self, connection):
        return RepositoryLink.objects.create(
            project=ProjectFactory(),
            connection=connection,
            location=NAME,
            external_id=str(self.repository.id),
            web_url=f"{self.github.url}/{NAME}",
            default_branch="main",
        )
