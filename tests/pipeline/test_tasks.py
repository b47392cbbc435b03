"""Tasks and the sweep: a lost message, a dead worker or a crash leaves nothing undone."""

import json
import zlib
from collections import Counter
from datetime import timedelta

import pytest
import redis
from celery import Celery
from django.db import connection
from django.utils import timezone

from findings.models import Conclusion, Finding, ReportFormat, Scan, ScanStatus, Upload
from findings.scans import store_upload
from findings.signals import scan_ingested
from integrations.announcements import webhook_received
from integrations.models import WebhookReceipt
from pipeline import tasks
from pipeline.models import Stage, StageRun, StageStatus
from pipeline.queue import claim, send, send_once
from rules import uploads
from rules.library_imports import Destination, want_import
from tenants.announcements import announce
from tenants.audit import Actor
from tenants.jobs import JobStatus
from tenants.scope import organization_scope
from tests.factories import FindingFactory, ScanFactory, WebhookReceiptFactory

NOW = timezone.now()
QUEUES = ("default", "llm", "tell", "verify")


@pytest.fixture
def broker(settings):
    """The real broker, empty; `names()` are the tasks that wait in a queue."""
    client = redis.from_url(settings.REDIS_URL)
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    queues = [prefix + queue for queue in QUEUES]
    client.delete(*queues)  # not the whole database: other tests hold slots in it

    class Broker:
        @staticmethod
        def names(queue):
            return [
                json.loads(message)["headers"]["task"].rsplit(".", 1)[-1]
                for message in client.lrange(prefix + queue, 0, -1)
            ]

    yield Broker
    client.delete(*queues)
    client.close()


def test_a_stored_upload_is_sent_to_ingest(acme, broker, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        store_upload(scan=ScanFactory(), report_format=ReportFormat.SEMGREP_CI, body=b"{}", now=NOW)

    assert broker.names("default") == ["ingest_upload"]


def test_an_ingested_scan_is_planned(acme, scan, broker, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        announce(scan_ingested, scan_id=scan.id)

    assert broker.names("default") == ["choose_week_tasks", "plan_scan"]


def test_planning_sends_each_finding_to_be_judged(acme, scan, finding, broker):
    tasks.plan_scan(organization_id=acme.id, scan_id=scan.id)

    assert broker.names("llm") == ["judge_finding"]
    run = StageRun.objects.get(stage=Stage.JUDGE)
    tasks.judge_finding(organization_id=acme.id, stage_run_id=run.id)
    tasks.judge_finding(organization_id=acme.id, stage_run_id=run.id)
    assert Finding.objects.get().verdict == Conclusion.TRUE_POSITIVE
    assert StageRun.objects.get(stage=Stage.JUDGE).attempts == 1


def test_a_broker_that_is_away_fails_nobody(acme, tmp_path):
    app = Celery(broker=f"redis+socket://{tmp_path}/nobody-listens.sock", set_as_current=False)

    @app.task(name="unheard")
    def unheard(*, organization_id, upload_id):
        """Never run."""

    assert not send(unheard, upload_id=1)


def keep_event(number=0, **facts):
    """Keep an event that asks for nothing; announce it as the door does."""
    receipt = WebhookReceiptFactory(
        event="issue_comment",
        body=zlib.compress(json.dumps({"action": "deleted", "number": number}).encode()),
        sha256=f"{number:064}",
        next_attempt_at=NOW,
        **facts,
    )
    announce(webhook_received, receipt_id=receipt.pk)
    return receipt


def events_by_status():
    return Counter(WebhookReceipt.objects.values_list("status", flat=True))


@pytest.mark.django_db(transaction=True)
def test_events_of_a_moment_share_one_message(acme, broker):
    for number in range(3):
        keep_event(number)

    assert broker.names("tell") == ["process_webhooks"]
    tasks.process_webhooks(organization_id=acme.id)
    assert events_by_status() == {JobStatus.DONE: 3}


@pytest.mark.django_db(transaction=True)
def test_an_event_that_comes_after_the_work_began_sends_another_message(acme, broker):
    keep_event(1)
    tasks.process_webhooks(organization_id=acme.id)

    keep_event(2)

    assert broker.names("tell") == ["process_webhooks"] * 2


@pytest.mark.django_db(transaction=True)
def test_events_of_two_organizations_send_a_message_each(acme, rival, broker):
    keep_event()
    with organization_scope(rival.id):
        keep_event()

    assert broker.names("tell") == ["process_webhooks"] * 2


def test_a_message_that_could_not_be_sent_keeps_no_later_one_back(acme, broker, tmp_path):
    app = Celery(broker=f"redis+socket://{tmp_path}/nobody-listens.sock", set_as_current=False)

    @app.task(name="pipeline.tasks.process_webhooks")
    def unheard(*, organization_id):
        """Never run."""

    assert not send_once(unheard)
    assert send_once(tasks.process_webhooks)
    assert broker.names("tell") == ["process_webhooks"]


def test_a_cache_that_is_away_costs_no_more_than_messages(acme, broker, settings):
    receipt = keep_event()
    settings.CACHES = {"default": {"BACKEND": "nowhere.Nothing"}}

    for _ in range(2):
        assert send_once(tasks.process_webhooks)

    assert broker.names("tell") == ["process_webhooks"] * 2
    tasks.process_webhooks(organization_id=acme.id)
    receipt.refresh_from_db()
    assert receipt.status == JobStatus.DONE


def test_a_burst_is_worked_through_in_shares(acme, broker):
    for number in range(tasks.EVENTS_AT_ONCE + 1):
        keep_event(number)

    tasks.process_webhooks(organization_id=acme.id)

    # Another worker is called for the rest.
    assert broker.names("tell") == ["process_webhooks"]
    assert events_by_status() == {JobStatus.DONE: tasks.EVENTS_AT_ONCE, JobStatus.WAITING: 1}
    tasks.process_webhooks(organization_id=acme.id)
    assert events_by_status() == {JobStatus.DONE: tasks.EVENTS_AT_ONCE + 1}


def test_the_sweep_calls_once_for_all_events_whose_message_was_lost(acme, broker):
    for number in range(3):
        receipt = keep_event(number)
        WebhookReceipt.objects.filter(id=receipt.pk).update(
            next_attempt_at=NOW - timedelta(minutes=10)
        )

    tasks.sweep()

    assert broker.names("tell") == ["process_webhooks"]


def an_old_upload(scan):
    return Upload.objects.create(
        scan=scan,
        format=ReportFormat.SEMGREP_CI,
        body=zlib.compress(b"{}"),
        sha256="0" * 64,
        size_bytes=2,
        received_at=NOW - timedelta(minutes=10),
    )


def test_the_sweep_sends_an_upload_again_but_not_each_time(acme, scan, broker):
    an_old_upload(scan)

    tasks.sweep()
    tasks.sweep()

    assert broker.names("default") == ["ingest_upload"]


def test_the_sweep_plans_a_scan_that_nobody_planned(acme, scan, broker):
    Scan.objects.filter(id=scan.id).update(ingested_at=NOW - timedelta(minutes=10))

    tasks.sweep()

    assert broker.names("default") == ["plan_scan"]


def test_the_sweep_leaves_a_planned_scan_alone(acme, scan, broker):
    Scan.objects.filter(id=scan.id).update(ingested_at=NOW - timedelta(minutes=10))
    tasks.plan_scan(organization_id=acme.id, scan_id=scan.id)

    tasks.sweep()

    assert broker.names("default") == []


def test_the_sweep_sends_a_lost_message_again_but_not_each_time(acme, broker):
    StageRun.objects.create(
        finding=FindingFactory(), stage=Stage.JUDGE, next_attempt_at=NOW - timedelta(minutes=1)
    )

    tasks.sweep()
    tasks.sweep()

    assert broker.names("llm") == ["judge_finding"]


def test_the_sweep_takes_up_what_a_dead_worker_held(acme, broker):
    run = StageRun.objects.create(
        finding=FindingFactory(), stage=Stage.JUDGE, next_attempt_at=NOW - timedelta(hours=1)
    )
    claim(stage_run_id=run.id, now=NOW - timedelta(hours=1))

    tasks.sweep()

    assert broker.names("llm") == ["judge_finding"]
    run.refresh_from_db()
    assert run.status == StageStatus.RUNNING


def test_a_scan_that_nobody_ends_is_closed(acme, broker):
    old = ScanFactory(started_at=NOW - timedelta(hours=7))
    young = ScanFactory(ref=old.ref, started_at=NOW - timedelta(hours=1))

    tasks.sweep()

    statuses = dict(Scan.objects.values_list("id", "status"))
    assert statuses == {old.id: ScanStatus.NEVER_FINISHED, young.id: ScanStatus.RUNNING}


@pytest.mark.django_db(transaction=True)
def test_what_breaks_for_one_organization_does_not_keep_the_sweep_from_the_next(
    broker, acme, rival
):
    stuck = ScanFactory(started_at=NOW - timedelta(hours=7))
    with organization_scope(rival.id):
        an_old_upload(ScanFactory())
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE findings_scan ADD CONSTRAINT breaks CHECK (id <> %s) NOT VALID", [stuck.id]
        )
    try:
        tasks.sweep()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE findings_scan DROP CONSTRAINT breaks")

    assert broker.names("default") == ["ingest_upload", "choose_week_tasks"]


def test_an_import_of_rules_is_sent_to_where_scanners_run_and_found_by_the_sweep(
    acme, broker, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        wanted = want_import(
            package=uploads.read_uploads([uploads.Upload(name="a.yml", body=b"rules: []")]),
            name="a.yml",
            destination=Destination(ruleset_name="Ours"),
            actor=Actor.platform(),
            now=NOW - timedelta(hours=1),
        )
    assert broker.names("verify") == ["import_rules"]
    tasks.sweep_organization(organization_id=acme.id)
    assert broker.names("verify") == ["import_rules"] * 2

    tasks.import_rules(organization_id=acme.id, import_id=wanted.id)

    wanted.refresh_from_db()
    assert (wanted.status, wanted.report["refused_count"]) == (JobStatus.DONE, 1)
