"""From a scan's end to its messages: each announcement leads to its task, and the sweep to both."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from findings.models import Finding, Scan, ScanKind, ScanStatus
from findings.scans import complete_scan, report_problem
from findings.triage_states import TriageChange, triage_findings
from notifications.models import Channel, Delivery, ToldScan
from notifications.senders.protocol import Sent
from notifications.senders.registry import SENDERS
from pipeline import sweeping, tasks
from tenants.audit import Actor
from tenants.jobs import JobStatus
from tests.factories import (
    DeliveryFactory,
    FindingFactory,
    InstanceFactory,
    ProjectFactory,
    RefFactory,
    ScanFactory,
    SubscriptionFactory,
)
from tests.pipeline.test_tasks import broker  # noqa: F401

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Mailbox:
    """A channel that takes everything."""

    def __init__(self):
        self.got = []

    def find(self, _delivery):
        return None

    def send(self, delivery, *, begin):
        begin()
        self.got.append(delivery.recipient)
        return Sent(answer="250 OK")

    def change(self, _delivery):
        return None


@pytest.fixture
def mailbox(monkeypatch):
    box = Mailbox()
    monkeypatch.setitem(SENDERS, Channel.MAIL, box)
    return box


@pytest.fixture
def scan(acme):
    """A scan of a change request that was ingested; its scanner waits for the answer."""
    ref = RefFactory(project=ProjectFactory(name="acme/shop"), name="refs/pull/7/merge")
    scan = ScanFactory(ref=ref, kind=ScanKind.DIFF, change_request="7", ingested_at=NOW)
    finding = FindingFactory(project=ref.project, ref=ref, first_scan=scan)
    InstanceFactory(finding=finding, last_scan=scan)
    return scan


def complete(scan):
    complete_scan(
        scan=Scan.objects.get(pk=scan.pk), exit_code=0, stats={}, is_blocking=False, now=NOW
    )


def test_the_end_of_a_scan_leads_to_its_messages(
    acme,
    scan,
    mailbox,
    broker,  # noqa: F811
    django_capture_on_commit_callbacks,
):
    SubscriptionFactory(address="team@acme.example")

    with django_capture_on_commit_callbacks(execute=True):
        complete(scan)
    assert broker.names("tell") == ["tell_scan"]
    with django_capture_on_commit_callbacks(execute=True):
        tasks.tell_scan(organization_id=acme.id, scan_id=scan.pk)
        tasks.tell_scan(organization_id=acme.id, scan_id=scan.pk)
    row = Delivery.objects.get()
    assert broker.names("tell") == ["send_message", "tell_scan"]
    tasks.send_message(organization_id=acme.id, delivery_id=row.pk)
    tasks.send_message(organization_id=acme.id, delivery_id=row.pk)

    assert mailbox.got == ["team@acme.example"]
    row.refresh_from_db()
    assert (row.status, row.tries.get().answer) == (JobStatus.DONE, "250 OK")


def test_a_scanner_that_gives_up_is_told(
    scan,
    broker,  # noqa: F811
    django_capture_on_commit_callbacks,
):
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            report_problem(
                kind="engine_error",
                unique_id=scan.unique_id,
                scan=None,
                exit_code=2,
                detail="out of memory",
                now=NOW,
            )

    assert broker.names("tell") == ["tell_scan"]


def test_the_sweep_tells_a_scan_whose_announcement_was_lost(acme, scan):
    complete(scan)
    later = timezone.now()

    left = sweeping.find_left_behind(now=later)
    assert left.untold_scan_ids == [scan.pk]
    tasks.tell_scan(organization_id=acme.id, scan_id=scan.pk)

    assert sweeping.find_left_behind(now=later).untold_scan_ids == []


def test_a_scan_that_nobody_ended_is_told_as_a_failure(acme, scan):
    SubscriptionFactory(tells_failed_scans=True, tells_scans=False)
    later = timezone.now() + sweeping.SCAN_PATIENCE

    left = sweeping.find_left_behind(now=later)
    tasks.tell_scan(organization_id=acme.id, scan_id=scan.pk)

    assert left.untold_scan_ids == [scan.pk]
    assert Scan.objects.get().status == ScanStatus.NEVER_FINISHED
    assert Delivery.objects.get().kind == "failed_scan"
    assert set(ToldScan.objects.values_list("is_failure", flat=True)) == {True, False}


def test_what_somebody_decides_anywhere_reaches_the_message_that_asked(
    scan,
    ada,
    broker,  # noqa: F811
    django_capture_on_commit_callbacks,
):
    finding = Finding.objects.get()
    row = DeliveryFactory(
        channel="slack", kind="verdict", finding=finding, status=JobStatus.DONE, sent_at=NOW
    )

    with django_capture_on_commit_callbacks(execute=True):
        triage_findings(
            finding_ids=[finding.pk],
            change=TriageChange(state="ignored", reason="false_positive", note=""),
            actor=Actor.person(ada),
            now=NOW,
        )

    row.refresh_from_db()
    assert row.status == JobStatus.WAITING
    assert broker.names("tell") == ["send_message"]
