"""A scan from its announcement to its end: opened, given uploads, completed, or broken."""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from core.errors import ProblemError
from core.redaction import redact
from findings.branches import note_primary_branch
from findings.change_requests import note_scanned
from findings.guardrails import note_gone_early
from findings.locks import lock_projects
from findings.models import (
    ProblemKind,
    Ref,
    ReportFormat,
    Scan,
    ScanKind,
    ScanProblem,
    ScanStatus,
    Upload,
)
from findings.refs import normalize_ref
from findings.signals import scan_completed, scan_failed, upload_stored
from findings.texts import storable_json, storable_text
from tenants.announcements import announce
from tenants.models import Project
from tenants.services import get_or_create_project

# After these the scanner stops; after a refused upload it still asks us how it ended.
ENDS_THE_SCAN = frozenset(
    {ProblemKind.ENGINE_ERROR, ProblemKind.ENGINE_BINARY, ProblemKind.CLIENT_FAILURE}
)
DETAIL_LIMIT = 20_000
# Fast rather than small: the scanner waits for the answer.
COMPRESSION_LEVEL = 1


class UploadTooLargeError(ProblemError):
    """The report is larger than this installation takes."""

    code = "upload_too_large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanAnnouncement:
    """What a scanner says of a scan before it begins."""

    unique_id: UUID
    project_name: str
    project_url: str = ""
    branch: str = ""
    commit: str = ""
    is_full_scan: bool = True
    change_request: str = ""
    merge_base: str = ""
    cli_version: str = ""
    products: Sequence[str] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> ScanKind:
        """Full, or only what a change request adds."""
        return ScanKind.FULL if self.is_full_scan else ScanKind.DIFF


@transaction.atomic
def open_scan(
    *, announcement: ScanAnnouncement, served_modes: Mapping[str, str], now: datetime
) -> Scan:
    """Return the scan that was announced, with its project and ref; the same one when it retries.

    `served_modes` maps the path of each rule that was handed out to its mode.
    """
    known: Scan | None = (
        Scan.objects.filter(unique_id=announcement.unique_id)
        .select_related("project", "ref")
        .first()
    )
    if known is not None:
        return known
    project = _project(announcement)
    ref, _ = Ref.objects.get_or_create(
        project=project,
        name=normalize_ref(storable_text(announcement.branch)),
        defaults={"created_at": now},
    )
    if announcement.is_full_scan:
        note_primary_branch(project=project, ref=ref)
    scan: Scan
    scan, is_new = Scan.objects.get_or_create(
        unique_id=announcement.unique_id,
        defaults={
            "project": project,
            "ref": ref,
            "kind": announcement.kind,
            "served_modes": dict(served_modes),
            "started_at": now,
            **_announced_facts(announcement),
        },
    )
    if is_new:
        note_scanned(scan=scan, now=now)
    return scan


def _announced_facts(announcement: ScanAnnouncement) -> dict[str, Any]:
    return {
        "commit": storable_text(announcement.commit)[:64],
        "merge_base": storable_text(announcement.merge_base)[:64],
        "change_request": storable_text(announcement.change_request)[:40],
        "cli_version": storable_text(announcement.cli_version)[:40],
        "products": storable_json(list(announcement.products)),
        "meta": storable_json(dict(announcement.meta)),
    }


def _project(announcement: ScanAnnouncement) -> Project:
    url = storable_text(announcement.project_url)[:1000]
    # It becomes a link on pages: nothing but web addresses.
    url = url if url.startswith(("https://", "http://")) else ""
    project = get_or_create_project(
        name=storable_text(announcement.project_name, limit=400), url=url
    )
    if url and project.url != url:
        project.url = url
        project.save(update_fields=["url"])
    return project


@transaction.atomic
def store_upload(*, scan: Scan, report_format: ReportFormat, body: bytes, now: datetime) -> Upload:
    """Keep a report as it came, before anything is done with it; the same body is kept once.

    Raises UploadTooLargeError above the setting UPLOAD_LIMIT_MEGABYTES.
    """
    if len(body) > settings.UPLOAD_LIMIT_BYTES:
        limit = settings.UPLOAD_LIMIT_BYTES // 1024**2
        raise UploadTooLargeError(
            f"The report has {len(body):,} bytes; this installation takes up to {limit} MB."
            " Raise UPLOAD_LIMIT_MEGABYTES, or scan parts of the repository apart.",
            field="$",
        )
    upload: Upload
    upload, is_new = Upload.objects.get_or_create(
        scan=scan,
        sha256=hashlib.sha256(body).hexdigest(),
        defaults={
            "format": report_format,
            "body": zlib.compress(body, COMPRESSION_LEVEL),
            "size_bytes": len(body),
            "received_at": now,
        },
    )
    if is_new:
        announce(upload_stored, upload_id=upload.pk)
    return upload


@transaction.atomic
def complete_scan(
    *,
    scan: Scan,
    exit_code: int | None,
    stats: Mapping[str, Any],
    is_blocking: bool,
    now: datetime,
) -> Scan:
    """Note that the scanner has finished and what we answered; said twice, it changes nothing."""
    scan = Scan.objects.select_for_update().get(pk=scan.pk)
    if scan.completed_at is not None:
        return scan
    scan.exit_code = _small(exit_code)
    scan.stats = storable_json(dict(stats))
    scan.is_blocking = is_blocking
    scan.completed_at = now
    if scan.status != ScanStatus.ERROR:
        scan.status = ScanStatus.COMPLETED
    scan.save(update_fields=["exit_code", "stats", "is_blocking", "completed_at", "status"])
    announce(scan_completed, scan_id=scan.pk)
    return scan


@transaction.atomic
def report_problem(
    *,
    kind: ProblemKind,
    unique_id: UUID | None,
    scan: Scan | None,
    exit_code: int | None,
    detail: str,
    now: datetime,
) -> ScanProblem:
    """Keep what went wrong, without secrets; `scan` is None where none was ever made."""
    if scan is None and unique_id is not None:
        scan = Scan.objects.filter(unique_id=unique_id).first()
    if scan is not None and kind in ENDS_THE_SCAN:
        break_off(Scan.objects.filter(pk=scan.pk, completed_at=None), status=ScanStatus.ERROR)
    problem: ScanProblem
    problem, is_new = ScanProblem.objects.get_or_create(
        kind=kind,
        scan=scan,
        unique_id=unique_id,
        exit_code=_small(exit_code),
        detail=storable_text(redact(detail), limit=DETAIL_LIMIT),
        defaults={"created_at": now},
    )
    if scan is not None and is_new:
        announce(scan_failed, scan_id=scan.pk)
    return problem


@transaction.atomic
def break_off(scans: QuerySet[Scan], *, status: ScanStatus) -> None:
    """Give scans a status that says that they broke off: what they left out may be there."""
    found = list(scans.values_list("pk", "project_id", "ref_id", "kind"))
    if not found:
        return
    lock_projects(project_id for _pk, project_id, _ref, _kind in found)  # before any row
    scans.filter(pk__in=[row[0] for row in found]).update(status=status)
    note_gone_early({ref_id for *_ids, ref_id, kind in found if kind == ScanKind.DIFF})


def _small(exit_code: int | None) -> int | None:
    """Return an exit code that fits its column; others say nothing."""
    return exit_code if exit_code is not None and abs(exit_code) < 2**15 else None
