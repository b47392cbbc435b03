"""How the stand-in speaks of accounts, apps and repositories, in GitHub's JSON."""

import base64
import functools
import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.github_server.description import example
from tests.github_server.state import App, Hook, Installation, Repository, Token

if TYPE_CHECKING:
    from tests.github_server.server import GitHubServer

Json = dict[str, Any]
ROLES = ("read", "triage", "write", "maintain", "admin")
ROLE_WORDS = {"read": "pull", "triage": "triage", "write": "push"}


def stamp(moment: datetime | None) -> str | None:
    """Return a time as GitHub writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def node_id(kind: str, number: object) -> str:
    """Return an opaque id, as GraphQL uses it."""
    return base64.b64encode(f"{kind}{number}".encode()).decode()


@functools.cache
def _addresses(name: str) -> dict[str, str]:
    """Return the addresses that a published example holds, by field."""
    found = example(name)
    found = found[0] if isinstance(found, list) else found
    return {
        key: value
        for key, value in found.items()
        if isinstance(value, str) and "octocat/Hello-World" in value
    }


class Shapes:
    """Shapes with addresses below one base, the one that the client spoke to."""

    def __init__(self, github: "GitHubServer", api: str, web: str):
        self.github = github
        self.api = api
        self.web = web

    def addresses(self, name: str, repository: Repository) -> dict[str, str]:
        """Return the addresses of a repository's thing, by field."""
        return {
            key: value.replace("https://api.github.com", self.api)
            .replace("https://github.com", self.web)
            .replace("octocat/Hello-World", repository.full_name)
            for key, value in _addresses(name).items()
        }

    def account(self, login: str) -> Json:
        """A simple user."""
        account = self.github.account(login)
        user = f"{self.api}/users/{login}"
        return {
            "login": login,
            "id": account.id,
            "node_id": node_id("User", account.id),
            "avatar_url": f"{self.web}/avatars/{account.id}",
            "gravatar_id": "",
            "url": user,
            "html_url": f"{self.web}/{login}",
            "followers_url": f"{user}/followers",
            "following_url": f"{user}/following{{/other_user}}",
            "gists_url": f"{user}/gists{{/gist_id}}",
            "starred_url": f"{user}/starred{{/owner}}{{/repo}}",
            "subscriptions_url": f"{user}/subscriptions",
            "organizations_url": f"{user}/orgs",
            "repos_url": f"{user}/repos",
            "events_url": f"{user}/events{{/privacy}}",
            "received_events_url": f"{user}/received_events",
            "type": account.type,
            "site_admin": False,
        }

    def person(self, login: str) -> Json:
        """The account that a token belongs to."""
        return {
            **self.account(login),
            "name": login.capitalize(),
            "company": None,
            "blog": "",
            "location": None,
            "email": None,
            "hireable": None,
            "bio": None,
            "public_repos": 0,
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "created_at": "2020-01-01T00:00:00Z",
            "updated_at": "2020-01-01T00:00:00Z",
        }

    def repository(self, repository: Repository, login: str = "") -> Json:
        """A repository; `login` is whose permissions it tells."""
        pulls = [one for one in repository.pulls.values() if one.state == "open"]
        created = stamp(repository.created_at)
        facts = {
            **self.addresses("full-repository-default-response", repository),
            "id": repository.id,
            "node_id": node_id("Repository", repository.id),
            "name": repository.name,
            "full_name": repository.full_name,
            "owner": self.account(repository.owner),
            "private": not repository.is_public,
            "visibility": "public" if repository.is_public else "private",
            "description": None,
            "language": None,
            "license": None,
            "default_branch": repository.default_branch,
            "topics": [],
            "created_at": created,
            "updated_at": created,
            "pushed_at": created,
            "homepage": None,
            "mirror_url": None,
            "clone_url": f"{self.web}/{repository.full_name}.git",
            "svn_url": f"{self.web}/{repository.full_name}",
            "size": 1,
            "custom_properties": {},
        }
        counts = ["forks", "forks_count", "stargazers_count", "watchers", "watchers_count"]
        flags = ["fork", "disabled", "has_pages", "has_discussions", "is_template"]
        flags += ["web_commit_signoff_required"]
        facts |= dict.fromkeys(counts, 0) | dict.fromkeys(flags, False)
        facts |= dict.fromkeys(["has_issues", "has_projects", "has_wiki", "has_downloads"], True)
        facts |= {"open_issues": len(pulls), "open_issues_count": len(pulls)}
        facts |= {"archived": repository.is_archived, "allow_forking": True}
        if login:
            facts["permissions"] = self.roles(repository, login)
        return facts

    def roles(self, repository: Repository, login: str) -> dict[str, bool]:
        """What a login may, in the words of a repository's answer."""
        role = repository.permissions.get(login, "write" if login.endswith("[bot]") else "read")
        reach = ROLES.index(role)
        return {ROLE_WORDS.get(one, one): place <= reach for place, one in enumerate(ROLES)}

    def full_repository(self, repository: Repository, login: str) -> Json:
        """A repository, asked for by name."""
        return {
            **self.repository(repository, login),
            "network_count": 0,
            "subscribers_count": 0,
        }

    def brief_repository(self, repository: Repository) -> Json:
        """A repository, in an installation's webhook."""
        return {
            "id": repository.id,
            "node_id": node_id("Repository", repository.id),
            "name": repository.name,
            "full_name": repository.full_name,
            "private": not repository.is_public,
        }

    def app(self, app: App) -> Json:
        """A GitHub App."""
        return {
            "id": app.id,
            "slug": app.slug,
            "client_id": app.client_id,
            "node_id": node_id("Integration", app.id),
            "owner": self.account(app.owner),
            "name": app.name,
            "description": "",
            "external_url": "https://assay.example",
            "html_url": f"{self.web}/apps/{app.slug}",
            "created_at": stamp(app.created_at),
            "updated_at": stamp(app.created_at),
            "permissions": app.permissions,
            "events": app.events,
        }

    def installation(self, installation: Installation) -> Json:
        """An installation of an app."""
        app = installation.app
        suspended = stamp(installation.suspended_at)
        return {
            "id": installation.id,
            "account": self.account(installation.account),
            "access_tokens_url": f"{self.api}/app/installations/{installation.id}/access_tokens",
            "repositories_url": f"{self.api}/installation/repositories",
            "html_url": f"{self.web}/organizations/{installation.account}"
            f"/settings/installations/{installation.id}",
            "app_id": app.id,
            "app_slug": app.slug,
            "target_id": self.github.account(installation.account).id,
            "target_type": self.github.account(installation.account).type,
            "repository_selection": "all" if installation.takes_all else "selected",
            "permissions": installation.permissions,
            "events": app.events,
            "created_at": stamp(installation.created_at),
            "updated_at": stamp(installation.created_at),
            "single_file_name": None,
            "has_multiple_single_files": False,
            "single_file_paths": [],
            "suspended_at": suspended,
            "suspended_by": self.account("ada") if suspended else None,
        }

    def token(self, token: Token) -> Json:
        """A token that was just minted."""
        chosen = token.installation is not None and token.installation.takes_all
        return {
            "token": token.value,
            "expires_at": stamp(token.expires_at),
            "permissions": token.permissions,
            "repository_selection": "all" if chosen else "selected",
        }

    def hook(self, repository: Repository, hook: Hook) -> Json:
        """A webhook of a repository; its secret is never told."""
        where = f"{self.api}/repos/{repository.full_name}/hooks/{hook.id}"
        secret = {"secret": "********"} if hook.secret else {}
        return {
            "type": "Repository",
            "id": hook.id,
            "name": "web",
            "active": hook.active,
            "events": hook.events,
            "config": {
                "url": hook.url,
                "content_type": hook.content_type,
                "insecure_ssl": "0",
                **secret,
            },
            "created_at": stamp(hook.created_at),
            "updated_at": stamp(hook.updated_at),
            "url": where,
            "test_url": f"{where}/test",
            "ping_url": f"{where}/pings",
            "deliveries_url": f"{where}/deliveries",
            "last_response": {"code": None, "status": "unused", "message": None},
        }


def digest(text: bytes) -> str:
    """Return a short hash, as ETags have it."""
    return hashlib.sha256(text).hexdigest()[:40]
