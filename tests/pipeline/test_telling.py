"""When a change request is spoken in: with its scan, after the analysis, and on each change."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from findings.models import ScanKind
from notifications.models import Review
from pipeline.models import Stage, StageRun, StageStatus
from pipeline.telling import (
    GATHER,
    WAIT_FOR_ANALYSIS,
    after_change_request_changed,
    after_connection_changed,
    after_findings_changed,
    after_plan,
    after_stages,
    is_analyzing,
)
from tenants.jobs import JobStatus
from tests.factories import (
    ChangeRequestFactory,
    FindingFactory,
    InstanceFactory,
    ProjectFactory,
    RefFactory,
    RepositoryLinkFactory,
    ReviewCommentFactory,
    ReviewFactory,
    ScanFactory,
)

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def scan(acme):
    """A scan of change request 7."""
    project = ProjectFactory(name="acme/shop")
    ChangeRequestFactory(project=project, number=7)
    ref = RefFactory(project=project, name="refs/pull/7/merge")
    return ScanFactory(ref=ref, kind=ScanKind.DIFF, change_request="7")


@pytest.fixture
def finding(scan):
    finding = FindingFactory(project=scan.project, ref=scan.ref)
    InstanceFactory(finding=finding, ref=scan.ref, last_scan=scan)
    return finding


def run_of(finding, scan, status=StageStatus.WAITING):
    return StageRun.objects.create(
        finding=finding, scan=scan, stage=Stage.JUDGE, status=status, next_attempt_at=NOW
    )


def wanted():
    return list(Review.objects.values_list("status", "next_attempt_at"))


def test_findings_that_nobody_analyzes_are_told_at_once(scan, finding):
    after_plan(scan=scan, now=NOW)

    assert wanted() == [(JobStatus.WAITING, NOW)]


def test_findings_that_are_analyzed_are_told_a_bit_later_or_once_that_is_over(scan, finding):
    run = run_of(finding, scan)

    after_plan(scan=scan, now=NOW)
    assert wanted() == [(JobStatus.WAITING, NOW + WAIT_FOR_ANALYSIS)]
    assert is_analyzing(Review.objects.get().change_request)
    after_stages(runs=[run], now=NOW)
    assert wanted() == [(JobStatus.WAITING, NOW + WAIT_FOR_ANALYSIS)]

    StageRun.objects.update(status=StageStatus.DONE)
    after_stages(runs=[run], now=NOW + timedelta(seconds=9))
    assert wanted() == [(JobStatus.WAITING, NOW + timedelta(seconds=9))]
    assert not is_analyzing(Review.objects.get().change_request)


def test_scans_of_branches_are_told_nowhere(acme):
    scan = ScanFactory(kind=ScanKind.FULL)
    run = run_of(FindingFactory(project=scan.project), scan, StageStatus.DONE)

    after_plan(scan=scan, now=NOW)
    after_stages(runs=[run], now=NOW)

    assert wanted() == []


def told_review(finding, **fields):
    request = finding.project.change_requests.get()
    review = ReviewFactory(
        change_request=request, status=JobStatus.DONE, told_at=NOW, next_attempt_at=NOW, **fields
    )
    ReviewCommentFactory(review=review, finding=finding)
    return review


def test_what_changes_after_the_first_words_is_gathered_for_a_moment(scan, finding):
    told_review(finding)

    after_findings_changed(finding_ids=[finding.pk], now=NOW)
    after_findings_changed(finding_ids=[finding.pk], now=NOW + timedelta(seconds=2))

    assert wanted() == [(JobStatus.WAITING, NOW + GATHER)]


def test_the_first_words_wait_for_the_analysis_whatever_it_says_meanwhile(scan, finding):
    run_of(finding, scan)
    after_plan(scan=scan, now=NOW)

    after_findings_changed(finding_ids=[finding.pk], now=NOW)

    assert wanted() == [(JobStatus.WAITING, NOW + WAIT_FOR_ANALYSIS)]


def test_a_finding_that_was_ignored_before_any_comment_is_told_when_it_is_open_again(scan, finding):
    request = finding.project.change_requests.get()
    ReviewFactory(change_request=request, status=JobStatus.DONE, told_at=None)

    after_findings_changed(finding_ids=[finding.pk], now=NOW)

    assert wanted() == [(JobStatus.WAITING, NOW + GATHER)]


def test_a_review_that_is_being_told_is_told_again(scan, finding):
    review = told_review(finding)
    Review.objects.update(status=JobStatus.RUNNING)

    after_findings_changed(finding_ids=[finding.pk], now=NOW)

    review.refresh_from_db()
    assert (review.status, review.is_wanted_again) == (JobStatus.RUNNING, True)


def test_what_a_person_asked_to_be_analyzed_is_told_though_no_scan_brought_it(scan, finding):
    told_review(finding)
    run = StageRun.objects.create(
        finding=finding, scan=None, stage=Stage.PROVE, status=StageStatus.DONE, next_attempt_at=NOW
    )

    after_stages(runs=[run], now=NOW)

    assert wanted() == [(JobStatus.WAITING, NOW + GATHER)]


def test_many_change_requests_are_asked_for_in_few_queries(acme):
    findings = [ReviewCommentFactory(review__status=JobStatus.DONE).finding for _ in range(30)]

    with CaptureQueriesContext(connection) as few:
        after_findings_changed(finding_ids=[findings[0].pk], now=NOW)
    with CaptureQueriesContext(connection) as many:
        after_findings_changed(finding_ids=[one.pk for one in findings], now=NOW)

    assert len(many) == len(few)
    assert wanted() == [(JobStatus.WAITING, NOW + GATHER)] * 30


def test_a_finding_of_no_change_request_leads_nowhere(scan):
    after_findings_changed(finding_ids=[FindingFactory().pk], now=NOW)

    assert wanted() == []


def test_a_change_request_that_was_never_spoken_in_is_left_alone(scan, finding):
    request = finding.project.change_requests.get()

    after_change_request_changed(change_request_id=request.pk, now=NOW)
    assert wanted() == []

    told_review(finding)
    after_change_request_changed(change_request_id=request.pk, now=NOW)
    assert wanted() == [(JobStatus.WAITING, NOW + GATHER)]


@pytest.mark.parametrize(
    ("fields", "is_wanted"),
    [({}, False), ({"obstacle": "The token was revoked."}, True), ({"error": "Busy."}, True)],
)
def test_a_mended_connection_says_what_it_could_not(scan, finding, fields, is_wanted):
    link = RepositoryLinkFactory(project=scan.project)
    review = told_review(finding, **fields)

    after_connection_changed(connection_id=link.connection_id, now=NOW)

    review.refresh_from_db()
    assert (review.status == JobStatus.WAITING) is is_wanted
