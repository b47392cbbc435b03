"""Old messages go, in batches; a message whose key is asked for again is still known."""

from datetime import timedelta

import pytest

from findings.models import Finding
from llm.models import AssistantSettings
from notifications import purging
from notifications.models import Delivery, DeliveryAttempt, ToldScan
from notifications.purging import purge_deliveries
from notifications.scan_messages import after_scan, after_verdict
from pipeline.tasks import forget_expired_of
from tenants.jobs import JobStatus
from tenants.scope import organization_scope
from tests.factories import DeliveryFactory, FindingFactory, OutgoingWebhookFactory
from tests.notifications.slack_scene import NOW, SlackScene
from tests.slack_server.server import SlackServer

OLD, YOUNG = NOW - timedelta(days=90, minutes=1), NOW - timedelta(days=89)


@pytest.fixture
def scene(acme, settings):
    with SlackServer() as server:
        yield SlackScene(server, settings)


def ended(at=OLD, **facts):
    row = DeliveryFactory(**{"status": JobStatus.DONE, "finished_at": at, **facts})
    DeliveryAttempt.objects.create(delivery=row, at=at)
    return row


def kept():
    return set(Delivery.objects.all())


def test_what_ended_long_ago_goes_with_its_tries_and_the_rest_stays(acme):
    ended(sent_at=OLD)
    ended(status=JobStatus.FAILED)
    stay = {
        ended(YOUNG),
        ended(YOUNG, status=JobStatus.FAILED),
        DeliveryFactory(status=JobStatus.WAITING, created_at=OLD),
        DeliveryFactory(status=JobStatus.RUNNING, created_at=OLD),
    }

    count = purge_deliveries(NOW)

    assert (count, kept()) == (2, stay)
    assert DeliveryAttempt.objects.count() == 2
    assert purge_deliveries(NOW) == 0


def test_how_long_messages_are_kept_is_a_setting(acme, settings):
    settings.DELIVERIES_KEPT_DAYS = 30
    ended(NOW - timedelta(days=31))
    young = ended(NOW - timedelta(days=29))

    purge_deliveries(NOW)

    assert kept() == {young}


def test_many_go_in_batches(acme, monkeypatch):
    monkeypatch.setattr(purging, "BATCH_SIZE", 2)
    asked = ended(kind="verdict", finding=FindingFactory())
    for _ in range(5):
        ended()

    assert purge_deliveries(NOW) == 5
    assert kept() == {asked}


@pytest.mark.parametrize("state", ["unresolved", "fixed"])
def test_a_question_is_not_asked_twice_however_long_ago_it_was(scene, state):
    """A finding that was fixed opens again, and is judged anew."""
    AssistantSettings.objects.create(judges_in_slack=True)
    finding = scene.find(10)
    scene.judge(finding)
    after_verdict(finding_id=finding.pk, now=NOW)
    asked = Delivery.objects.get()
    Delivery.objects.update(status=JobStatus.DONE, sent_at=OLD, finished_at=OLD)
    DeliveryAttempt.objects.create(delivery=asked, at=OLD)
    Finding.objects.filter(pk=finding.pk).update(state=state)

    purge_deliveries(NOW)
    Finding.objects.filter(pk=finding.pk).update(state="unresolved")
    scene.judge(finding)
    after_verdict(finding_id=finding.pk, now=NOW)

    assert kept() == {asked}
    assert not DeliveryAttempt.objects.exists()


def test_a_digest_of_questions_stays_as_long_as_they_do(acme):
    digest = ended(kind="digest", facts={"of": "verdict"})
    part = ended(kind="verdict", finding=FindingFactory(), digest=digest)
    of_scans = ended(kind="digest", facts={"of": "scan"})
    ended(digest=of_scans)

    purge_deliveries(NOW)
    purge_deliveries(NOW)

    assert kept() == {digest, part}


def test_a_scan_is_not_told_twice_after_its_messages_are_gone(scene):
    scene.find(10)
    after_scan(scan_id=scene.scan.pk, now=NOW)
    told = Delivery.objects.count()
    Delivery.objects.update(status=JobStatus.DONE, finished_at=OLD)

    purge_deliveries(NOW)
    after_scan(scan_id=scene.scan.pk, now=NOW)

    assert (told, kept()) == (1, set())
    assert ToldScan.objects.count() == 1


def test_when_a_webhook_last_took_a_message_stays_known(acme):
    webhook = OutgoingWebhookFactory()
    facts = {"channel": "webhook", "webhook": webhook, "subscription": None, "recipient": "x"}
    ended(sent_at=OLD, **facts)
    last = ended(sent_at=OLD, **facts)
    ended(status=JobStatus.FAILED, **facts)

    purge_deliveries(NOW)

    assert kept() == {last}


def test_the_beat_removes_those_of_each_organization_alone(acme, rival):
    ended()
    with organization_scope(rival.id):
        theirs = ended()

    forget_expired_of(organization_id=acme.id)

    assert kept() == set()
    with organization_scope(rival.id):
        assert kept() == {theirs}
