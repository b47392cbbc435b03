"""What scanners reported: uploads, scans, findings and their appearances."""

from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils import timezone

from tenants.models import Door, Organization, Project, TenantModel, User
from tenants.scope import current_organization_id


class Product(models.TextChoices):
    """Which kind of scan found it."""

    SAST = "sast", "Code"
    SCA = "sca", "Supply Chain"
    SECRETS = "secrets", "Secrets"


class Severity(models.IntegerChoices):
    """How bad a match is by the rule's word; the scanner's 4 (experiment) is kept as LOW."""

    LOW = 0, "Low"
    MEDIUM = 1, "Medium"
    HIGH = 2, "High"
    CRITICAL = 3, "Critical"


class Confidence(models.IntegerChoices):
    """How sure the rule's author is that a match is real."""

    UNKNOWN = -1, "Unknown"
    LOW = 0, "Low"
    MEDIUM = 1, "Medium"
    HIGH = 2, "High"


class State(models.TextChoices):
    """What the scanner last said."""

    UNRESOLVED = "unresolved", "Unresolved"
    FIXED = "fixed", "Fixed"
    MUTED = "muted", "Muted"
    REMOVED = "removed", "Removed"


class TriageState(models.TextChoices):
    """What was decided."""

    UNTRIAGED = "untriaged", "Untriaged"
    IGNORED = "ignored", "Ignored"
    REOPENED = "reopened", "Reopened"
    REVIEWING = "reviewing", "Reviewing"
    FIXING = "fixing", "To fix"
    PROVISIONALLY_IGNORED = "provisionally_ignored", "Provisionally ignored"


class TriageReason(models.TextChoices):
    """Why a finding is ignored."""

    FALSE_POSITIVE = "false_positive", "False positive"
    ACCEPTABLE_RISK = "acceptable_risk", "Acceptable risk"
    NO_TIME = "no_time", "No time"
    NO_TRIAGE_REASON = "no_triage_reason", "No reason given"
    DUPLICATE = "duplicate", "Duplicate"


class Status(models.TextChoices):
    """What is shown, derived from state and triage state by the database."""

    OPEN = "open", "Open"
    REVIEWING = "reviewing", "Reviewing"
    FIXING = "fixing", "To fix"
    IGNORED = "ignored", "Ignored"
    FIXED = "fixed", "Fixed"
    PROVISIONALLY_IGNORED = "provisionally_ignored", "Provisionally ignored"
    REMOVED = "removed", "Removed"


class Conclusion(models.TextChoices):
    """What triage concluded; kept on the finding so that lists can filter by it."""

    TRUE_POSITIVE = "true_positive", "True positive"
    FALSE_POSITIVE = "false_positive", "False positive"
    NEEDS_REVIEW = "needs_review", "Needs review"


# The one place of the derivation (product facts, section 2): the scanner's removed and fixed
# come first, then the mute, which a person's `reopened` beats, then the person's word.
STATUS_EXPRESSION = Case(
    When(state=State.REMOVED, then=Value(Status.REMOVED.value)),
    When(state=State.FIXED, then=Value(Status.FIXED.value)),
    When(triage_state=TriageState.IGNORED, then=Value(Status.IGNORED.value)),
    When(
        Q(state=State.MUTED) & ~Q(triage_state=TriageState.REOPENED),
        then=Value(Status.IGNORED.value),
    ),
    When(triage_state=TriageState.REVIEWING, then=Value(Status.REVIEWING.value)),
    When(triage_state=TriageState.FIXING, then=Value(Status.FIXING.value)),
    When(
        triage_state=TriageState.PROVISIONALLY_IGNORED,
        then=Value(Status.PROVISIONALLY_IGNORED.value),
    ),
    default=Value(Status.OPEN.value),
)


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


class ScanKind(models.TextChoices):
    """Whether a scan saw the whole repository or only what a change request adds."""

    FULL = "full", "Full"
    DIFF = "diff", "Diff"


class ScanStatus(models.TextChoices):
    """How far a scan has come."""

    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    PENDING = "pending", "Pending"
    CANCELLED = "cancelled", "Cancelled"
    ERROR = "error", "Error"
    NEVER_FINISHED = "never_finished", "Never finished"


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
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.commit[:8]}"


class ProblemKind(models.TextChoices):
    """What went wrong around a scan."""

    ENGINE_ERROR = "engine_error", "The engine failed"
    CLIENT_FAILURE = "client_failure", "The scanner gave up"
    ENGINE_BINARY = "engine_binary", "Asked for the proprietary engine"
    REFUSED_UPLOAD = "refused_upload", "The upload was refused"


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


class ReportFormat(models.TextChoices):
    """In which format an upload came."""

    SEMGREP_CI = "semgrep_ci", "semgrep ci"
    SEMGREP_JSON = "semgrep_json", "Semgrep JSON"
    SARIF = "sarif", "SARIF"


class UploadStatus(models.TextChoices):
    """What became of an upload."""

    STORED = "stored", "Stored"
    INGESTED = "ingested", "Ingested"
    REFUSED = "refused", "Refused"


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


class ComponentRisk(models.TextChoices):
    """How much is at stake in a component."""

    HIGH = "high", "High risk"
    LOW = "low", "Low risk"
    NEUTRAL = "neutral", "No decision"


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


class ActivityKind(models.TextChoices):
    """What happened to a finding."""

    STATUS = "STATUS", "Status"
    TRIAGE = "TRIAGE", "Triage"
    AUTOTRIAGE = "AUTOTRIAGE", "Verdict"
    AUTOTRIAGE_FEEDBACK = "AUTOTRIAGE_FEEDBACK", "Feedback on the verdict"
    AI_TAG = "AI_TAG", "Component tag"
    ANALYSIS_STARTED = "ANALYSIS_STARTED", "Analysis started"
    NOTE = "NOTE", "Note"


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
        indexes = [models.Index(fields=["finding", "-at", "-id"], name="activity_newest")]

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
