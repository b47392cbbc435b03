"""Creating a GitHub App through its manifest, and connecting where it is installed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from core.errors import ProblemError, TransientError
from integrations.credentials import lock_away
from integrations.github import app as github
from integrations.installations import connect_installation
from integrations.manifests import (
    AppWanted,
    InstallationWanted,
    Traveler,
    keep_for_another_try,
    recall_app,
    recall_installation,
    remember_app,
    remember_installation,
)
from integrations.models import Connection, ConnectionKind, GitHubApp
from integrations.overview import get_app
from integrations.webhook_keys import make_key, url_of_key
from integrations.webhooks import make_endpoint
from tenants.audit import Actor, record_audit_event
from tenants.models import Organization

LONGEST_APP_NAME = 34


class NotInstalledError(ProblemError):
    """GitHub does not name this installation among those of the app."""

    code = "not_installed"
    status = HTTPStatus.CONFLICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an app shall be, and whose it shall be; blank owner: the person's own account."""

    base_url: str
    ca_bundle: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppForm:
    """What a person sends to GitHub so that it makes the app."""

    address: str
    manifest: str
    permissions: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An installation that GitHub names, and the connection that it is already."""

    installation_id: int
    account: str
    connection_id: int | None


def begin_app(
    *, wanted: Place, organization: Organization, traveler: Traveler, now: datetime
) -> AppForm:
    """Return what goes to GitHub, and keep what must be known when it answers."""
    key = make_key()
    state = remember_app(
        wanted=AppWanted(
            base_url=wanted.base_url,
            ca_bundle=wanted.ca_bundle,
            owner=wanted.owner,
            webhook_key=key,
        ),
        traveler=traveler,
        now=now,
    )
    manifest = github.manifest(
        name=f"{settings.PRODUCT_NAME} {organization.name}"[:LONGEST_APP_NAME].strip(),
        public_url=settings.PUBLIC_URL,
        webhook_url=url_of_key(kind=ConnectionKind.GITHUB, key=key),
        redirect_url=_our("integrations:app-created", organization),
        setup_url=_our("integrations:app-installed", organization),
    )
    return AppForm(
        address=github.create_address(base_url=wanted.base_url, owner=wanted.owner, state=state),
        manifest=json.dumps(manifest),
        permissions=[
            f"{name.replace('_', ' ').capitalize()}: {level}"
            for name, level in sorted(github.PERMISSIONS.items())
        ],
    )


def finish_app(
    *, code: str, state: str, traveler: Traveler, actor: Actor, now: datetime
) -> GitHubApp:
    """Have GitHub hand over the app's keys, and store them. Raises StaleFlowError."""
    wanted = recall_app(state=state, traveler=traveler, now=now)
    try:
        made = github.convert(base_url=wanted.base_url, ca_bundle=wanted.ca_bundle, code=code)
    except TransientError:
        # The code is still good: to load the page again is the next try.
        keep_for_another_try(state=state, wanted=wanted, now=now)
        raise
    return _store_app(wanted=wanted, made=made, actor=actor)


def begin_installation(*, app: GitHubApp, traveler: Traveler, now: datetime) -> str:
    """Return the address at GitHub where the app is installed."""
    state = remember_installation(
        wanted=InstallationWanted(app_id=app.pk), traveler=traveler, now=now
    )
    return github.install_address(app, state=state)


def finish_installation(
    *, state: str, installation_id: int, traveler: Traveler, actor: Actor, now: datetime
) -> Connection:
    """Connect the installation that GitHub names. Raises StaleFlowError, NotInstalledError."""
    wanted = recall_installation(state=state, traveler=traveler, now=now)
    return add_installation(
        app=get_app(wanted.app_id), installation_id=installation_id, actor=actor
    )


def add_installation(*, app: GitHubApp, installation_id: int, actor: Actor) -> Connection:
    """Connect an installation, once the app itself was told of it. Raises NotInstalledError."""
    found = next(
        (one for one in github.installations(app) if one.installation_id == installation_id), None
    )
    if found is None:
        raise NotInstalledError(
            "installation_id: GitHub does not name this installation among those of"
            f" {app.name}. Install the app, then look for installations again.",
            field="installation_id",
        )
    with transaction.atomic():
        return connect_installation(
            app=app, installation_id=found.installation_id, account=found.account, actor=actor
        )


def offers_of(app: GitHubApp) -> list[Offer]:
    """Ask GitHub where the app is installed; say which of it is connected."""
    known = dict(Connection.objects.filter(app=app).values_list("installation_id", "id"))
    return [
        Offer(
            installation_id=one.installation_id,
            account=one.account,
            connection_id=known.get(one.installation_id),
        )
        for one in github.installations(app)
    ]


@transaction.atomic
def _store_app(*, wanted: AppWanted, made: github.NewApp, actor: Actor) -> GitHubApp:
    app: GitHubApp = GitHubApp.objects.create(
        app_id=made.app_id,
        slug=made.slug,
        name=made.name,
        owner=made.owner,
        base_url=wanted.base_url,
        ca_bundle=wanted.ca_bundle,
        client_id=made.client_id,
        encrypted_credentials=lock_away(
            {"private_key": made.private_key, "client_secret": made.client_secret}
        ),
    )
    make_endpoint(
        kind=ConnectionKind.GITHUB, app=app, key=wanted.webhook_key, secret=made.webhook_secret
    )
    record_audit_event(
        actor=actor,
        action="github_app.created",
        object_label=app.name,
        after={"slug": app.slug, "owner": app.owner, "base_url": app.base_url},
    )
    return app


def _our(name: str, organization: Organization) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name, args=[organization.slug])}"
