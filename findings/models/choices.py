"""The words that rows of findings are told by."""

from django.db import models
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Coalesce, Greatest


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


UNDECIDED = (Status.OPEN, Status.REVIEWING, Status.FIXING)
"""What still asks for a decision or a fix."""


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


# When a closed finding was fixed or ignored, null for others. One that came back while it was
# ignored was closed as it came.
CLOSED_AT_EXPRESSION = Case(
    When(state=State.REMOVED, then=Value(None)),
    When(state=State.FIXED, then=Greatest("state_updated_at", "relevant_since")),
    When(
        triage_state__in=(TriageState.IGNORED, TriageState.PROVISIONALLY_IGNORED),
        then=Greatest(Coalesce("triaged_at", "state_updated_at"), "relevant_since"),
    ),
    When(
        Q(state=State.MUTED) & ~Q(triage_state=TriageState.REOPENED),
        then=Greatest("state_updated_at", "relevant_since"),
    ),
    default=Value(None),
)


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


# Scans that broke off: what they did not report may be there.
BROKEN_OFF = (ScanStatus.ERROR, ScanStatus.NEVER_FINISHED, ScanStatus.CANCELLED)


class ProblemKind(models.TextChoices):
    """What went wrong around a scan."""

    ENGINE_ERROR = "engine_error", "The engine failed"
    CLIENT_FAILURE = "client_failure", "The scanner gave up"
    ENGINE_BINARY = "engine_binary", "Asked for the proprietary engine"
    REFUSED_UPLOAD = "refused_upload", "The upload was refused"


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


class ComponentRisk(models.TextChoices):
    """How much is at stake in a component."""

    HIGH = "high", "High risk"
    LOW = "low", "Low risk"
    NEUTRAL = "neutral", "No decision"


class ActivityKind(models.TextChoices):
    """What happened to a finding."""

    STATUS = "STATUS", "Status"
    TRIAGE = "TRIAGE", "Triage"
    AUTOTRIAGE = "AUTOTRIAGE", "Verdict"
    AUTOTRIAGE_FEEDBACK = "AUTOTRIAGE_FEEDBACK", "Feedback on the verdict"
    AI_TAG = "AI_TAG", "Component tag"
    ANALYSIS_STARTED = "ANALYSIS_STARTED", "Analysis started"
    NOTE = "NOTE", "Note"
    COMMENT = "COMMENT", "Comment in a change request"
    COMMAND = "COMMAND", "Command in a change request"
    FIX_REQUEST = "FIX_REQUEST", "Change request with a fix"
