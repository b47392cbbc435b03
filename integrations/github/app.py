"""Making a GitHub App for an organization by manifest, and finding where it is installed.

A person posts the manifest to GitHub and comes back with a code, which is exchanged for the new
app's credentials within an hour, once.
https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from integrations.github.account import EVENTS
from integrations.github.addresses import DEFAULT
from integrations.github.calls import calls_as
from integrations.github.shapes import ConvertedApp
from integrations.github.shapes import Installation as InstallationShape
from integrations.github.sign_in import app_calls
from integrations.models import GitHubApp
from integrations.review_hosts import AccessLostError, GoneError

PERMISSIONS = {
    "metadata": "read",
    "contents": "write",
    "pull_requests": "write",
    "checks": "write",
}
_MOST_PAGES = 50
_NEEDS_APP = "the GitHub App itself"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApp:
    """What GitHub gives of a new app, once."""

    app_id: int
    slug: str
    name: str
    owner: str
    client_id: str
    client_secret: str = field(repr=False)
    private_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Where an app is installed."""

    installation_id: int
    account: str


def manifest(
    *, name: str, public_url: str, webhook_url: str, redirect_url: str, setup_url: str
) -> dict[str, Any]:
    """Return what the form posts to GitHub, as JSON in its field `manifest`.

    `redirect_url` is where the code comes, `setup_url` where people come after an installation.
    """
    return {
        "name": name,
        "url": public_url,
        "hook_attributes": {"url": webhook_url, "active": True},
        "redirect_url": redirect_url,
        "callback_urls": [redirect_url],
        "setup_url": setup_url,
        "setup_on_update": True,
        "public": False,
        "default_permissions": dict(PERMISSIONS),
        "default_events": list(EVENTS),
    }


def create_address(*, base_url: str, owner: str, state: str) -> str:
    """Return where the form goes; `owner`: an organization at GitHub, blank for one's own."""
    base = (base_url or DEFAULT).rstrip("/")
    where = f"organizations/{quote(owner, safe='')}/settings" if owner else "settings"
    return f"{base}/{where}/apps/new?{urlencode({'state': state})}"


def convert(*, base_url: str, ca_bundle: str, code: str) -> NewApp:
    """Exchange the code of a manifest for the app's credentials.

    Raises AccessLostError where GitHub does not know the code (any more).
    """
    calls = calls_as(base_url=base_url, ca_bundle=ca_bundle, auth=None)
    path = f"/app-manifests/{quote(code, safe='')}/conversions"
    try:
        made = calls.make(ConvertedApp, path, None, needs=_NEEDS_APP)
    except GoneError:
        raise AccessLostError(
            "code: GitHub does not know this code (any more); it is good for an hour and for one"
            " use. Begin again.",
            field="code",
        ) from None
    return NewApp(
        app_id=made.id,
        slug=made.slug,
        name=made.name,
        owner=made.owner.login,
        client_id=made.client_id,
        client_secret=made.client_secret,
        private_key=made.pem,
        webhook_secret=made.webhook_secret or "",
    )


def install_address(app: GitHubApp, state: str) -> str:
    """Return where people choose the account and the repositories of an app."""
    base = app.base_url.rstrip("/")
    # GitHub.com has the pages of apps in another place than an Enterprise Server.
    place = "apps" if base == DEFAULT or base.endswith(".ghe.com") else "github-apps"
    slug = quote(app.slug, safe="")
    return f"{base}/{place}/{slug}/installations/new?{urlencode({'state': state})}"


def installations(app: GitHubApp) -> list[Installation]:
    """Return where the app is installed."""
    found = app_calls(app).pages(
        InstallationShape, "/app/installations", needs=_NEEDS_APP, most_pages=_MOST_PAGES
    )
    return [
        Installation(
            installation_id=one.id,
            account=one.account.login if one.account else "",
        )
        for one in found
    ]
