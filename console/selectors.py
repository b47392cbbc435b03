"""What pages show of several apps at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from findings.models import Finding, Instance, Scan, Status
from insights.search import Page
from tenants.models import Project
from triage.models import Verdict

MOST_PROJECTS = 100
ANALYSIS_IS_NEWS_FOR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A finding of the list with the verdict that counts."""

    finding: Finding
    verdict: Verdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the analysis of the newest scan has come."""

    scan: Scan
    judged: int
    total: int

    @property
    def is_done(self) -> bool:
        """Say whether every open finding that the scan brought has a verdict."""
        return self.judged >= self.total


def rows_of(page: Page) -> list[Row]:
    """Return the page's findings with their verdicts."""
    judged = [finding.pk for finding in page.items if finding.verdict]
    verdicts: dict[int, Verdict] = {}
    if judged:
        newest = (
            Verdict.objects.filter(finding_id__in=judged)
            .order_by("finding_id", "-id")
            .distinct("finding_id")
        )
        verdicts = {verdict.finding_id: verdict for verdict in newest}
    return [Row(finding=finding, verdict=verdicts.get(finding.pk)) for finding in page.items]


def projects_to_choose() -> Sequence[Project]:
    """Return the projects that the filter offers, by name."""
    return list(Project.objects.filter(is_archived=False).order_by("name")[:MOST_PROJECTS])


def analysis_progress(now: datetime) -> Progress | None:
    """Return the progress of the newest scan's analysis; None without a recent scan.

    What the analysis leaves out keeps the count from filling up, so a scan is news for a time.
    """
    scan: Scan | None = (
        Scan.objects.filter(ingested_at__gte=now - ANALYSIS_IS_NEWS_FOR)
        .select_related("project")
        .order_by("-id")
        .first()
    )
    if scan is None:
        return None
    counts = Finding.objects.filter(first_scan=scan, status=Status.OPEN).aggregate(
        total=Count("id"), judged=Count("id", filter=~Q(verdict=""))
    )
    return Progress(scan=scan, judged=counts["judged"], total=counts["total"])


def instance_shown(instances: Sequence[Instance], finding: Finding, ref: str) -> Instance | None:
    """Return the instance on `ref`, else the one whose state and place the finding has."""
    on_ref = next((one for one in instances if ref and one.ref.name == ref), None)
    return on_ref or next((one for one in instances if one.ref_id == finding.ref_id), None)
