"""What people do in Slack: commands, buttons and windows; who may, and what follows, once."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from findings.models import Activity, ActivityKind, Status, TriageState
from findings.triage_states import TriageChange, triage_findings
from integrations.models import SlackAccount, WebhookEndpoint, WebhookReceipt
from memories.models import Memory, MemoryStage
from notifications.models import Delivery, DeliveryKind, Subscription
from notifications.scan_messages import after_verdict
from pipeline import jobs
from pipeline.trades import EVENTS
from tenants.audit import Actor
from tenants.jobs import JobStatus
from tenants.models import Door
from tests.notifications.slack_scene import NOW, SlackScene
from tests.slack_server.server import SlackServer
from triage.models import Feedback, Rating


@pytest.fixture
def slack():
    with SlackServer() as server:
        yield server
        assert server.complaints == []


@pytest.fixture
def scene(acme, slack, settings):
    return SlackScene(slack, settings)


def _work(now=None):
    """Do what was kept, and send what follows, as the workers do it."""
    now = now or timezone.now() + timedelta(minutes=1)
    for receipt in WebhookReceipt.objects.filter(status=JobStatus.WAITING):
        jobs.run_job(trade=EVENTS, job_id=receipt.pk, now=now)
    for delivery in Delivery.objects.filter(status=JobStatus.WAITING):
        jobs.run_job(trade=SlackScene.trade, job_id=delivery.pk, now=now)


def _said(message):
    return str(message["blocks"])


def test_agree_ignores_the_finding_and_the_message_says_who_did(
    scene, slack, client, ada, django_capture_on_commit_callbacks
):
    finding = scene.find(10)
    scene.ask(finding)
    scene.link(ada)

    answer = scene.post(client, slack.pressed("agree"))
    with django_capture_on_commit_callbacks(execute=True):
        _work()
    _work()

    finding.refresh_from_db()
    (message,) = slack.messages
    activity = Activity.objects.filter(finding=finding, kind=ActivityKind.TRIAGE).get()
    assert (answer.status_code, answer.content) == (200, b"")
    assert (finding.status, finding.triage_reason) == (Status.IGNORED, "false_positive")
    assert (activity.actor, activity.door) == (ada, Door.SLACK)
    assert Feedback.objects.get().rating == Rating.GOOD
    assert "Ignored by Ada (false positive)." in _said(message)
    assert "'action_id': 'agree'" not in _said(message)


def test_from_a_verdict_to_the_decision_of_a_person(scene, slack, client, ada):
    finding = scene.find(10)
    scene.judge(finding)
    scene.link(ada)

    after_verdict(finding_id=finding.pk, now=NOW)
    after_verdict(finding_id=finding.pk, now=NOW)
    _work()
    scene.post(client, slack.pressed("agree"))
    _work()
    _work()

    finding.refresh_from_db()
    (message,) = slack.messages
    assert finding.status == Status.IGNORED
    assert message["edits"] == 1
    assert "Ignored by Ada" in _said(message)


def test_the_same_press_told_twice_is_done_once(scene, slack, client, ada):
    finding = scene.find(10)
    scene.ask(finding)
    scene.link(ada)
    body = slack.pressed("agree")

    scene.post(client, body)
    scene.post(client, body)
    _work()

    assert WebhookReceipt.objects.count() == 1
    assert Feedback.objects.count() == 1


def test_disagree_asks_why_and_suggests_the_answer_as_a_memory(scene, slack, client, ada):
    finding = scene.find(10)
    scene.ask(finding)
    scene.link(ada)

    scene.post(client, slack.pressed("disagree"))
    answer = scene.post(client, slack.filled({"note": "The list comes from the request."}))
    _work()

    finding.refresh_from_db()
    memory = Memory.objects.get()
    feedback = Feedback.objects.get()
    assert (answer.status_code, answer.content) == (200, b"")
    assert finding.status == Status.OPEN
    assert (feedback.rating, feedback.note) == (Rating.BAD, "The list comes from the request.")
    assert (memory.text, memory.stage) == (feedback.note, MemoryStage.SUGGESTED)
    assert "Ada disagrees" in _said(slack.messages[0])


def test_who_is_not_linked_is_told_how_and_nothing_is_done(scene, slack, client, ada):
    finding = scene.find(10)
    scene.ask(finding)

    scene.post(client, slack.pressed("disagree"))
    scene.post(client, slack.pressed("agree"))
    _work()

    finding.refresh_from_db()
    whispers = slack.channel().whispers
    assert finding.status == Status.OPEN
    assert slack.windows == []
    assert [user for user, _text in whispers] == ["U1", "U1"]
    assert "/orgs/acme/slack/link/" in whispers[0][1]


def test_the_address_that_is_told_links_whoever_is_signed_in(scene, slack, client, mel):
    finding = scene.find(10)
    scene.ask(finding)
    scene.post(client, slack.pressed("agree"))
    _work()
    path = re.search(r"/orgs/acme/slack/link/\S+", slack.channel().whispers[0][1])[0]
    client.force_login(mel)

    asked = client.get(path)
    client.post(path)
    scene.post(client, slack.pressed("agree"))
    _work()

    finding.refresh_from_db()
    assert "Is this you in Slack?" in asked.content.decode()
    assert SlackAccount.objects.get().member.user == mel
    assert finding.status == Status.IGNORED


def test_an_address_for_linking_is_good_for_half_an_hour(scene, slack, client, mel, time_machine):
    scene.ask(scene.find(10))
    scene.post(client, slack.pressed("agree"))
    _work()
    path = re.search(r"/orgs/acme/slack/link/\S+", slack.channel().whispers[0][1])[0]
    client.force_login(mel)
    time_machine.move_to(timezone.now() + timedelta(hours=1))

    assert client.post(path).status_code == 400
    assert not SlackAccount.objects.exists()


def test_a_read_only_member_decides_nothing(scene, slack, client, vic):
    finding = scene.find(10)
    scene.ask(finding)
    scene.link(vic)

    scene.post(client, slack.pressed("agree"))
    _work()

    finding.refresh_from_db()
    assert finding.status == Status.OPEN
    assert "may not triage findings" in slack.channel().whispers[0][1]


def test_a_verdict_that_has_changed_is_not_agreed_with(scene, slack, client, ada):
    finding = scene.find(10)
    scene.ask(finding)
    scene.link(ada)
    body = slack.pressed("agree")
    scene.judge(finding, reason="Another reason.")

    scene.post(client, body)
    _work()
    _work()

    finding.refresh_from_db()
    assert finding.status == Status.OPEN
    assert "newer verdict" in slack.channel().whispers[0][1]
    assert "Another reason." in _said(slack.messages[0])


def test_who_decides_otherwise_after_the_press_is_not_overruled_by_it(
    scene, slack, client, ada, mel
):
    finding = scene.find(10)
    scene.ask(finding)
    scene.link(ada)
    scene.post(client, slack.pressed("agree"))
    change = TriageChange(state=TriageState.REVIEWING)
    triage_findings(
        finding_ids=[finding.pk], change=change, actor=Actor.person(mel), now=timezone.now()
    )

    _work()

    finding.refresh_from_db()
    assert finding.status == Status.REVIEWING
    assert not Feedback.objects.exists()
    assert "after you pressed the button" in slack.channel().whispers[0][1]


def test_who_decides_otherwise_before_the_press_has_not_decided_for_good(
    scene, slack, client, ada, mel
):
    finding = scene.find(10)
    scene.ask(finding)
    scene.link(ada)
    change = TriageChange(state=TriageState.REVIEWING)
    triage_findings(
        finding_ids=[finding.pk], change=change, actor=Actor.person(mel), now=timezone.now()
    )

    scene.post(client, slack.pressed("agree"))
    _work()

    finding.refresh_from_db()
    assert finding.status == Status.IGNORED


@pytest.mark.parametrize(
    "signing",
    [{"secret": "another"}, {"at": 1_000_000}],
    ids=["another secret", "an old recording"],
)
def test_what_is_not_genuine_is_refused_and_noted(scene, slack, client, ada, signing):
    scene.link(ada)
    finding = scene.find(10)
    scene.ask(finding)

    answer = scene.post(client, slack.pressed("agree"), **signing)

    assert answer.status_code == 401
    assert not WebhookReceipt.objects.exists()
    assert "Signing Secret" in WebhookEndpoint.objects.get().last_refusal


def test_another_workspace_is_refused(scene, slack, client, ada):
    scene.link(ada)
    slack.team = "T0RIVAL"

    answer = scene.post(client, slack.commanded("/semgrep_subscribe", "acme/shop"))

    assert answer.status_code == 403


def test_a_forged_button_decides_nothing(scene, slack, client, ada):
    told, other = scene.find(10), scene.find(20)
    delivery = scene.ask(told)
    verdict = scene.judge(other)
    scene.link(ada)

    scene.post(client, slack.pressed("agree", value=f"{delivery.pk}:{other.pk}:{verdict.pk}"))
    _work()

    other.refresh_from_db()
    assert other.status == Status.OPEN


def test_subscribe_without_a_project_opens_a_window_that_subscribes(scene, slack, client, ada):
    Subscription.objects.all().delete()
    scene.link(ada)

    scene.post(client, slack.commanded("/semgrep_subscribe"))
    fields = {
        "scope": (f"project:{scene.project.pk}",),
        "tells": ["tells_scans"],
        "products": ["sast", "sca", "secrets"],
        "modes": ["block"],
    }
    answer = scene.post(client, slack.filled(fields))
    _work()

    row = Subscription.objects.get()
    assert answer.content == b""
    assert (row.project, row.modes, row.products) == (scene.project, ["block"], [])
    assert (row.tells_scans, row.tells_verdicts, row.slack_channel_name) == (
        True,
        False,
        "security",
    )
    assert "can post here" in _said(slack.messages[0])


def test_a_window_without_a_wish_says_what_is_missing(scene, slack, client, ada):
    scene.link(ada)
    scene.post(client, slack.commanded("/semgrep_subscribe"))

    answer = scene.post(client, slack.filled({"scope": ("all",), "tells": []}))

    assert answer.json() == {
        "response_action": "errors",
        "errors": {"tells": "Choose what it should hear of."},
    }


def test_subscribe_with_a_project_subscribes_at_once_and_unsubscribe_ends_it(
    scene, slack, client, ada
):
    Subscription.objects.all().delete()
    scene.link(ada)

    answer = scene.post(client, slack.commanded("/semgrep_subscribe", "acme/shop"))
    subscribed = Subscription.objects.get()
    scene.post(client, slack.commanded("/semgrep_unsubscribe"))

    assert answer.json()["text"] == "#security will hear of new findings in acme/shop."
    assert subscribed.project == scene.project
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("name", ["acme/nothing", "rival/secret"])
def test_a_project_that_is_not_ours_is_not_there(scene, slack, client, ada, name):
    scene.link(ada)

    answer = scene.post(client, slack.commanded("/semgrep_subscribe", name))

    assert answer.json()["text"].startswith(f"There is no project {name}.")


def test_a_member_may_not_subscribe_a_channel(scene, slack, client, mel):
    scene.link(mel)

    answer = scene.post(client, slack.commanded("/semgrep_subscribe", "acme/shop"))

    assert "ask an admin" in answer.json()["text"]
    assert Subscription.objects.count() == 1


def test_a_window_that_slack_opens_no_more_is_said(scene, slack, client, ada):
    scene.link(ada)
    slack.fail("views.open", "expired_trigger_id")

    answer = scene.post(client, slack.commanded("/semgrep_subscribe"))

    assert "give the command again" in answer.json()["text"]


def test_an_unknown_key_opens_nothing(scene, slack, client):
    body = slack.commanded("/semgrep_subscribe")
    path = scene.path[:-4] + "0000"

    answer = client.post(
        path,
        body,
        content_type="application/x-www-form-urlencoded",
        headers=slack.signed(body),
    )

    assert answer.status_code == 404


@pytest.mark.parametrize("body", [b"payload={", b"payload=[]", b"payload=" + b"[" * 9000])
def test_what_cannot_be_read_is_refused(scene, client, body):
    assert scene.post(client, body).status_code == 400


def test_many_questions_are_one_digest_that_counts_what_is_decided(scene, slack, acme):
    delivery = scene.want(DeliveryKind.DIGEST, of="verdict")
    for line in range(10, 22):
        finding = scene.find(line)
        scene.judge(finding)
        part = scene.want(DeliveryKind.VERDICT, finding=finding)
        Delivery.objects.filter(pk=part.pk).update(digest=delivery, status=JobStatus.DONE)
    type(finding).objects.filter(pk=finding.pk).update(triage_state="ignored")

    scene.run(delivery, now=NOW)

    (message,) = slack.messages
    assert message["text"] == "12 findings in acme/shop may be safe to ignore"
    assert "1 of 12 decided." in _said(message)


def test_the_questions_of_a_night_are_one_digest_that_names_the_projects(scene, slack, acme):
    delivery = scene.want(DeliveryKind.DIGEST, of="verdict")
    Delivery.objects.filter(pk=delivery.pk).update(scan=None)
    for line in range(10, 21):
        finding = scene.find(line)
        scene.judge(finding)
        part = scene.want(DeliveryKind.VERDICT, finding=finding)
        Delivery.objects.filter(pk=part.pk).update(digest=delivery, status=JobStatus.DONE)

    scene.run(delivery, now=NOW)

    (message,) = slack.messages
    assert message["text"] == "11 findings may be safe to ignore"
    assert "acme/shop: app/db10.py:10" in _said(message)
    assert "recommendation=false_positive" in _said(message)


def test_questions_that_were_all_decided_before_morning_are_not_asked(scene, slack, acme):
    delivery = scene.want(DeliveryKind.DIGEST, of="verdict")
    finding = scene.find(10)
    scene.judge(finding)
    part = scene.want(DeliveryKind.VERDICT, finding=finding)
    Delivery.objects.filter(pk=part.pk).update(digest=delivery, status=JobStatus.DONE)
    type(finding).objects.filter(pk=finding.pk).update(triage_state="ignored")

    scene.run(delivery, now=NOW)

    assert slack.messages == []


def test_a_digest_of_scans_tells_only_what_is_still_open(scene, slack, acme):
    delivery = scene.want(DeliveryKind.DIGEST, of="scan")
    kept, fixed = scene.find(10), scene.find(20)
    for finding in (kept, fixed):
        part = scene.want(DeliveryKind.SCAN, finding=finding, finding_ids=[finding.pk], count=1)
        Delivery.objects.filter(pk=part.pk).update(digest=delivery, status=JobStatus.DONE)
    type(fixed).objects.filter(pk=fixed.pk).update(triage_state="ignored")

    scene.run(delivery, now=NOW)

    assert slack.messages[0]["text"] == "1 scan with new findings"


def test_a_signature_with_other_letters_is_refused(scene, slack, client):
    body = slack.commanded("/semgrep_subscribe")
    headers = {**slack.signed(body), "X-Slack-Signature": "v0=\xe4"}

    answer = client.post(
        scene.path, body, content_type="application/x-www-form-urlencoded", headers=headers
    )

    assert answer.status_code == 401


def test_a_body_that_is_no_text_is_refused(scene, slack, client):
    answer = client.post(
        scene.path,
        b"\xff",
        content_type="application/x-www-form-urlencoded",
        headers=slack.signed(b""),
    )

    assert answer.status_code == 401
