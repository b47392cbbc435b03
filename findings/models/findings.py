"""Findings, their appearances on refs, and what happened to them."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from findings.models.choices import (
    CLOSED_AT_EXPRESSION,
    STATUS_EXPRESSION,
    ActivityKind,
    ComponentRisk,
    Conclusion,
    Confidence,
    Product,
    Severity,
    State,
    Status,
    TriageReason,
    TriageState,
)
from findings.models.scans import Ref, Scan
from tenants.models import Door, Organization, Project, TenantModel, User
from tenants.scope import current_organization_id


class ReportedRule(TenantModel):
    """What reports say of a rule, kept once for each different content."""

    check_id = models.CharField(max_length=400)
    content_hash = models.CharField(max_length=64, help_text="Hex SHA-256 of the fields below.")
    severity = models.SmallIntegerField(choices=Severity.choices)
    confidence = models.SmallIntegerField(choices=Confidence.choices, default=Confidence.UNKNOWN)
    category = models.CharField(max_length=60, blank=True)
    product = models.CharField(max_length=10, choices=Product.choices, default=Product.SAST)
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "check_id", "content_hash"], name="reported_rule_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.check_id


class SourceFile(TenantModel):
    """A path of a project, with the component tag that its findings share."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="files")
    path = models.CharField(max_length=1000)
    component = models.CharField(max_length=40, blank=True, help_text="Blank: not yet tagged.")
    component_risk = models.CharField(max_length=10, choices=ComponentRisk.choices, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["project", "path"], name="file_path_unique"),
        ]

    def __str__(self) -> str:
        return self.path


# Every row of findings and instances is written by ingest, thousands at a time. An index that no
# query uses, and a key that row-level security checks already, would each cost more than the row.
def _organization_of_a_big_table() -> "models.ForeignKey[Organization, Organization]":
    return models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="+",
        default=current_organization_id,
        db_index=False,
        db_constraint=False,
    )


def _scan_of_an_instance() -> "models.ForeignKey[Scan | None, Scan | None]":
    return models.ForeignKey(
        Scan,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )


COUNTED_BY = ("organization", "severity", "confidence", "status", "relevant_since")


class Finding(TenantModel):
    """A rule match followed across scans, with what was decided; shared by all refs.

    State and place are those of its default instance: the one on the project's primary branch,
    else the newest. `status` is derived by the database.
    """

    organization = _organization_of_a_big_table()
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="findings", db_index=False
    )
    rule = models.ForeignKey(ReportedRule, on_delete=models.PROTECT, related_name="findings")
    file = models.ForeignKey(
        SourceFile, on_delete=models.PROTECT, related_name="findings", db_index=False
    )
    product = models.CharField(max_length=10, choices=Product.choices, default=Product.SAST)
    severity = models.SmallIntegerField(choices=Severity.choices)
    confidence = models.SmallIntegerField(choices=Confidence.choices, default=Confidence.UNKNOWN)
    message = models.TextField()

    match_based_id = models.CharField(max_length=160, blank=True)
    syntactic_id = models.CharField(max_length=64, blank=True)
    code_hash = models.CharField(max_length=64, blank=True)
    pattern_hash = models.CharField(max_length=64, blank=True)

    state = models.CharField(max_length=10, choices=State.choices, default=State.UNRESOLVED)
    ref = models.ForeignKey(Ref, on_delete=models.PROTECT, related_name="+", db_index=False)
    start_line = models.PositiveIntegerField(help_text="1-based.")
    start_column = models.PositiveIntegerField(help_text="1-based.")
    end_line = models.PositiveIntegerField(help_text="1-based, inclusive.")
    end_column = models.PositiveIntegerField(help_text="1-based, exclusive.")
    relevant_since = models.DateTimeField(help_text="When it appeared, or last came back.")
    state_updated_at = models.DateTimeField(default=timezone.now)
    first_scan = models.ForeignKey(
        Scan, on_delete=models.SET_NULL, null=True, related_name="+", db_constraint=False
    )
    created_at = models.DateTimeField(default=timezone.now)

    triage_state = models.CharField(
        max_length=22, choices=TriageState.choices, default=TriageState.UNTRIAGED
    )
    triage_reason = models.CharField(max_length=20, choices=TriageReason.choices, blank=True)
    triage_note = models.CharField(max_length=3000, blank=True)
    triaged_at = models.DateTimeField(null=True)
    triaged_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )

    verdict = models.CharField(
        max_length=15, choices=Conclusion.choices, blank=True, help_text="Blank: not yet judged."
    )
    status = models.GeneratedField(
        expression=STATUS_EXPRESSION,
        output_field=models.CharField(max_length=22, choices=Status.choices),
        db_persist=True,
    )
    closed_at = models.GeneratedField(
        expression=CLOSED_AT_EXPRESSION,
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )

    is_on_primary = models.BooleanField(
        db_default=False,
        help_text="It shows its instance on the branch that was primary at the last full scan.",
    )
    is_found_early = models.BooleanField(
        db_default=False, help_text="Its first scan was of a change request."
    )
    is_shown_early = models.BooleanField(
        db_default=False, help_text="A comment in a change request has spoken of it."
    )
    is_gone_early = models.BooleanField(
        db_default=False,
        help_text="The newest scan of a change request on its ref did not report it again.",
    )

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(triage_state="ignored") | Q(triage_reason=""),
                name="reason_only_with_ignored",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "status", "-relevant_since", "-id"], name="finding_newest"
            ),
            # The Dashboard counts from these two alone: they include all that is counted by.
            models.Index(
                fields=COUNTED_BY,
                include=["project", "product", "closed_at"],
                condition=Q(is_on_primary=True),
                name="finding_on_primary",
            ),
            models.Index(
                fields=COUNTED_BY,
                include=["project", "product", "is_on_primary", "is_shown_early", "is_gone_early"],
                condition=Q(is_found_early=True),
                name="finding_found_early",
            ),
            models.Index(fields=["project", "rule"], name="finding_project_rule"),
            models.Index(fields=["file"], name="finding_file"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.start_line}"


class Instance(TenantModel):
    """A finding's appearance on one ref.

    `last_scan` is the scan that last wrote its place: the place is right at that scan's commit. A
    scan that finds the row as it is, or does not find the match any more, leaves it alone.
    """

    organization = _organization_of_a_big_table()
    finding = models.ForeignKey(
        Finding, on_delete=models.CASCADE, related_name="instances", db_index=False
    )
    ref = models.ForeignKey(Ref, on_delete=models.CASCADE, related_name="instances", db_index=False)
    rule = models.ForeignKey(
        ReportedRule, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    file = models.ForeignKey(SourceFile, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UNRESOLVED)
    match_based_id = models.CharField(max_length=160, blank=True)
    syntactic_id = models.CharField(max_length=64, blank=True)
    code_hash = models.CharField(max_length=64, blank=True)
    pattern_hash = models.CharField(max_length=64, blank=True)
    start_line = models.PositiveIntegerField()
    start_column = models.PositiveIntegerField()
    end_line = models.PositiveIntegerField()
    end_column = models.PositiveIntegerField()
    trace = models.JSONField(
        null=True,
        help_text="Places of the data flow, source first: {role, path, line, column, end_line,"
        " end_column}; no source text.",
    )
    first_scan = _scan_of_an_instance()
    last_scan = _scan_of_an_instance()
    relevant_since = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["finding", "ref"], name="one_instance_a_ref"),
        ]
        indexes = [models.Index(fields=["ref", "state"], name="instance_of_ref")]

    def __str__(self) -> str:
        return f"{self.finding_id} {self.ref_id}"


class Activity(TenantModel):
    """One thing that happened to a finding."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="activities")
    kind = models.CharField(max_length=30, choices=ActivityKind.choices)
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    actor_label = models.CharField(max_length=200, blank=True)
    door = models.CharField(max_length=20, choices=Door.choices, default=Door.PLATFORM)
    title = models.CharField(max_length=300)
    triage_reason = models.CharField(max_length=20, choices=TriageReason.choices, blank=True)
    note = models.CharField(max_length=3000, blank=True)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["finding", "-at", "-id"], name="activity_newest"),
        ]

    def __str__(self) -> str:
        return self.title


class FindingCount(TenantModel):
    """How many findings share these values; kept by triggers in the writing transaction."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    product = models.CharField(max_length=10)
    status = models.CharField(max_length=22)
    severity = models.SmallIntegerField()
    verdict = models.CharField(max_length=15, blank=True)
    count = models.IntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["project", "product", "status", "severity", "verdict"],
                name="finding_count_unique",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.count}"
