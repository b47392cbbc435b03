"""Events of code hosts, from the stored receipt to what followed."""

import json
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from findings.models import ChangeRequest
from integrations.models import Connection, WebhookReceipt
from integrations.registry import REVIEW_HOSTS
from notifications.models import ReviewCommand
from pipeline import trades
from pipeline.jobs import run_job
from pipeline.webhooks import NOT_CONNECTED
from remediation.models import FixRequest
from tenants.jobs import JobStatus
from tests.factories import (
    AppConnectionFactory,
    FindingFactory,
    FixAttemptFactory,
    FixRequestFactory,
    ProjectFactory,
    RepositoryLinkFactory,
    ReviewCommentFactory,
    VerdictFactory,
    WebhookEndpointFactory,
    WebhookReceiptFactory,
)
from tests.fakes import FakeReviewHost
from tests.integrations.hooks import recorded

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
REPOSITORY_ID, INSTALLATION_ID = "186853002", 1


@pytest.fixture
def connection(acme):
    return AppConnectionFactory(account="Codertocat", installation_id=INSTALLATION_ID)


@pytest.fixture
def endpoint(connection):
    return WebhookEndpointFactory(app=connection.app)


@pytest.fixture
def project(connection):
    project = ProjectFactory(name="Codertocat/Hello-World")
    RepositoryLinkFactory(
        project=project,
        connection=connection,
        location=project.name,
        external_id=REPOSITORY_ID,
    )
    return project


def pull_request(action, *, minute, **facts):
    body = recorded("github", f"pull_request.{action}")
    body["installation"] = {"id": INSTALLATION_ID}
    body["pull_request"] |= {"updated_at": f"2026-11-22T10:{minute:02}:00Z", **facts}
    return body


def arrive(endpoint, body, event="pull_request", received_at=NOW):
    """Let an event be kept and processed; return its receipt."""
    text = zlib.compress(json.dumps(body).encode())
    receipt = WebhookReceiptFactory(
        endpoint=endpoint, event=event, body=text, next_attempt_at=NOW, received_at=received_at
    )
    run_job(trade=trades.EVENTS, job_id=receipt.pk, now=NOW)
    return WebhookReceipt.objects.get(pk=receipt.pk)


def our_request(project):
    number = recorded("github", "pull_request.closed")["number"]
    fix = FixAttemptFactory(finding=FindingFactory(project=project))
    return FixRequestFactory(fix=fix, state="opened", number=number, opened_at=NOW)


def test_a_change_request_is_followed_and_the_receipt_says_so(endpoint, project):
    receipt = arrive(endpoint, pull_request("closed", minute=5))

    row = ChangeRequest.objects.get()
    assert (row.project, row.state) == (project, "closed")
    assert (receipt.status, receipt.outcome) == (
        JobStatus.DONE,
        f"Change request {row.number} is closed.",
    )


def test_an_event_that_comes_late_ends_no_change_request_of_ours(endpoint, project):
    request = our_request(project)
    arrive(endpoint, pull_request("reopened", minute=7))

    receipt = arrive(endpoint, pull_request("closed", minute=5))

    request.refresh_from_db()
    assert (ChangeRequest.objects.get().state, request.state) == ("open", "opened")
    assert receipt.outcome == f"Change request {request.number} is open."


def test_an_event_that_comes_twice_changes_nothing_the_second_time(endpoint, project):
    request = our_request(project)

    for _ in range(2):
        arrive(endpoint, pull_request("closed", minute=5))

    assert FixRequest.objects.get(pk=request.pk).state == "closed"
    assert request.finding.activities.count() == 1


def test_an_event_of_an_installation_that_is_not_ours_changes_nothing(endpoint, project):
    body = pull_request("closed", minute=5)
    body["installation"]["id"] = INSTALLATION_ID + 1

    receipt = arrive(endpoint, body)

    assert receipt.outcome == NOT_CONNECTED
    assert not ChangeRequest.objects.exists()


def test_an_event_of_an_unknown_repository_changes_nothing(endpoint, connection):
    receipt = arrive(endpoint, pull_request("closed", minute=5))

    assert (receipt.status, receipt.outcome) == (JobStatus.DONE, NOT_CONNECTED)


def test_an_event_that_is_not_as_documented_keeps_its_reason(endpoint, project):
    receipt = arrive(endpoint, {"action": "closed"})

    assert receipt.status == JobStatus.FAILED
    assert receipt.error != ""
    assert not ChangeRequest.objects.exists()


@pytest.mark.parametrize(
    ("received_at", "state"), [(NOW, "done"), (NOW - timedelta(minutes=1), "refused")]
)
def test_a_command_is_as_old_as_its_event(endpoint, project, monkeypatch, received_at, state):
    host = FakeReviewHost()
    host.writers = {"Codertocat"}
    monkeypatch.setitem(REVIEW_HOSTS, "github", host.of_link)
    body = recorded("github", "pull_request_review_comment.created")
    body["comment"] |= {"body": "/semgrep assistant agree", "in_reply_to_id": 55}
    comment = ReviewCommentFactory(
        review__change_request__project=project,
        review__change_request__number=body["pull_request"]["number"],
        thread_id="55",
        edited_at=NOW,
    )
    comment.shown_verdict = VerdictFactory(finding=comment.finding, conclusion="false_positive")
    comment.save()

    arrive(endpoint, body, event="pull_request_review_comment", received_at=received_at)

    assert ReviewCommand.objects.get().state == state


def test_an_installation_that_was_deleted_ends_its_connection(endpoint, connection):
    body = recorded("github", "installation.deleted")
    body["installation"]["id"] = INSTALLATION_ID

    receipt = arrive(endpoint, body, event="installation")

    assert Connection.objects.get().state == "removed"
    assert receipt.outcome == "Codertocat: removed."
