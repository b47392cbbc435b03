"""Takes in a report file as a full scan."""

import json
import uuid
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import ProblemError
from findings.ingest import ingest_upload
from findings.models import Scan, Upload, UploadStatus
from findings.reports.checkout import add_code_hashes, lines_in
from findings.reports.formats import decode, detect_format
from findings.scans import ScanAnnouncement, complete_scan, open_scan, store_upload
from tenants.models import Organization
from tenants.scope import organization_scope


class Command(BaseCommand):
    """Stores, ingests and completes in one go, as the scanner and a worker would."""

    help = "Take in what `semgrep ci` posts, `semgrep scan --json` or SARIF, as a full scan."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--organization", required=True, help="its slug")
        parser.add_argument("--project", required=True, help="org/repo")
        parser.add_argument("--ref", required=True, help="the branch that was scanned")
        parser.add_argument("--commit", required=True)
        parser.add_argument(
            "--checkout", type=Path, help="a work tree of the commit, to know moved code by"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Take the file in and print what it brought, as JSON."""
        organization = Organization.objects.filter(slug=options["organization"]).first()
        if organization is None:
            raise CommandError(
                f"--organization: there is no `{options['organization']}`; make it with"
                " create_organization."
            )
        try:
            with organization_scope(organization.pk):
                scan = self._take_in(options)
        except ProblemError as error:
            field = f"{error.field}: " if error.field else ""
            raise CommandError(field + error.detail) from error
        self.stdout.write(
            json.dumps(
                {
                    "scan_id": scan.pk,
                    "findings": scan.finding_count,
                    "new": scan.new_count,
                    "fixed": scan.fixed_count,
                }
            )
        )

    def _take_in(self, options: dict[str, Any]) -> Scan:
        now = timezone.now()
        body = self._read(options["file"])
        text = decode(body)
        report_format = detect_format(text)
        if options["checkout"]:
            read_lines = lines_in(self._directory(options["checkout"]))
            body = add_code_hashes(
                text=text, report_format=report_format, read_lines=read_lines
            ).encode()
        announcement = ScanAnnouncement(
            unique_id=uuid.uuid4(),
            project_name=options["project"],
            branch=options["ref"],
            commit=options["commit"],
        )
        scan = open_scan(announcement=announcement, served_modes={}, now=now)
        upload = store_upload(scan=scan, report_format=report_format, body=body, now=now)
        ingest_upload(upload_id=upload.pk, now=now)
        upload = Upload.objects.get(pk=upload.pk)
        if upload.status == UploadStatus.REFUSED:
            raise CommandError(upload.error)
        return complete_scan(scan=scan, exit_code=0, stats={}, is_blocking=False, now=now)

    @staticmethod
    def _read(file: Path) -> bytes:
        try:
            return file.read_bytes()
        except OSError as error:
            raise CommandError(f"file: {file} cannot be read: {error.strerror}.") from error

    @staticmethod
    def _directory(checkout: Path) -> Path:
        if not checkout.is_dir():
            raise CommandError(f"--checkout: {checkout} is no directory.")
        return checkout
