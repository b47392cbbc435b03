"""A change request of Acme's shop at a code host of our own, told as the pipeline tells it."""

from datetime import UTC, datetime, timedelta

from findings.models import (
    ChangeRequest,
    Finding,
    Instance,
    Ref,
    ReportedRule,
    ScanKind,
    SourceFile,
)
from integrations.models import ConnectionKind
from integrations.registry import CODE_HOSTS, REVIEW_HOSTS
from notifications.models import Review, ReviewComment
from notifications.reviews import tell, want_review
from tenants import jobs
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
from tests.fakes import FakeReviewHost

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HEAD = "a" * 40
RULE = "acme.python.sql-injection"


class Scene:
    """Change request 7 of acme/shop, its scans and findings, and the code host that it is at."""

    def __init__(self, monkeypatch):
        self.host = FakeReviewHost()
        monkeypatch.setitem(REVIEW_HOSTS, ConnectionKind.GITHUB, self.host.of_link)
        monkeypatch.setitem(CODE_HOSTS, ConnectionKind.GITHUB, self.host.of_link)
        self.project = ProjectFactory(name="acme/shop")
        self.link = RepositoryLinkFactory(
            project=self.project,
            connection=ConnectionFactory(kind=ConnectionKind.GITHUB),
            location="acme/shop",
        )
        self.ref = RefFactory(project=self.project, name="refs/pull/7/merge")
        self.change_request = ChangeRequestFactory(
            project=self.project, number=7, head_commit=HEAD, changed_at=None
        )
        self.clock = NOW
        self.modes = {RULE: "comment"}
        self.scan = None
        self.host.add_change_request(7, commit=HEAD, lines={"app/db.py": range(1, 100)})

    def start_scan(self, commit=HEAD, **facts):
        """Let a newer scan of the change request be ingested; it has reported nothing yet."""
        self.clock += timedelta(minutes=1)
        self.scan = ScanFactory(
            **{
                "ref": self.ref,
                "kind": ScanKind.DIFF,
                "change_request": "7",
                "commit": commit,
                "served_modes": self.modes,
                "started_at": self.clock,
                "ingested_at": self.clock,
                **facts,
            }
        )
        return self.scan

    def find(self, line=10, *, end_line=None, rule=RULE, path="app/db.py", **facts):
        """Let the newest scan report a new finding."""
        scan = self.scan or self.start_scan()
        finding = FindingFactory(
            project=self.project,
            ref=self.ref,
            rule=_rule(rule),
            file=_file(self.project, path),
            start_line=line,
            end_line=end_line or line,
            **facts,
        )
        InstanceFactory(finding=finding, ref=self.ref, last_scan=scan)
        return finding

    def find_again(self, *findings, line=None):
        """Let the newest scan report known findings again."""
        rows = Instance.objects.filter(finding__in=findings, ref=self.ref)
        rows.update(last_scan=self.scan)
        if line is not None:
            rows.update(start_line=line, end_line=line)

    def put_on_primary(self, finding, **facts):
        """Let a finding be known on the primary branch."""
        ref, _ = Ref.objects.get_or_create(project=self.project, name="main")
        return InstanceFactory(finding=finding, ref=ref, **facts)

    def claim(self):
        """Want the review and claim it."""
        review = want_review(change_request_id=self.change_request.id, at=self.clock)
        return jobs.claim(Review, job_id=review.pk, now=self.clock)

    def tell(self, *, is_analyzing=False):
        """Tell the change request once, as a worker does; return the review."""
        review = self.claim()
        try:
            tell(review=review, now=self.clock, is_analyzing=is_analyzing)
        except BaseException:
            # Another worker looks once the claim of the one that died has lapsed.
            self.clock += timedelta(minutes=1)
            jobs.postpone(review, at=self.clock, error="")
            raise
        self.clock += timedelta(minutes=1)
        jobs.finish(review, now=self.clock)
        return Review.objects.get(pk=review.pk)

    def told(self):
        """Return the change request as it is stored."""
        return ChangeRequest.objects.get(pk=self.change_request.pk)


def _rule(check_id):
    known = ReportedRule.objects.filter(check_id=check_id).first()
    return known or ReportedRuleFactory(check_id=check_id)


def _file(project, path):
    known = SourceFile.objects.filter(project=project, path=path).first()
    return known or SourceFileFactory(project=project, path=path)


def key(finding):
    return f"finding-{finding.pk}"


def row(finding):
    return ReviewComment.objects.get(key=key(finding))


def calls_of(scene, **options):
    """Tell once more; return the calls that it took."""
    before = len(scene.host.calls)
    scene.tell(**options)
    return scene.host.calls[before:]


def triage(finding, state="ignored"):
    Finding.objects.filter(pk=finding.pk).update(triage_state=state)


def many(scene, numbers=range(1, 7)):
    return [scene.find(line=line) for line in numbers]
