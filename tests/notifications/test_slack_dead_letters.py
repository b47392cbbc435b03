"""After a revoked token: what Slack did not take meanwhile is sent again, each message once."""

from datetime import timedelta

import pytest

from core.errors import NotFoundError
from integrations.models import ConnectionState
from notifications.models import Delivery, DeliveryKind
from notifications.slack_dead_letters import SlackBrokenError, count_held_back, send_held_back
from tenants.audit import Actor
from tenants.jobs import JobStatus
from tenants.models import AuditEvent
from tenants.scope import organization_scope
from tests.fault_proxy import DROP_AFTER, FaultProxy
from tests.notifications.slack_scene import NOW, SlackScene
from tests.slack_server.rows import a_workspace
from tests.slack_server.server import SECRET, TOKEN, SlackServer

HOME = "/orgs/acme/settings/slack"


@pytest.fixture
def slack():
    with SlackServer() as server:
        server.channel().has_bot = True
        yield server


@pytest.fixture
def scene(acme, slack, settings):
    return SlackScene(slack, settings)


@pytest.fixture
def dead(scene, slack):
    """A message that died of the token."""
    slack.fail("chat.postMessage", "token_revoked")
    delivery = a_message(scene)
    scene.run(delivery)
    return delivery


def a_message(scene):
    return scene.want(DeliveryKind.SCAN, finding_ids=[scene.find(10).pk], count=1)


def a_dead_letter(scene, *, key):
    return Delivery.objects.create(
        channel="slack", kind=DeliveryKind.SCAN, key=key, recipient="#security",
        subscription=scene.subscription, scan=scene.scan, status=JobStatus.FAILED,
        finished_at=NOW, next_attempt_at=NOW,
    )  # fmt: skip


def reinstall(scene):
    """Have the workspace work again, as installing the app leaves it."""
    scene.workspace.state, scene.workspace.problem = ConnectionState.WORKING, ""
    scene.workspace.save()


def send_again(scene, person):
    return send_held_back(workspace_id=scene.workspace.pk, actor=Actor.person(person), now=NOW)


def test_what_died_of_the_token_arrives_once_the_app_is_installed_again(
    scene, slack, dead, client, ada
):
    client.force_login(ada)
    before = client.get(HOME).content.decode()
    client.post(
        f"{HOME}/{scene.workspace.pk}/token", {"bot_token": TOKEN, "signing_secret": SECRET}
    )
    offered = client.get(HOME).content.decode()

    answer = client.post(f"{HOME}/{scene.workspace.pk}/send-again", follow=True)
    scene.run(dead, now=NOW + timedelta(hours=1))

    assert "1 message was not sent in the last 7 days because of that" in before
    assert "Send 1 message again" not in before
    assert "Send 1 message again" in offered
    assert "1 message is being sent again" in answer.content.decode()
    assert "Send 1 message again" not in answer.content.decode()
    dead.refresh_from_db()
    assert (dead.status, len(slack.messages)) == (JobStatus.DONE, 1)
    event = AuditEvent.objects.get(action="slack.sent_again")
    assert (event.actor, event.after) == (ada, {"messages": 1})


def test_asked_for_twice_it_is_sent_once(scene, slack, dead, ada):
    reinstall(scene)

    counts = [send_again(scene, ada), send_again(scene, ada)]
    scene.run(dead)
    scene.run(dead)

    assert (counts, len(slack.messages)) == ([1, 0], 1)


def test_what_may_have_arrived_is_looked_for_first(scene, slack, settings, ada):
    delivery = a_message(scene)
    with FaultProxy(slack.url, [("POST", "chat.postMessage", 1, DROP_AFTER)]) as proxy:
        settings.SLACK_URL = proxy.url
        scene.run(delivery)
    settings.SLACK_URL = slack.url
    slack.fail("conversations.history", "token_revoked")
    scene.run(delivery, now=NOW + timedelta(minutes=1))
    reinstall(scene)

    count = send_again(scene, ada)
    scene.run(delivery)

    delivery.refresh_from_db()
    assert (count, len(slack.messages)) == (1, 1)
    assert delivery.status == JobStatus.DONE


def test_where_nobody_can_tell_it_stays_a_dead_letter_whatever_was_decided_before(
    scene, slack, dead, ada
):
    Delivery.objects.update(is_in_doubt=True, may_repeat=True)
    reinstall(scene)
    slack.fail("conversations.history", "missing_scope")

    send_again(scene, ada)
    scene.run(dead)

    dead.refresh_from_db()
    assert (dead.status, dead.is_in_doubt, slack.messages) == (JobStatus.FAILED, True, [])


def test_a_change_that_was_refused_is_made_then_and_the_page_says_why_it_was_not(scene, slack, ada):
    finding = scene.find(10)
    delivery = scene.ask(finding)
    type(finding).objects.filter(pk=finding.pk).update(triage_state="ignored")
    Delivery.objects.update(status=JobStatus.WAITING)
    slack.fail("chat.update", "token_revoked")
    scene.run(delivery)
    scene.workspace.refresh_from_db()
    was_broken = scene.workspace.state == ConnectionState.BROKEN
    reinstall(scene)

    count = send_again(scene, ada)
    scene.run(delivery)

    (message,) = slack.messages
    assert (was_broken, count, message["edits"]) == (True, 1, 1)


def test_other_dead_letters_and_old_ones_stay(scene, dead, ada):
    reinstall(scene)
    other = a_dead_letter(scene, key="other")
    old = a_dead_letter(scene, key="old")
    Delivery.objects.filter(pk=other.pk).update(error="Slack refuses this (is_archived).")
    Delivery.objects.filter(pk=old.pk).update(
        error=Delivery.objects.get(pk=dead.pk).error, finished_at=NOW - timedelta(days=7, minutes=1)
    )

    count = send_again(scene, ada)

    assert count == 1
    assert set(Delivery.objects.filter(status=JobStatus.FAILED)) == {other, old}


def test_nothing_is_sent_while_slack_lets_nobody_in(scene, dead, ada, client):
    with pytest.raises(SlackBrokenError):
        send_again(scene, ada)
    client.force_login(ada)

    page = client.post(f"{HOME}/{scene.workspace.pk}/send-again", follow=True)

    assert "install the app again, then send" in page.content.decode()
    dead.refresh_from_db()
    assert dead.status == JobStatus.FAILED
    assert not AuditEvent.objects.exists()


def test_each_workspace_has_its_own(scene, dead, ada):
    other = a_workspace(team="T0OTHER")

    count = send_held_back(workspace_id=other.pk, actor=Actor.person(ada), now=NOW)

    assert count == 0
    assert count_held_back(now=NOW) == {scene.workspace.pk: 1}


def test_another_organization_neither_counts_nor_sends_it(scene, dead, ron, rival):
    with organization_scope(rival.id):
        assert count_held_back(now=NOW) == {}
        with pytest.raises(NotFoundError):
            send_again(scene, ron)
