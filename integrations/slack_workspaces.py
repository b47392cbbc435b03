"""Slack workspaces: the organization's own app is made, installed, checked and removed."""

import re
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from core.errors import InvalidInputError, NotFoundError, ProblemError, TransientError
from integrations.credentials import lock_away, unlock
from integrations.models import ConnectionState, SlackWorkspace
from integrations.slack.client import Installed, Slack, exchange
from integrations.slack.failures import SlackAccessLostError
from integrations.slack.manifest import install_address, manifest
from integrations.slack_flow import recall, remember
from integrations.webhook_registry import SLACK
from integrations.webhooks import endpoint_url, make_endpoint
from tenants.audit import Actor, record_audit_event
from tenants.models import Organization

COMMAND_PATTERN = re.compile(r"/[a-z0-9_-]{1,31}")
_SUBSCRIBE = ("Tell this channel of new findings", "[project]")
_UNSUBSCRIBE = ("Tell this channel no more", "[project]")


def workspaces() -> QuerySet[SlackWorkspace]:
    """Return the organization's workspaces, the oldest first."""
    rows: QuerySet[SlackWorkspace] = SlackWorkspace.objects.select_related("endpoint")
    return rows.order_by("id")


def get_workspace(workspace_id: int) -> SlackWorkspace:
    """Return a workspace. Raises NotFoundError."""
    found = workspaces().filter(id=workspace_id).first()
    if found is None:
        raise NotFoundError("There is no such Slack workspace in this organization.")
    return found


@transaction.atomic
def begin_workspace(*, actor: Actor, now: datetime) -> SlackWorkspace:
    """Make a workspace's row and its address, which the app's manifest needs; one at a time."""
    known: SlackWorkspace | None = workspaces().filter(team_id="").first()
    if known is not None:
        return known
    row: SlackWorkspace = SlackWorkspace.objects.create(
        encrypted_credentials=lock_away({}), created_at=now
    )
    make_endpoint(kind=SLACK, workspace=row)
    record_audit_event(actor=actor, action="slack.begun")
    return get_workspace(row.pk)


def manifest_of(workspace: SlackWorkspace, *, redirect_url: str) -> str:
    """Return the manifest of a workspace's app, as JSON."""
    return manifest(
        name=settings.PRODUCT_NAME,
        request_url=endpoint_url(workspace.endpoint),
        redirect_url=redirect_url,
        commands=[
            (workspace.subscribe_command, *_SUBSCRIBE),
            (workspace.unsubscribe_command, *_UNSUBSCRIBE),
        ],
    )


def signing_secret_of(workspace: SlackWorkspace) -> str:
    """Return what signs Slack's requests; blank where nobody has entered it yet."""
    return unlock(workspace.encrypted_credentials).get("signing_secret", "")


def slack_of(workspace: SlackWorkspace, *, timeout_seconds: float | None = None) -> Slack:
    """Return the way to call Slack as the workspace's bot."""
    token = unlock(workspace.encrypted_credentials).get("bot_token", "")
    return Slack(token=token, timeout_seconds=timeout_seconds)


@transaction.atomic
def name_commands(
    *, workspace_id: int, subscribe: str, unsubscribe: str, actor: Actor
) -> SlackWorkspace:
    """Give the commands other names; the app's manifest has to get them, too.

    Raises InvalidInputError.
    """
    for field, word in (("subscribe_command", subscribe), ("unsubscribe_command", unsubscribe)):
        if not COMMAND_PATTERN.fullmatch(word):
            raise InvalidInputError(
                f"{field}: begin with a slash, then up to 31 small letters, digits, hyphens or"
                " underscores.",
                field=field,
            )
    if subscribe == unsubscribe:
        raise InvalidInputError(
            "unsubscribe_command: both commands have this name; choose another.",
            field="unsubscribe_command",
        )
    row = _locked(workspace_id)
    row.subscribe_command, row.unsubscribe_command = subscribe, unsubscribe
    row.save(update_fields=["subscribe_command", "unsubscribe_command"])
    _audit(row, "slack.commands_named", actor)
    return row


def install_with_token(
    *, workspace_id: int, bot_token: str, signing_secret: str, actor: Actor, now: datetime
) -> SlackWorkspace:
    """Install by a bot token that was copied from Slack, once Slack has taken it.

    Raises InvalidInputError with Slack's reason, and TransientError where it did not answer.
    """
    get_workspace(workspace_id)
    try:
        found = Slack(token=bot_token.strip()).whoami()
    except ProblemError as error:
        raise InvalidInputError(f"bot_token: {error.detail}", field="bot_token") from error
    return _store(
        workspace_id,
        found,
        secrets={"signing_secret": signing_secret.strip()},
        client_id="",
        actor=actor,
        now=now,
    )


@transaction.atomic
def keep_app(
    *, workspace_id: int, client_id: str, client_secret: str, signing_secret: str, actor: Actor
) -> SlackWorkspace:
    """Keep what Slack shows of the app that was made from the manifest."""
    row = _locked(workspace_id)
    secrets = unlock(row.encrypted_credentials)
    secrets |= {"client_secret": client_secret.strip(), "signing_secret": signing_secret.strip()}
    row.client_id, row.encrypted_credentials = client_id.strip(), lock_away(secrets)
    row.save(update_fields=["client_id", "encrypted_credentials"])
    _audit(row, "slack.app_kept", actor)
    return row


def way_to_slack(
    *, workspace: SlackWorkspace, user_id: int, redirect_url: str, now: datetime
) -> str:
    """Return the page of Slack on which a person installs the app. Raises InvalidInputError."""
    if not workspace.client_id:
        raise InvalidInputError("client_id: enter what Slack shows of the app first.")
    state = remember(
        workspace_id=workspace.pk,
        organization_id=int(workspace.organization_id or 0),
        user_id=user_id,
        now=now,
    )
    return install_address(client_id=workspace.client_id, state=state, redirect_url=redirect_url)


def finish_install(
    *,
    code: str,
    state: str,
    organization: Organization,
    redirect_url: str,
    actor: Actor,
    now: datetime,
) -> SlackWorkspace:
    """Trade what Slack sent along for a token, and store it. Raises StaleFlowError."""
    workspace_id = recall(
        state=state,
        organization_id=organization.pk,
        user_id=actor.user.pk if actor.user else 0,
        now=now,
    )
    row = get_workspace(workspace_id)
    found = exchange(
        code=code,
        client_id=row.client_id,
        client_secret=unlock(row.encrypted_credentials).get("client_secret", ""),
        redirect_uri=redirect_url,
    )
    return _store(row.pk, found, secrets={}, client_id=row.client_id, actor=actor, now=now)


def check_workspace(*, workspace_id: int, now: datetime) -> SlackWorkspace:
    """Ask Slack whether the token works, and keep the answer."""
    row = get_workspace(workspace_id)
    problem, state = "", ConnectionState.WORKING
    try:
        found = slack_of(row).whoami()
    except ProblemError as error:
        problem, state = error.detail, ConnectionState.BROKEN
    except TransientError as error:
        problem, state = f"{error} Try again later.", ConnectionState(row.state)
    else:
        if row.team_id and found.team_id != row.team_id:
            problem = "bot_token: it is of another workspace; install the app again."
            state = ConnectionState.BROKEN
    SlackWorkspace.objects.filter(id=row.pk).update(
        state=state, problem=problem[:1000], checked_at=now
    )
    return get_workspace(row.pk)


def note_trouble(*, workspace_id: int, error: ProblemError) -> None:
    """Show on the page that the workspace does not let us in any more."""
    if isinstance(error, SlackAccessLostError):
        SlackWorkspace.objects.filter(id=workspace_id).update(
            state=ConnectionState.BROKEN, problem=error.detail[:1000]
        )


@transaction.atomic
def remove_workspace(*, workspace_id: int, actor: Actor) -> str:
    """Forget a workspace, its credentials, subscriptions and linked people; return its name."""
    row = _locked(workspace_id)
    _audit(row, "slack.removed", actor)
    name = str(row) or "The Slack workspace"
    row.delete()
    return name


@transaction.atomic
def _store(
    workspace_id: int,
    found: Installed,
    *,
    secrets: Mapping[str, str],
    client_id: str,
    actor: Actor,
    now: datetime,
) -> SlackWorkspace:
    row = _locked(workspace_id)
    if row.team_id and row.team_id != found.team_id:
        raise InvalidInputError(
            f"The app was installed in another workspace than {row}; remove this one first, or"
            " begin a further one.",
            field="team_id",
        )
    if SlackWorkspace.objects.filter(team_id=found.team_id).exclude(id=row.pk).exists():
        raise InvalidInputError(
            f"The workspace {found.team_name} is connected already; remove it first.",
            field="team_id",
        )
    known = unlock(row.encrypted_credentials)
    row.encrypted_credentials = lock_away({**known, **secrets, "bot_token": found.bot_token})
    row.team_id, row.name = found.team_id[:40], found.team_name.replace("\0", "")[:200]
    row.bot_user_id, row.client_id = found.bot_user_id[:40], client_id
    row.state, row.problem, row.checked_at = ConnectionState.WORKING, "", now
    row.save()
    _audit(row, "slack.installed", actor)
    return get_workspace(row.pk)


def _locked(workspace_id: int) -> SlackWorkspace:
    row: SlackWorkspace | None = (
        SlackWorkspace.objects.select_for_update().filter(id=workspace_id).first()
    )
    if row is None:
        raise NotFoundError("There is no such Slack workspace in this organization.")
    return row


def _audit(row: SlackWorkspace, action: str, actor: Actor) -> None:
    after = {"team_id": row.team_id, "client_id": row.client_id}
    record_audit_event(actor=actor, action=action, object_label=str(row), after=after)
