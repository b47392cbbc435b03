"""Reading one finding, its log and its appearances; and scans."""

from dataclasses import dataclass

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from core.errors import NotFoundError
from findings.lifecycle import LIVE
from findings.models import Activity, Finding, Instance, Scan, ScanKind, ScanProblem

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPage:
    """One page of scans, newest first; `next_before` is the key of the next page, None: no more."""

    scans: list[Scan]
    next_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanDetails:
    """A scan with the troubles that were reported for it, newest first."""

    scan: Scan
    problems: list[ScanProblem]


def get_finding(finding_id: int) -> Finding:
    """Return a finding with what pages show of it; raise NotFoundError for a stranger's."""
    finding: Finding | None = (
        Finding.objects.filter(pk=finding_id)
        .select_related("project", "rule", "file", "ref", "triaged_by", "first_scan")
        .first()
    )
    if finding is None:
        raise NotFoundError(f"There is no finding {finding_id} in this organization.")
    return finding


def activities_of(finding: Finding) -> QuerySet[Activity]:
    """Return what happened to a finding, newest first."""
    return Activity.objects.filter(finding=finding).select_related("actor").order_by("-at", "-id")


def instances_of(finding: Finding) -> QuerySet[Instance]:
    """Return a finding's appearances, the one whose place the finding shows first."""
    is_shown = ExpressionWrapper(Q(ref_id=finding.ref_id), output_field=BooleanField())
    return (
        Instance.objects.filter(finding=finding)
        .select_related("ref", "rule", "file", "first_scan", "last_scan")
        .order_by(is_shown.desc(), "-last_scan_id", "-id")
    )


def commit_to_read(instance: Instance) -> str:
    """Return the newest commit at which an instance's place is known to be right; blank: none.

    A full scan that finds a row as it was leaves it alone, so for an open instance it is the
    commit of its ref's newest full scan, unless the scanner gave up on the file there.
    """
    last = instance.last_scan
    if last is None:
        return ""
    if last.kind != ScanKind.FULL or instance.state not in LIVE:
        return last.commit
    newer = (
        Scan.objects.filter(
            ref_id=instance.ref_id,
            kind=ScanKind.FULL,
            ingested_at__isnull=False,
            started_at__gte=last.started_at,
        )
        .filter(Q(products=[]) | Q(products__contains=instance.rule.product))
        .exclude(skipped_paths__contains=instance.file.path)
        .exclude(commit="")
        .order_by("-started_at", "-id")
        .first()
    )
    return newer.commit if newer else last.commit


def newest_scans(
    *, before: int | None = None, project_id: int | None = None, size: int = PAGE_SIZE
) -> ScanPage:
    """Return scans from the newest on; `before` is the key that the last page gave."""
    scans = Scan.objects.select_related("project", "ref").order_by("-id")
    if before is not None:
        scans = scans.filter(id__lt=before)
    if project_id is not None:
        scans = scans.filter(project_id=project_id)
    rows = list(scans[: size + 1])
    return ScanPage(scans=rows[:size], next_before=rows[size - 1].pk if len(rows) > size else None)


def scan_details(scan_id: int) -> ScanDetails:
    """Return a scan and its troubles; raise NotFoundError for a stranger's."""
    scan = Scan.objects.filter(pk=scan_id).select_related("project", "ref").first()
    if scan is None:
        raise NotFoundError(f"There is no scan {scan_id} in this organization.")
    problems = ScanProblem.objects.filter(
        Q(scan=scan) | Q(scan=None, unique_id=scan.unique_id)
    ).order_by("-id")
    return ScanDetails(scan=scan, problems=list(problems))


def newest_problems(*, limit: int = PAGE_SIZE) -> list[ScanProblem]:
    """Return the newest troubles, also those of runs that never became a scan."""
    return list(
        ScanProblem.objects.select_related("scan__project", "scan__ref").order_by("-id")[:limit]
    )
