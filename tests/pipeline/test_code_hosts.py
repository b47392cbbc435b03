"""A change request at GitHub and GitLab while every call fails once: one comment a finding."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from findings.models import ScanKind, TriageReason, TriageState
from findings.triage_states import TriageChange, triage_findings
from integrations.credentials import lock_away
from integrations.models import ConnectionKind, SignIn
from notifications.models import CommentState, Review, ReviewComment
from notifications.reviews import want_review
from pipeline.jobs import run_job
from pipeline.trades import REVIEWS
from tenants.audit import Actor
from tenants.jobs import JobStatus
from tests.factories import (
    ChangeRequestFactory,
    ConnectionFactory,
    FindingFactory,
    InstanceFactory,
    ProjectFactory,
    RefFactory,
    ReportedRuleFactory,
    RepositoryLinkFactory,
    ScanFactory,
    SourceFileFactory,
)
from tests.fault_proxy import (
    CUT_BEFORE,
    DROP_AFTER,
    TWICE,
    FaultProxy,
    each_call_once,
    error,
    error_after,
)
from tests.integrations.repositories import make_repository
from tests.story.code_hosts import BOT, NAME, AtGitHub, AtGitLab

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
RULE = "acme.python.eval"
LINES = (3, 5, 9)
CODE = "".join(f"line {number}\n" for number in range(1, 12))
FAULTS = [CUT_BEFORE, DROP_AFTER, TWICE, error(503), error_after(502)]
MOST_TRIES = 40


@dataclass
class Scene:
    host: object
    number: int
    findings: list
    review: Review

    def tell(self):
        """Want the review and do it, however often it takes, as the workers do."""
        now = NOW
        want_review(change_request_id=self.review.change_request_id, at=NOW)
        for _try in range(MOST_TRIES):
            run_job(trade=REVIEWS, job_id=self.review.pk, now=now)
            self.review.refresh_from_db()
            if self.review.status in (JobStatus.DONE, JobStatus.FAILED):
                return
            now = max(now, self.review.next_attempt_at) + timedelta(seconds=1)
        raise AssertionError(f"It never ended: {self.review.error}")

    def keys(self):
        """The keys of our comments, as often as they stand there."""
        found = (
            re.search(r"<!-- assay:(finding-\d+) -->", one.body)
            for one in self.host.comments(self.number)
            if one.author == BOT
        )
        return Counter(one.group(1) for one in found if one)

    def body_of(self, finding):
        (body,) = (
            one.body
            for one in self.host.comments(self.number)
            if f"<!-- assay:finding-{finding.pk} -->" in one.body
        )
        return body


@pytest.fixture(params=[AtGitHub, AtGitLab], ids=["github", "gitlab"])
def host(request, settings, tmp_path):
    settings.ALLOW_PRIVATE_ADDRESSES = ["127.0.0.1"]
    settings.CODE_HOST_SECONDS_BETWEEN_WRITES = 0
    make_repository(tmp_path / "shop", {"app/old.py": "old\n"})
    host = request.param(tmp_path / "shop")
    host.push("feature", {"app/new.py": CODE}, base="main")
    yield host
    host.close()


@pytest.fixture(params=FAULTS, ids=lambda fault: fault.name)
def scene(acme, host, request, tmp_path):
    """A change request with three findings, at a code host where each call fails once."""
    number = host.open_change_request("feature")
    with FaultProxy(host.server.url, each_call_once(request.param)) as proxy:
        project = ProjectFactory(name=NAME)
        _link(host, project, proxy.url)
        findings = _findings(project, number, host.head_of("feature"))
        change_request = ChangeRequestFactory(project=project, number=number)
        review = want_review(change_request_id=change_request.pk, at=NOW)
        yield Scene(host=host, number=number, findings=findings, review=review)


def _link(host, project, url):
    RepositoryLinkFactory(
        project=project,
        connection=ConnectionFactory(
            kind=ConnectionKind(host.kind),
            sign_in=SignIn.TOKEN,
            base_url=url,
            actor_login=BOT,
            encrypted_credentials=lock_away({"token": host.token}),
        ),
        location=NAME,
        external_id=str(host.server.repositories[NAME].id),
    )


def _findings(project, number, commit):
    ref = RefFactory(project=project, name=f"refs/pull/{number}/merge")
    scan = ScanFactory(
        ref=ref,
        kind=ScanKind.DIFF,
        change_request=str(number),
        commit=commit,
        served_modes={RULE: "comment"},
        ingested_at=NOW,
    )
    rule = ReportedRuleFactory(check_id=RULE)
    file = SourceFileFactory(project=project, path="app/new.py")
    findings = [
        FindingFactory(
            project=project, ref=ref, rule=rule, file=file, start_line=line, end_line=line
        )
        for line in LINES
    ]
    for finding in findings:
        InstanceFactory(finding=finding, ref=ref, last_scan=scan)
    return findings


def test_each_finding_is_told_once_at_its_line_and_edited_in_place(scene):
    scene.tell()

    once = {f"finding-{one.pk}": 1 for one in scene.findings}
    assert scene.keys() == once
    assert sorted(one.line for one in scene.host.comments(scene.number)) == list(LINES)
    assert {row.state for row in ReviewComment.objects.all()} == {CommentState.POSTED}
    assert (scene.review.status, scene.review.obstacle) == (JobStatus.DONE, "")

    decided = scene.findings[0]
    change = TriageChange(state=TriageState.IGNORED, reason=TriageReason.ACCEPTABLE_RISK)
    triage_findings(finding_ids=[decided.pk], change=change, actor=Actor.platform(), now=NOW)
    scene.tell()

    assert scene.keys() == once
    assert "gnored" in scene.body_of(decided)
    assert "gnored" not in scene.body_of(scene.findings[1]).partition("<details>")[0]
    assert scene.host.statuses(scene.host.head_of("feature"))[-1] == "success"
