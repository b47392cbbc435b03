"""Refs, scans, what went wrong around them, and their uploads."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from findings.models.choices import ProblemKind, ReportFormat, ScanKind, ScanStatus, UploadStatus
from tenants.models import Project, TenantModel


class Ref(TenantModel):
    """A branch or change request of a project, under its normalized name."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="refs")
    name = models.CharField(max_length=400, help_text="`main`, `refs/pull/7/merge`: see refs.py.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="ref_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class Scan(TenantModel):
    """One run of the scanner."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="scans")
    ref = models.ForeignKey(Ref, on_delete=models.CASCADE, related_name="scans")
    unique_id = models.UUIDField(help_text="The scanner's own id; the key of its retries.")
    kind = models.CharField(max_length=5, choices=ScanKind.choices)
    status = models.CharField(max_length=15, choices=ScanStatus.choices, default=ScanStatus.RUNNING)
    commit = models.CharField(max_length=64, blank=True)
    merge_base = models.CharField(max_length=64, blank=True)
    change_request = models.CharField(max_length=40, blank=True, help_text="Its number, as text.")
    cli_version = models.CharField(max_length=40, blank=True)
    products = models.JSONField(default=list)
    meta = models.JSONField(default=dict, help_text="project_metadata as it came.")
    served_modes = models.JSONField(default=dict, help_text="Rule path to mode, as served.")
    stats = models.JSONField(default=dict)
    skipped_paths = models.JSONField(
        default=list,
        help_text="Files that the engine gave up on: their findings stay as they were.",
    )
    open_by_rule = models.JSONField(
        null=True,
        help_text="Rule path to how many open matches of it the scan reported, when its results"
        " were read; null: nobody knows.",
    )
    finding_count = models.PositiveIntegerField(default=0)
    new_count = models.PositiveIntegerField(default=0)
    fixed_count = models.PositiveIntegerField(default=0)
    exit_code = models.SmallIntegerField(null=True, help_text="As the scanner said it.")
    is_blocking = models.BooleanField(default=False, help_text="What we answered at complete.")
    started_at = models.DateTimeField(default=timezone.now)
    ingested_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "unique_id"], name="scan_unique_id_unique"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-id"], name="scan_newest"),
            models.Index(fields=["ref", "-id"], name="scan_of_ref_newest"),
            models.Index(
                fields=["project", "change_request"],
                condition=~Q(change_request=""),
                name="scan_of_change_request",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.commit[:8]}"


class ScanProblem(TenantModel):
    """A failure that the scanner, or our ingest, reported; the scan may never have been made."""

    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, null=True, related_name="problems")
    unique_id = models.UUIDField(null=True, help_text="The scanner's id for its run.")
    kind = models.CharField(max_length=20, choices=ProblemKind.choices)
    exit_code = models.SmallIntegerField(null=True)
    detail = models.TextField(blank=True, help_text="At most 20,000 characters, redacted.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organization", "-id"], name="problem_newest")]

    def __str__(self) -> str:
        return self.kind


class Upload(TenantModel):
    """A report exactly as it came, kept before anything is done with it."""

    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="uploads")
    format = models.CharField(max_length=15, choices=ReportFormat.choices)
    body = models.BinaryField(help_text="Compressed with zlib.")
    sha256 = models.CharField(max_length=64, help_text="Hex, of the body before compression.")
    size_bytes = models.PositiveBigIntegerField(help_text="Before compression.")
    status = models.CharField(
        max_length=10, choices=UploadStatus.choices, default=UploadStatus.STORED
    )
    error = models.CharField(max_length=1000, blank=True, help_text="Field and remedy.")
    received_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often ingest began.")
    next_attempt_at = models.DateTimeField(
        null=True, help_text="When the sweep sends it again; null: some time after it came."
    )
    processed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["scan", "sha256"], name="upload_once_a_scan"),
        ]
        indexes = [
            models.Index(
                fields=["organization", "id"],
                condition=Q(status="stored"),
                name="upload_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.format} {self.sha256[:8]}"
