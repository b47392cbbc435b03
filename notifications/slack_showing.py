"""What the page Settings, Slack shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from integrations.models import SlackAccount, SlackWorkspace, WebhookEndpoint
from integrations.slack.manifest import create_address
from integrations.slack_accounts import accounts
from integrations.slack_workspaces import manifest_of, workspaces
from notifications.models import Subscription
from notifications.slack_dead_letters import can_send, count_held_back
from tenants.models import Organization


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownWorkspace:
    """A workspace with what is around it."""

    workspace: SlackWorkspace
    manifest: str
    """As JSON, to paste into Slack."""
    create_url: str
    channels: Sequence[Subscription]
    people: Sequence[SlackAccount]
    held_back: int
    """How many messages of the last days were not sent because of the token."""

    @property
    def can_send(self) -> bool:
        """Whether those could be sent now."""
        return can_send(self.workspace)

    @property
    def endpoint(self) -> WebhookEndpoint:
        """Return where Slack calls us."""
        return self.workspace.endpoint

    @property
    def is_installed(self) -> bool:
        """Whether the app is installed somewhere."""
        return bool(self.workspace.team_id)


def redirect_url(organization: Organization) -> str:
    """Return where Slack sends people back to."""
    path = reverse("notifications:slack-installed", args=[organization.slug])
    return f"{settings.PUBLIC_URL}{path}"


def shown_workspaces(organization: Organization, *, now: datetime) -> list[ShownWorkspace]:
    """Return the workspaces with what is around them, in four queries."""
    channels = list(
        Subscription.objects.exclude(workspace=None)
        .select_related("project")
        .order_by("slack_channel_name", "id")
    )
    people = list(accounts())
    held_back = count_held_back(now=now)
    return [
        _shown(
            row,
            organization,
            [one for one in channels if one.workspace_id == row.pk],
            [one for one in people if one.workspace_id == row.pk],
            held_back.get(row.pk, 0),
        )
        for row in workspaces()
    ]


def _shown(
    row: SlackWorkspace,
    organization: Organization,
    channels: Sequence[Subscription],
    people: Sequence[SlackAccount],
    held_back: int,
) -> ShownWorkspace:
    told = manifest_of(row, redirect_url=redirect_url(organization))
    return ShownWorkspace(
        workspace=row,
        manifest=told,
        create_url=create_address(told),
        channels=channels,
        people=people,
        held_back=held_back,
    )
