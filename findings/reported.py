"""What a scan itself reported, read again from its uploads."""

from collections.abc import Iterator

from findings.models import ReportFormat, Scan, UploadStatus
from findings.reading import Report, read_report


def reports_of(scan: Scan) -> Iterator[Report]:
    """Read the scan's uploads, one at a time; those that were refused are left out."""
    uploads = scan.uploads.filter(status=UploadStatus.INGESTED).order_by("id")
    for upload in uploads.iterator(chunk_size=1):
        yield read_report(
            report_format=ReportFormat(upload.format),
            body=bytes(upload.body),
            size_bytes=upload.size_bytes,
        )


def reported_ids(scan: Scan) -> set[str]:
    """Return the match based ids of all that a scan reports, as the ingest has read them."""
    return {finding.match_based_id for report in reports_of(scan) for finding in report.findings}
