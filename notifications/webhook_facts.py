"""What a webhook is told of a scan and its findings, in a constant number of queries."""

from collections.abc import Sequence

from findings.models import Instance, Scan, ScanKind
from integrations.models import ConnectionKind, RepositoryLink
from notifications.channels.webhook_bodies import FindingRecord, ScanRecord
from rules.models import Mode

# What a scanner says of itself and of people stays here: only what the scan is of goes out.
_META = (
    "branch",
    "ci_job_url",
    "commit",
    "commit_timestamp",
    "is_full_scan",
    "on",
    "pull_request_id",
    "pull_request_title",
    "repo_display_name",
    "repo_url",
    "repository",
    "scan_environment",
)
# Each error of the engine may quote a line of code: their number goes out, in `error_count`.
_STATS = ("engine_requested", "findings", "findings_by_product", "parse_rate", "total_time")


def scan_record(scan: Scan) -> ScanRecord:
    """Return what there is to say of a scan."""
    return ScanRecord(
        scan_id=scan.pk,
        unique_id=str(scan.unique_id),
        organization_id=scan.organization.pk,
        project_id=scan.project_id,
        products=tuple(map(str, scan.products)),
        exit_code=scan.exit_code,
        meta=_meta(scan),
        stats=_stats(scan),
        started_at=scan.started_at,
        completed_at=scan.completed_at,
    )


def finding_records(scan: Scan, finding_ids: Sequence[int]) -> list[FindingRecord]:
    """Return what there is to say of findings as `scan` saw them, in their order.

    One that is gone from the scan's ref, with its rows, is left out.
    """
    rows = Instance.objects.filter(ref=scan.ref_id, finding_id__in=finding_ids)
    found = {row.finding_id: row for row in rows.select_related("finding__project", "rule", "file")}
    link = _link_of(scan)
    commit_url = _commit_url(scan, link)
    return [
        _finding(found[finding_id], scan, commit_url)
        for finding_id in finding_ids
        if finding_id in found
    ]


def _finding(row: Instance, scan: Scan, commit_url: str) -> FindingRecord:
    finding = row.finding
    mode = scan.served_modes.get(row.rule.check_id)
    timestamp = scan.meta.get("commit_timestamp")
    return FindingRecord(
        finding_id=finding.pk,
        check_id=row.rule.check_id,
        path=row.file.path,
        start_line=row.start_line,
        start_column=row.start_column,
        end_line=row.end_line,
        end_column=row.end_column,
        message=finding.message,
        severity=finding.severity,
        metadata=row.rule.metadata,
        mode=mode if mode in Mode.values else Mode.MONITOR.value,
        syntactic_id=row.syntactic_id,
        match_based_id=row.match_based_id,
        ref=scan.ref.name,
        project_name=finding.project.name,
        commit_timestamp=timestamp if isinstance(timestamp, str) else "",
        commit_url=commit_url,
        first_scan_id=finding.first_scan_id,
        relevant_since=row.relevant_since,
    )


def _meta(scan: Scan) -> dict[str, object]:
    known = {name: scan.meta[name] for name in _META if scan.meta.get(name) is not None}
    ours = {
        "branch": scan.ref.name,
        "commit": scan.commit,
        "is_full_scan": scan.kind == ScanKind.FULL,
        "pull_request_id": scan.change_request or None,
        "repository": scan.project.name,
        "repo_url": scan.project.url,
        "semgrep_version": scan.cli_version,
    }
    return {**ours, **known}


def _stats(scan: Scan) -> dict[str, object]:
    errors = scan.stats.get("errors")
    known = {name: scan.stats[name] for name in _STATS if name in scan.stats}
    return {
        **known,
        "error_count": len(errors) if isinstance(errors, list) else 0,
        "new_findings": scan.new_count,
        "fixed_findings": scan.fixed_count,
    }


def _link_of(scan: Scan) -> RepositoryLink | None:
    rows = RepositoryLink.objects.filter(project=scan.project_id).select_related("connection")
    found: RepositoryLink | None = rows.first()
    return found


def _commit_url(scan: Scan, link: RepositoryLink | None) -> str:
    """Return the address of the scan's commit for people; blank where nobody knows one."""
    address = (link.web_url if link else "") or scan.project.url
    if not address or not scan.commit:
        return ""
    is_gitlab = link is not None and link.connection.kind == ConnectionKind.GITLAB
    return f"{address.rstrip('/')}/{'-/' if is_gitlab else ''}commit/{scan.commit}"
