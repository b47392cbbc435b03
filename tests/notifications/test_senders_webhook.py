"""Webhooks, called over a real wire: signed, once an id, given up with a reason."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.encryption import encrypt
from core.guarded_requests import CallFailedError, reason_not_sent
from findings.models import Scan
from notifications.models import Delivery, DeliveryAttempt, OutgoingWebhook, WebhookState
from notifications.scan_messages import after_scan
from notifications.senders.webhook import RESTS
from notifications.webhook_facts import finding_records, scan_record
from notifications.webhook_health import (
    FAILURES_UNTIL_PAUSE,
    FAILURES_UNTIL_REST,
    PAUSED,
    REST_SECONDS,
    note_failure,
)
from pipeline.jobs import FIRST_DELAY_SECONDS, run_job
from pipeline.trades import DELIVERIES
from tenants.jobs import JobStatus
from tests import fault_proxy
from tests.factories import (
    FindingFactory,
    InstanceFactory,
    OutgoingWebhookFactory,
    ProjectFactory,
    RefFactory,
    ReportedRuleFactory,
    RepositoryLinkFactory,
    ScanFactory,
    WebhookCallFactory,
)
from tests.fault_proxy import FaultProxy
from tests.webhook_receiver import WebhookReceiver

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SECRET = "a-secret-of-acme"


@pytest.fixture(autouse=True)
def _loopback_is_listed(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = ["127.0.0.1"]


@pytest.fixture
def receiver():
    with WebhookReceiver() as receiver:
        yield receiver


@pytest.fixture
def scan(acme):
    project = ProjectFactory(name="acme/shop", url="https://github.com/acme/shop")
    return ScanFactory(
        ref=RefFactory(project=project, name="refs/pull/7/merge"),
        commit="c" * 40,
        kind="diff",
        change_request="7",
        exit_code=1,
        served_modes={"acme.sql": "block"},
        meta={
            "commit_timestamp": "2026-11-23T07:00:00Z",
            "commit_author_email": "dana@acme.example",
            "repository": "acme/shop",
        },
        stats={"total_time": 2.5, "errors": [{"message": "secret code"}]},
        new_count=1,
    )


def found_in(scan, **finding):
    rule = ReportedRuleFactory(check_id="acme.sql")
    made = FindingFactory(project=scan.project, rule=rule, ref=scan.ref, first_scan=scan, **finding)
    return InstanceFactory(finding=made, ref=scan.ref, last_scan=scan)


def call(webhook, **fields):
    return WebhookCallFactory(webhook=webhook, next_attempt_at=NOW, **fields)


def deliver(job, *, now=NOW, tries=1):
    """Run a delivery, again and again as its pauses end; return it."""
    for _ in range(tries):
        delay = run_job(trade=DELIVERIES, job_id=job.pk, now=now)
        if delay is None:
            break
        now += timedelta(seconds=delay)
    job.refresh_from_db()
    return job


def errors_of(job):
    tries = DeliveryAttempt.objects.filter(delivery=job).order_by("id")
    return list(tries.values_list("error", flat=True))


def test_a_scan_is_sent_with_signature_id_and_kind(scan, receiver):
    webhook = OutgoingWebhookFactory(url=receiver.url, encrypted_secret=encrypt(SECRET))

    job = deliver(call(webhook, kind="scan", scan=scan))

    (taken,) = receiver.calls
    expected = hmac.new(SECRET.encode(), taken.body, hashlib.sha256).hexdigest()
    assert taken.headers["x-semgrep-signature-256"] == expected
    assert taken.headers["x-webhook-id"] == str(job.pk)
    assert taken.headers["x-webhook-event"] == "scan"
    assert taken.headers["content-type"] == "application/json"
    assert taken.json["semgrep_scan"]["id"] == scan.pk
    assert (job.status, job.is_in_doubt, job.error) == (JobStatus.DONE, False, "")
    assert job.sent_at == NOW
    assert DeliveryAttempt.objects.get().answer == "200 OK"


def test_without_a_secret_there_is_no_signature(scan, receiver):
    deliver(call(OutgoingWebhookFactory(url=receiver.url), kind="scan", scan=scan))

    assert "x-semgrep-signature-256" not in receiver.calls[0].headers


def test_what_a_scan_tells_leaves_people_and_code_out(scan):
    record = scan_record(scan)

    assert record.meta == {
        "branch": "refs/pull/7/merge",
        "commit": "c" * 40,
        "commit_timestamp": "2026-11-23T07:00:00Z",
        "is_full_scan": False,
        "pull_request_id": "7",
        "repository": "acme/shop",
        "repo_url": "https://github.com/acme/shop",
        "semgrep_version": scan.cli_version,
    }
    assert record.stats == {
        "total_time": 2.5,
        "error_count": 1,
        "new_findings": 1,
        "fixed_findings": 0,
    }


def test_findings_are_sent_as_the_scan_saw_them(scan, receiver):
    row = found_in(scan)
    gone = FindingFactory(project=scan.project)
    webhook = OutgoingWebhookFactory(url=receiver.url)

    deliver(
        call(
            webhook,
            kind="findings",
            scan=scan,
            facts={"finding_ids": [gone.pk, row.finding_id]},
        )
    )

    ((one,),) = [entry.values() for entry in receiver.calls[0].json]
    assert one["numeric_id"] == row.finding_id
    assert one["metadata"]["dev.semgrep.actions"] == ["block"]
    assert one["commit_url"] == f"https://github.com/acme/shop/commit/{'c' * 40}"
    assert one["commit_date"] == "2026-11-23T07:00:00Z"


def test_a_commit_at_gitlab_has_gitlabs_address(scan):
    RepositoryLinkFactory(
        project=scan.project,
        connection__kind="gitlab",
        web_url="https://gitlab.example/acme/shop",
    )
    row = found_in(scan)

    (record,) = finding_records(scan, [row.finding_id])

    assert record.commit_url == f"https://gitlab.example/acme/shop/-/commit/{'c' * 40}"


def test_many_findings_are_read_with_as_many_queries_as_one(scan):
    ids = [found_in(scan).finding_id for _ in range(3)]
    finding_records(scan, ids[:1])

    with CaptureQueriesContext(
        connection,
    ) as one:
        finding_records(scan, ids[:1])
    with CaptureQueriesContext(connection) as many:
        assert [record.finding_id for record in finding_records(scan, ids)] == ids

    assert len(many) == len(one)


def test_findings_that_are_all_gone_are_not_sent(scan, receiver):
    webhook = OutgoingWebhookFactory(url=receiver.url)

    job = deliver(call(webhook, kind="findings", scan=scan, facts={"finding_ids": [999_999]}))

    assert receiver.calls == []
    assert (job.status, job.sent_at) == (JobStatus.DONE, None)


def test_a_scan_that_ends_leads_to_its_calls_once(scan, receiver):
    row = found_in(scan)
    Scan.objects.update(completed_at=NOW, ingested_at=NOW, status="completed")
    webhook = OutgoingWebhookFactory(url=receiver.url)
    OutgoingWebhookFactory(url=receiver.url, project=ProjectFactory())
    OutgoingWebhookFactory(url=receiver.url, state=WebhookState.PAUSED)

    for _ in range(2):
        after_scan(scan_id=scan.pk, now=NOW)
    for job in Delivery.objects.order_by("id"):
        deliver(job)

    events = sorted(taken.headers["x-webhook-event"] for taken in receiver.calls)
    assert events == ["findings", "scan"]
    (body,) = [taken.json for taken in receiver.calls if isinstance(taken.json, list)]
    assert [entry["semgrep_finding"]["numeric_id"] for entry in body] == [row.finding_id]
    assert set(Delivery.objects.values_list("webhook", "status")) == {(webhook.pk, "done")}


FAULTS = {
    "cut before": fault_proxy.CUT_BEFORE,
    "dropped after": fault_proxy.DROP_AFTER,
    "twice": fault_proxy.TWICE,
    "bad gateway": fault_proxy.error(502),
    "bad gateway after": fault_proxy.error_after(502),
    "too many": fault_proxy.too_many(60),
    "truncated": fault_proxy.TRUNCATE,
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_whatever_fails_the_receiver_takes_each_id_once(scan, receiver, fault):
    with FaultProxy(receiver.url, fault_proxy.each_call_once(fault)) as proxy:
        webhook = OutgoingWebhookFactory(url=proxy.url)
        job = deliver(call(webhook, kind="scan", scan=scan), tries=3)

    assert list(receiver.taken) == [str(job.pk)]
    assert {one.body for one in receiver.calls} == {receiver.calls[0].body}
    assert (job.status, job.is_in_doubt) == (JobStatus.DONE, False)
    webhook.refresh_from_db()
    assert (webhook.failure_count, webhook.failing_since, webhook.last_error) == (0, None, "")


def test_silence_ends_in_time_and_is_tried_again_in_doubt(scan, receiver, settings):
    settings.WEBHOOK_TIMEOUT_SECONDS = 0.2
    with FaultProxy(receiver.url, fault_proxy.each_call_once(fault_proxy.slow(30))) as proxy:
        job = deliver(call(OutgoingWebhookFactory(url=proxy.url), kind="scan", scan=scan))

        assert (job.status, job.is_in_doubt) == (JobStatus.WAITING, True)
        assert errors_of(job) == ["The receiver did not answer within 0.2 seconds, or broke off."]


def test_who_takes_no_connection_has_certainly_taken_nothing(scan):
    with WebhookReceiver() as gone:
        url = gone.url

    job = deliver(call(OutgoingWebhookFactory(url=url), kind="scan", scan=scan))

    assert (job.status, job.is_in_doubt) == (JobStatus.WAITING, False)
    assert errors_of(job) == ["127.0.0.1 takes no connection."]
    assert job.next_attempt_at == NOW + timedelta(seconds=FIRST_DELAY_SECONDS)


def test_an_error_without_a_reason_may_have_arrived():
    assert reason_not_sent(CallFailedError()) == ""
    assert reason_not_sent(CallFailedError("x")) == ""


def test_a_name_that_is_not_known_is_said(scan):
    webhook = OutgoingWebhookFactory(url="https://no-such-host.invalid/hook")

    job = deliver(call(webhook, kind="scan", scan=scan))

    assert errors_of(job) == ["The name no-such-host.invalid is not known."]


def test_a_private_address_is_not_called(scan, receiver, settings):
    settings.ALLOW_PRIVATE_ADDRESSES = []

    job = deliver(call(OutgoingWebhookFactory(url=receiver.url), kind="scan", scan=scan))

    assert receiver.calls == []
    assert (job.status, job.is_in_doubt) == (JobStatus.FAILED, False)
    assert "leads to a private address" in job.error


@pytest.mark.parametrize("status", [401, 403, 404, 409, 429, 500, 503])
def test_an_answer_that_may_be_mended_is_tried_again(scan, receiver, status):
    receiver.answers = [(status, "bad\x00 signature")]
    webhook = OutgoingWebhookFactory(url=receiver.url)

    job = deliver(call(webhook, kind="scan", scan=scan))

    assert (job.status, job.is_in_doubt) == (JobStatus.WAITING, False)
    assert errors_of(job)[0].startswith(f"The receiver answered {status} ")
    assert errors_of(job)[0].endswith(": bad[U+0000] signature.")
    webhook.refresh_from_db()
    assert webhook.failure_count == 1
    assert webhook.last_error == errors_of(job)[0]


@pytest.mark.parametrize("status", [400, 405, 413, 415, 422])
def test_an_answer_that_the_message_is_wrong_ends_it_at_once(scan, receiver, status):
    receiver.answers = [(status, "")]

    job = deliver(call(OutgoingWebhookFactory(url=receiver.url), kind="scan", scan=scan))

    assert (job.status, job.is_in_doubt) == (JobStatus.FAILED, False)
    assert f"answered {status}" in job.error


def test_a_pause_that_the_receiver_asks_for_is_kept(scan, receiver):
    receiver.answers, receiver.headers = [(503, "")], {"Retry-After": "120"}

    job = deliver(call(OutgoingWebhookFactory(url=receiver.url), kind="scan", scan=scan))

    assert job.next_attempt_at == NOW + timedelta(seconds=120)


def test_a_redirect_is_not_followed(scan, receiver):
    receiver.answers, receiver.headers = [(302, "")], {"Location": "http://169.254.169.254/"}

    job = deliver(call(OutgoingWebhookFactory(url=receiver.url), kind="scan", scan=scan))

    assert job.status == JobStatus.FAILED
    assert job.error.endswith("Redirects are not followed: enter the address that it leads to.")


def test_an_answer_without_end_is_given_up_in_doubt(scan, receiver):
    receiver.answers = [(200, "x" * 300_000)]

    job = deliver(call(OutgoingWebhookFactory(url=receiver.url), kind="scan", scan=scan))

    assert (job.status, job.is_in_doubt) == (JobStatus.FAILED, True)
    assert "It may have taken the message." in job.error


def test_a_page_that_is_answered_is_not_quoted_and_a_secret_is_hidden(scan, receiver):
    key = "ghp_" + "a1B2" * 9
    receiver.answers = [(500, "<html>Oops</html>"), (500, f"token {key}")]
    webhook = OutgoingWebhookFactory(url=receiver.url)

    job = deliver(call(webhook, kind="scan", scan=scan), tries=2)

    assert errors_of(job)[0] == "The receiver answered 500 Internal Server Error."
    assert key not in str(errors_of(job))
    webhook.refresh_from_db()
    assert key not in webhook.last_error


def test_a_test_ends_at_the_first_failure_with_its_reason_and_is_not_counted(acme, receiver):
    receiver.answers = [(500, "no disk left.")]
    webhook = OutgoingWebhookFactory(url=receiver.url)

    job = deliver(call(webhook))

    assert job.status == JobStatus.FAILED
    assert job.error == "The receiver answered 500 Internal Server Error: no disk left."
    webhook.refresh_from_db()
    assert webhook.failure_count == 0
    assert json.loads(receiver.calls[0].body)["semgrep_test"]["webhook"] == webhook.name


@pytest.mark.parametrize("state", [WebhookState.PAUSED, WebhookState.FAILING])
def test_a_paused_webhook_is_called_with_tests_alone(scan, receiver, state):
    webhook = OutgoingWebhookFactory(url=receiver.url, state=state)

    held, test = deliver(call(webhook, kind="scan", scan=scan)), deliver(call(webhook))

    assert (held.status, held.error) == (JobStatus.FAILED, PAUSED)
    assert test.status == JobStatus.DONE
    assert list(receiver.taken) == [str(test.pk)]
    webhook.refresh_from_db()
    assert webhook.state == state


def fail(webhook, *, times, since=None):
    for _ in range(times):
        note_failure(webhook.pk, error="No answer.", is_final=False)
    if since:
        OutgoingWebhook.objects.filter(id=webhook.pk).update(failing_since=since)
    webhook.refresh_from_db()


def test_a_receiver_that_failed_some_times_is_left_alone_for_a_moment(scan, receiver):
    webhook = OutgoingWebhookFactory(url=receiver.url)
    receiver.answers = [(500, "")] * FAILURES_UNTIL_REST
    failed = [deliver(call(webhook, kind="scan", scan=scan)) for _ in range(FAILURES_UNTIL_REST)]
    another = OutgoingWebhookFactory(url=receiver.url)

    skipped = deliver(call(webhook, kind="scan", scan=scan))
    others = deliver(call(another, kind="scan", scan=scan))

    assert errors_of(skipped) == [RESTS]
    assert skipped.next_attempt_at == NOW + timedelta(seconds=REST_SECONDS)
    assert list(receiver.taken) == [str(others.pk)]
    webhook.refresh_from_db()
    assert webhook.failure_count == len(failed)


def test_a_test_that_is_taken_ends_the_rest(scan, receiver):
    webhook = OutgoingWebhookFactory(url=receiver.url)
    for _ in range(FAILURES_UNTIL_REST):
        note_failure(webhook.pk, error="No answer.", is_final=False)

    test, job = deliver(call(webhook)), deliver(call(webhook, kind="scan", scan=scan))

    assert list(receiver.taken) == [str(test.pk), str(job.pk)]


def test_without_a_cache_calls_are_made_all_the_same(scan, receiver, settings):
    webhook = OutgoingWebhookFactory(url=receiver.url)
    settings.CACHES = {"default": {"BACKEND": "tests.no_such.Cache"}}

    job = deliver(call(webhook, kind="scan", scan=scan))

    assert job.status == JobStatus.DONE


def test_a_webhook_that_only_failed_for_an_hour_is_paused(acme):
    webhook = OutgoingWebhookFactory()
    fail(webhook, times=FAILURES_UNTIL_PAUSE - 1)
    hours_ago = webhook.failing_since - timedelta(hours=1, seconds=1)
    OutgoingWebhook.objects.update(failing_since=hours_ago)

    fail(webhook, times=1)

    assert (webhook.state, webhook.failing_since) == (WebhookState.FAILING, hours_ago)


def test_many_failures_in_a_moment_or_few_over_hours_pause_nothing(acme):
    burst, slow = OutgoingWebhookFactory(), OutgoingWebhookFactory()
    fail(burst, times=FAILURES_UNTIL_PAUSE * 3)
    fail(slow, times=1)
    OutgoingWebhook.objects.filter(id=slow.pk).update(failing_since=NOW - timedelta(days=400))

    fail(slow, times=FAILURES_UNTIL_PAUSE - 2)

    assert (burst.state, slow.state) == (WebhookState.ACTIVE, WebhookState.ACTIVE)


def test_a_receiver_that_is_gone_is_paused_at_once(scan, receiver):
    receiver.answers = [(410, "")]
    webhook = OutgoingWebhookFactory(url=receiver.url)

    job = deliver(call(webhook, kind="scan", scan=scan))

    webhook.refresh_from_db()
    assert (job.status, webhook.state) == (JobStatus.FAILED, WebhookState.FAILING)


def test_a_pause_by_an_admin_is_not_overwritten_by_late_failures(acme):
    webhook = OutgoingWebhookFactory(state=WebhookState.PAUSED)

    note_failure(webhook.pk, error="Gone.", is_final=True)

    webhook.refresh_from_db()
    assert webhook.state == WebhookState.PAUSED
