"""Rows of a workspace whose app is installed at the stand-in."""

from integrations.credentials import lock_away
from integrations.models import SlackAccount, SlackWorkspace
from integrations.webhooks import make_endpoint
from notifications.models import Subscription
from tests.slack_server.server import SECRET, TEAM, TOKEN


def a_workspace(*, team=TEAM, token=TOKEN, secret=SECRET, **fields):
    """Return a workspace with its endpoint."""
    row = SlackWorkspace.objects.create(
        team_id=team,
        name="Acme",
        bot_user_id="UBOT",
        state="working",
        encrypted_credentials=lock_away({"bot_token": token, "signing_secret": secret}),
        **fields,
    )
    make_endpoint(kind="slack", workspace=row)
    return row


def an_account(*, workspace, person, user="U1"):
    """Return that somebody in Slack is a member."""
    member = person.memberships.get()
    return SlackAccount.objects.create(workspace=workspace, slack_user_id=user, member=member)


def a_channel(*, workspace, **fields):
    """Return a subscribed channel."""
    return Subscription.objects.create(
        channel="slack",
        workspace=workspace,
        slack_channel_id=fields.pop("slack_channel_id", "C0SECURITY"),
        slack_channel_name="security",
        **fields,
    )
