"""Messages in Slack: what they say, sent exactly once whatever breaks, and changed in place."""

from datetime import timedelta

import pytest

from integrations.models import ConnectionState
from notifications.channels.slack_blocks import escaped
from notifications.deliveries import retry
from notifications.models import DeliveryKind
from tenants.audit import Actor
from tenants.jobs import JobStatus
from tests.factories import ReportedRuleFactory
from tests.fault_proxy import (
    CUT_BEFORE,
    DROP_AFTER,
    TRUNCATE,
    FaultProxy,
    error,
    error_after,
    too_many,
)
from tests.notifications.slack_scene import NOW, SlackScene
from tests.slack_server.server import SlackServer
from triage.models import Feedback, Rating

HOSTILE = (
    "<!channel> <https://evil.example|click> *bold* `code` & <@U1>\u202e "
    "AKIA" + "Q3EGRIH4VZ5XW2YN " + "x" * 10_000
)


@pytest.fixture
def slack():
    with SlackServer() as server:
        yield server
        assert server.complaints == []


@pytest.fixture
def scene(acme, slack, settings):
    return SlackScene(slack, settings)


def _texts(blocks):
    """Return every text of a message, in its order."""
    found = []
    for block in blocks:
        for part in (block.get("text"), *block.get("elements", ())):
            found += _parts(part)
    return found


def _parts(part):
    if not isinstance(part, dict):
        return [part] if isinstance(part, str) else []
    if "elements" in part:
        return [one["text"] for one in part["elements"]]
    text = part.get("text")
    return _parts(text)


def test_a_scan_is_told_with_its_findings_their_places_and_a_button(scene, slack):
    finding = scene.find(10)
    delivery = scene.want(DeliveryKind.SCAN, finding_ids=[finding.pk], count=3)

    scene.run(delivery)

    (message,) = slack.messages
    said = "".join(_texts(message["blocks"]))
    assert message["text"] == "3 new findings in acme/shop"
    assert "Sql injection" in said or "SQL injection" in said
    assert "app/db10.py:10" in said
    assert "https://owasp.org/sql" in said
    assert "… and 2 more." in said
    delivery.refresh_from_db()
    assert (delivery.status, delivery.external_ids["ts"]) == (JobStatus.DONE, message["ts"])


def test_hostile_rule_text_does_nothing_is_redacted_and_cut(scene, slack):
    rule = ReportedRuleFactory(check_id="x", metadata={"title": HOSTILE, "references": [HOSTILE]})
    finding = scene.find(10, message=HOSTILE, rule=rule, path="a/<b>&.py")
    delivery = scene.want(DeliveryKind.SCAN, finding_ids=[finding.pk], count=1)

    scene.run(delivery)

    (message,) = slack.messages
    types = {block["type"] for block in message["blocks"]}
    links = [
        one["url"]
        for block in message["blocks"]
        for section in block.get("elements", ())
        for one in section.get("elements", ())
        if one["type"] == "link"
    ]
    said = "".join(_texts(message["blocks"]))
    assert types == {"header", "rich_text", "actions"}
    assert not any("evil" in url for url in links)
    assert "AKIAQ3" not in said
    assert "\u202e" not in said
    assert len(said) < 2500


def test_what_is_escaped_mentions_nobody_and_links_nowhere():
    assert escaped("<!channel> & <a|b>") == "&lt;!channel&gt; &amp; &lt;a|b&gt;"


@pytest.mark.parametrize("by_label", [True, False])
def test_who_is_known_by_her_address_alone_is_not_named(scene, slack, mel, by_label):
    finding = scene.find(10)
    verdict = scene.judge(finding)
    mel.name = "mel@acme.example"
    mel.save()
    actor = {"actor_label": "mel@acme.example"} if by_label else {"actor": mel}
    Feedback.objects.create(verdict=verdict, rating=Rating.BAD, note="It is real.", **actor)

    scene.run(scene.want(DeliveryKind.VERDICT, finding=finding))

    said = "".join(_texts(slack.messages[0]["blocks"]))
    assert "A member disagrees: It is real." in said
    assert "mel@" not in said


def test_a_verdict_that_was_decided_before_it_was_sent_is_not_asked_about(scene, slack):
    finding = scene.find(10)
    scene.judge(finding)
    delivery = scene.want(DeliveryKind.VERDICT, finding=finding)
    type(finding).objects.filter(pk=finding.pk).update(triage_state="ignored")

    scene.run(delivery)

    assert slack.messages == []
    delivery.refresh_from_db()
    assert delivery.status == JobStatus.DONE


@pytest.mark.parametrize(
    "fault",
    [CUT_BEFORE, error(502), too_many(5), DROP_AFTER, error_after(500), TRUNCATE],
    ids=str,
)
def test_whatever_happens_to_the_first_try_there_is_one_message(scene, slack, settings, fault):
    slack.channel().has_bot = True
    finding = scene.find(10)
    delivery = scene.want(DeliveryKind.SCAN, finding_ids=[finding.pk], count=1)
    with FaultProxy(slack.url, [("POST", "chat.postMessage", 1, fault)]) as proxy:
        settings.SLACK_URL = proxy.url

        delay = scene.run(delivery)
        scene.run(delivery, now=NOW + timedelta(seconds=delay))

        assert len(proxy.faults) == 1
    assert len(slack.messages) == 1
    delivery.refresh_from_db()
    assert delivery.status == JobStatus.DONE
    assert delivery.external_ids["ts"] == slack.messages[0]["ts"]


def test_a_public_channel_is_joined_to_look_for_what_an_earlier_try_left(scene, slack, settings):
    finding = scene.find(10)
    delivery = scene.want(DeliveryKind.SCAN, finding_ids=[finding.pk], count=1)
    with FaultProxy(slack.url, [("POST", "chat.postMessage", 1, DROP_AFTER)]) as proxy:
        settings.SLACK_URL = proxy.url
        scene.run(delivery)

        scene.run(delivery, now=NOW + timedelta(minutes=1))

    assert slack.channel().has_bot
    assert len(slack.messages) == 1


def test_where_nobody_can_look_a_person_decides(scene, slack, settings):
    finding = scene.find(10)
    delivery = scene.want(DeliveryKind.SCAN, finding_ids=[finding.pk], count=1)
    slack.fail("conversations.history", "missing_scope")
    with FaultProxy(slack.url, [("POST", "chat.postMessage", 1, DROP_AFTER)]) as proxy:
        settings.SLACK_URL = proxy.url
        scene.run(delivery)

        scene.run(delivery, now=NOW + timedelta(minutes=1))

    delivery.refresh_from_db()
    assert delivery.status == JobStatus.FAILED
    assert "Look into the channel before you retry" in delivery.error
    assert len(slack.messages) == 1


@pytest.mark.parametrize(("can_look", "copies"), [(True, 1), (False, 2)])
def test_a_dead_letter_in_doubt_that_is_sent_again_is_looked_for_first(
    scene, slack, settings, ada, can_look, copies
):
    slack.channel().has_bot = True
    finding = scene.find(10)
    delivery = scene.want(DeliveryKind.SCAN, finding_ids=[finding.pk], count=1)
    slack.fail("conversations.history", "missing_scope", *([] if can_look else ["missing_scope"]))
    with FaultProxy(slack.url, [("POST", "chat.postMessage", 1, DROP_AFTER)]) as proxy:
        settings.SLACK_URL = proxy.url
        scene.run(delivery)
        scene.run(delivery, now=NOW + timedelta(minutes=1))

    settings.SLACK_URL = slack.url
    retry(delivery_id=delivery.pk, actor=Actor.person(ada), now=NOW)
    scene.run(delivery)

    delivery.refresh_from_db()
    assert len(slack.messages) == copies
    assert (delivery.status, delivery.is_in_doubt) == (JobStatus.DONE, False)
    assert delivery.external_ids["ts"] == slack.messages[-1]["ts"]


def test_a_channel_that_is_gone_is_a_dead_letter_with_its_remedy(scene, slack):
    finding = scene.find(10)
    delivery = scene.want(DeliveryKind.SCAN, finding_ids=[finding.pk], count=1)
    slack.channel().is_archived = True

    scene.run(delivery)

    delivery.refresh_from_db()
    assert delivery.status == JobStatus.FAILED
    assert not delivery.is_in_doubt
    assert delivery.error == (
        "Slack refuses this (is_archived). The channel is archived: choose another one."
    )


def test_a_revoked_token_is_shown_at_the_workspace(scene, slack):
    finding = scene.find(10)
    delivery = scene.want(DeliveryKind.SCAN, finding_ids=[finding.pk], count=1)
    slack.fail("chat.postMessage", "token_revoked")

    scene.run(delivery)

    scene.workspace.refresh_from_db()
    assert scene.workspace.state == ConnectionState.BROKEN
    assert "install the app again" in scene.workspace.problem


def test_a_message_that_somebody_deleted_is_left_alone(scene, slack):
    finding = scene.find(10)
    delivery = scene.ask(finding)
    slack.messages.clear()
    type(finding).objects.filter(pk=finding.pk).update(triage_state="ignored")
    type(delivery).objects.filter(pk=delivery.pk).update(status=JobStatus.WAITING)

    scene.run(delivery)

    delivery.refresh_from_db()
    assert (delivery.status, slack.messages) == (JobStatus.DONE, [])
