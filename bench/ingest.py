"""One measurement of ingest in a process of its own; prints it as JSON.

`prepare` stores two equal uploads as two scans; `ingest` takes one in; `floor` does the bare work
on the same body. A fresh process for each keeps one's memory out of the other's peak.
"""

import argparse
import json
import time
import uuid
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.db import connection, transaction
from django.dispatch import Signal
from django.utils import timezone

django.setup()

from bench import floor  # noqa: E402 needs Django
from bench.reports import make_report  # noqa: E402
from findings import signals  # noqa: E402
from findings.ingest import ingest_upload  # noqa: E402
from findings.models import Finding, ReportFormat, Scan, Upload  # noqa: E402
from findings.scans import ScanAnnouncement, open_scan, store_upload  # noqa: E402
from tenants.models import Organization  # noqa: E402
from tenants.scope import organization_scope  # noqa: E402

TABLES = (
    "findings_finding",
    "findings_instance",
    "findings_sourcefile",
    "findings_reportedrule",
    "findings_activity",
    "findings_findingcount",
)


def main() -> None:
    """Take the measurement that the arguments name."""
    parser = argparse.ArgumentParser()
    parser.add_argument("act", choices=["prepare", "ingest", "floor"])
    parser.add_argument("--size", type=int, default=0)
    parser.add_argument("--organization", type=int, default=0)
    parser.add_argument("--upload", type=int, default=0)
    wanted = parser.parse_args()
    # The pipeline's receivers would queue tasks for workers that are not there.
    for name in ("upload_stored", "scan_ingested"):
        signal: Signal = getattr(signals, name)
        signal.receivers = []
        signal.sender_receivers_cache.clear()
    if wanted.act == "prepare":
        print(json.dumps(prepare(wanted.size)))
    else:
        with organization_scope(wanted.organization):
            act = ingest if wanted.act == "ingest" else bare
            print(json.dumps(act(wanted.upload)))


def prepare(size: int) -> dict[str, object]:
    """Store two equal uploads for two scans of a new organization."""
    organization = Organization.objects.create(slug=f"bench-{uuid.uuid4().hex[:12]}", name="Bench")
    body = make_report(size)
    floor.make_tables()
    with organization_scope(organization.pk):
        uploads = []
        started = time.perf_counter()
        for _ in range(2):
            announcement = ScanAnnouncement(
                unique_id=uuid.uuid4(), project_name="acme/shop", branch="main"
            )
            now = timezone.now()
            scan = open_scan(announcement=announcement, served_modes={}, now=now)
            upload = store_upload(
                scan=scan, report_format=ReportFormat.SEMGREP_CI, body=body, now=now
            )
            uploads.append(upload.pk)
        seconds = (time.perf_counter() - started) / 2
    return {
        "organization": organization.pk,
        "uploads": uploads,
        "body_megabytes": len(body) / 1e6,
        "store_seconds": seconds,
    }


def ingest(upload_id: int) -> dict[str, object]:
    """Ingest one stored upload."""
    counter = _Counter()
    before = _disk_bytes()
    with connection.execute_wrapper(counter):
        started = time.perf_counter()
        ingest_upload(upload_id=upload_id, now=timezone.now())
        seconds = time.perf_counter() - started
    upload = Upload.objects.get(pk=upload_id)
    assert upload.error == "", upload.error
    scan = Scan.objects.get(pk=upload.scan_id)
    return {
        "seconds": seconds,
        "statements": counter.statements + 1,  # COPY, which Django's wrapper does not see
        "peak_megabytes": peak_megabytes(),
        "disk_bytes": _disk_bytes() - before,
        "findings": Finding.objects.count(),
        "new": scan.new_count,
    }


class _Counter:
    """Counts statements on their way to the database."""

    def __init__(self) -> None:
        self.statements = 0

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: Any, context: Any
    ) -> Any:
        """Count one and send it on."""
        self.statements += 1
        return execute(sql, params, many, context)


def bare(upload_id: int) -> dict[str, object]:
    """Do the bare work on one stored upload's body."""
    upload = Upload.objects.get(pk=upload_id)
    started = time.perf_counter()
    with transaction.atomic():
        body = zlib.decompress(bytes(Upload.objects.get(pk=upload_id).body))
        floor.ingest_barely(body=body, project_id=upload.scan.project_id)
    return {"seconds": time.perf_counter() - started, "peak_megabytes": peak_megabytes()}


def peak_megabytes() -> float:
    """Return this process's largest resident size so far (Linux)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _disk_bytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(%s) AS name",
            [list(TABLES)],
        )
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    assert settings.DATABASES
    main()
