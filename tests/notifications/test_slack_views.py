"""The page Settings, Slack: making the app, installing it both ways, its channels and people."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from integrations.credentials import unlock
from integrations.models import ConnectionState, SlackAccount, SlackWorkspace, WebhookEndpoint
from integrations.webhooks import endpoint_url
from notifications.models import Delivery, DeliveryKind, Subscription
from tenants.models import AuditEvent
from tests.factories import SubscriptionFactory
from tests.slack_server.rows import a_channel, a_workspace, an_account
from tests.slack_server.server import SECRET, TEAM, TOKEN, SlackServer

HOME = "/orgs/acme/settings/slack"
APP = {"client_id": "123.456", "client_secret": "client-secret", "signing_secret": SECRET}


@pytest.fixture
def slack(settings):
    with SlackServer() as server:
        settings.SLACK_URL = server.url
        yield server


@pytest.fixture
def admin(client, ada):
    client.force_login(ada)
    return client


def test_nothing_is_connected_at_first(admin):
    page = admin.get(HOME).content.decode()

    assert "No workspace is connected" in page


def test_begun_the_page_shows_a_manifest_with_our_address(admin):
    admin.post(f"{HOME}/begin")
    admin.post(f"{HOME}/begin")

    page = admin.get(HOME)
    (shown,) = page.context["shown"]
    told = json.loads(shown.manifest)
    address = endpoint_url(WebhookEndpoint.objects.get())
    assert SlackWorkspace.objects.count() == 1
    assert told["settings"]["interactivity"]["request_url"] == address
    assert [one["url"] for one in told["features"]["slash_commands"]] == [address, address]
    assert "channels:history" in told["oauth_config"]["scopes"]["bot"]


def test_the_app_is_installed_through_slack(admin, slack):
    admin.post(f"{HOME}/begin")
    row = SlackWorkspace.objects.get()
    slack.codes["good-code"] = "123.456:client-secret"

    kept = admin.post(f"{HOME}/{row.pk}/app", APP)
    away = admin.get(kept.url)
    asked = parse_qs(urlsplit(away.url).query)
    admin.get(f"{HOME}/installed", {"code": "good-code", "state": asked["state"][0]})

    row.refresh_from_db()
    assert away.url.startswith(f"{slack.url}/oauth/v2/authorize?")
    assert asked["redirect_uri"] == ["http://127.0.0.1:8000/orgs/acme/settings/slack/installed"]
    assert (row.team_id, row.name, row.state) == (TEAM, "Acme", ConnectionState.WORKING)
    assert unlock(row.encrypted_credentials) == {
        "bot_token": TOKEN,
        "client_secret": "client-secret",
        "signing_secret": SECRET,
    }


@pytest.mark.parametrize("state", ["", "forged"])
def test_a_callback_that_nobody_here_began_installs_nothing(admin, slack, state):
    admin.post(f"{HOME}/begin")
    row = SlackWorkspace.objects.get()
    kept = admin.post(f"{HOME}/{row.pk}/app", APP)
    slack.codes["good-code"] = "123.456:client-secret"

    answer = admin.get(f"{HOME}/installed", {"code": "good-code", "state": state}, follow=True)

    row.refresh_from_db()
    assert kept.status_code == 302
    assert "nothing was installed" in answer.content.decode()
    assert row.team_id == ""


def test_a_state_is_good_once(admin, slack):
    admin.post(f"{HOME}/begin")
    row = SlackWorkspace.objects.get()
    slack.codes |= {"first": "123.456:client-secret", "second": "123.456:client-secret"}
    away = admin.get(admin.post(f"{HOME}/{row.pk}/app", APP).url)
    state = parse_qs(urlsplit(away.url).query)["state"][0]

    admin.get(f"{HOME}/installed", {"code": "first", "state": state})
    answer = admin.get(f"{HOME}/installed", {"code": "second", "state": state}, follow=True)

    assert "was used already" in answer.content.decode()


def test_a_bot_token_is_kept_once_slack_has_taken_it(admin, slack):
    admin.post(f"{HOME}/begin")
    row = SlackWorkspace.objects.get()

    admin.post(f"{HOME}/{row.pk}/token", {"bot_token": TOKEN, "signing_secret": SECRET})

    row.refresh_from_db()
    assert (row.team_id, row.state) == (TEAM, ConnectionState.WORKING)


def test_a_token_that_slack_does_not_take_says_why(admin, slack):
    admin.post(f"{HOME}/begin")
    row = SlackWorkspace.objects.get()
    wrong = {"bot_token": "xoxb-wrong-token", "signing_secret": SECRET}

    answer = admin.post(f"{HOME}/{row.pk}/token", wrong)

    row.refresh_from_db()
    assert answer.status_code == 422
    assert "invalid_auth" in answer.content.decode()
    assert "xoxb-wrong-token" not in answer.content.decode()
    assert row.team_id == ""


def test_fields_that_are_wrong_are_named(admin, slack):
    admin.post(f"{HOME}/begin")
    row = SlackWorkspace.objects.get()

    answer = admin.post(f"{HOME}/{row.pk}/app", {"client_id": "nonsense"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "A Client ID is two numbers with a point between them." in page
    assert page.count("Enter the secret.") == 2


def test_a_token_that_was_revoked_is_shown(admin, slack):
    row = a_workspace()
    slack.fail("auth.test", "token_revoked")

    admin.post(f"{HOME}/{row.pk}/check")

    row.refresh_from_db()
    assert row.state == ConnectionState.BROKEN
    assert "install the app again" in admin.get(HOME).content.decode()


def test_commands_get_other_names(admin):
    row = a_workspace()
    names = {"subscribe_command": "/tell_me", "unsubscribe_command": "/be_quiet"}

    admin.post(f"{HOME}/{row.pk}/commands", names)

    (shown,) = admin.get(HOME).context["shown"]
    commands = json.loads(shown.manifest)["features"]["slash_commands"]
    assert [one["command"] for one in commands] == ["/tell_me", "/be_quiet"]


@pytest.mark.parametrize("name", ["no_slash", "/Capital", "/unsub"])
def test_a_command_that_slack_would_refuse_is_refused(admin, name):
    row = a_workspace()
    names = {"subscribe_command": name, "unsubscribe_command": "/unsub"}

    answer = admin.post(f"{HOME}/{row.pk}/commands", names)

    assert answer.status_code == 422


def test_a_test_message_is_written_down_for_a_channel(admin):
    channel = a_channel(workspace=a_workspace())

    admin.post(f"{HOME}/channels/{channel.pk}/test")

    delivery = Delivery.objects.get()
    assert (delivery.kind, delivery.recipient) == (DeliveryKind.TEST, "#security")


def test_an_address_is_no_channel(admin):
    address = SubscriptionFactory()

    assert admin.post(f"{HOME}/channels/{address.pk}/test").status_code == 404


def test_a_workspace_goes_with_its_credentials_channels_and_people(admin, mel):
    row = a_workspace()
    a_channel(workspace=row)
    an_account(workspace=row, person=mel)

    admin.post(f"{HOME}/{row.pk}/remove")

    assert not SlackWorkspace.objects.exists()
    assert not Subscription.objects.exists()
    assert not SlackAccount.objects.exists()
    assert not WebhookEndpoint.objects.exists()
    assert AuditEvent.objects.filter(action="slack.removed").exists()


def test_members_unlink_themselves_and_nobody_else(client, ada, mel):
    row = a_workspace()
    own = an_account(workspace=row, person=mel, user="U1")
    other = an_account(workspace=row, person=ada, user="U2")
    client.force_login(mel)

    client.post(f"{HOME}/people/{own.pk}/unlink")
    refused = client.post(f"{HOME}/people/{other.pk}/unlink")

    assert refused.status_code == 404
    assert list(SlackAccount.objects.all()) == [other]


def test_secrets_are_on_no_page(admin):
    a_workspace(client_id="123.456")

    page = admin.get(HOME).content.decode()

    assert not re.search(f"{TOKEN}|{SECRET}", page)


def test_members_have_no_part_in_it(client, mel):
    client.force_login(mel)

    assert client.get(HOME).status_code == 403


def test_the_page_asks_the_same_for_one_workspace_and_for_many(
    admin, ada, django_assert_max_num_queries
):
    for number in range(3):
        row = a_workspace(team=f"T{number}")
        a_channel(workspace=row)
        an_account(workspace=row, person=ada)

    with django_assert_max_num_queries(10):
        admin.get(HOME)
