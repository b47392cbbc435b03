"""Guidance, fixes, the attempts at them with their proofs, and what people think of both."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from findings.models import Confidence, Finding
from llm.models import ModelCall
from tenants.jobs import Job
from tenants.models import TenantModel, User
from triage.models import Opinion


class RemedyOrigin(models.TextChoices):
    """Who wrote it."""

    MODEL = "model", "AI"
    RULE = "rule", "From the rule"
    REUSED = "reused", "Reused from an identical question"


class Guidance(TenantModel):
    """What to do about one finding, in prose. The newest one counts."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="guidances")
    summary = models.CharField(max_length=500, help_text="One line.")
    instructions = models.TextField(max_length=12000, help_text="Numbered steps in Markdown.")
    unknown_names = models.JSONField(
        default=list,
        help_text="Packages that neither the file's imports nor the project's manifest know.",
    )
    origin = models.CharField(max_length=10, choices=RemedyOrigin.choices)
    memory_ids = models.JSONField(default=list, help_text="Ids of the memories in the question.")
    left_out = models.JSONField(default=list, help_text="Sentences: what the model did not see.")
    prompt_version = models.CharField(max_length=64, blank=True)
    input_hash = models.CharField(max_length=64, blank=True)
    model_call = models.ForeignKey(
        ModelCall, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    commit = models.CharField(max_length=64, blank=True, help_text="Whose code it speaks of.")
    content_hash = models.CharField(
        max_length=64, blank=True, help_text="Hex SHA-256 of the file's bytes; blank: unread."
    )
    code_hash = models.CharField(
        max_length=64, blank=True, help_text="The finding's own, of the matched code, back then."
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["finding", "-id"], name="guidance_newest"),
            models.Index(fields=["organization", "input_hash"], name="guidance_input"),
        ]

    def __str__(self) -> str:
        return self.summary


class FixStatus(models.TextChoices):
    """How far a fix has come."""

    PROPOSED = "proposed", "Being proven"
    PROVEN = "proven", "Proven"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Replaced or out of date"


class FixAttempt(TenantModel):
    """One candidate for a finding's fix, and the checks that it met."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="fix_attempts")
    guidance = models.ForeignKey(
        Guidance, on_delete=models.SET_NULL, null=True, related_name="fix_attempts"
    )
    round = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(2)]
    )
    rank = models.PositiveSmallIntegerField(default=0, help_text="Among one round's candidates.")
    origin = models.CharField(max_length=10, choices=RemedyOrigin.choices)
    status = models.CharField(max_length=10, choices=FixStatus.choices, default=FixStatus.PROPOSED)
    path = models.CharField(max_length=1000)
    commit = models.CharField(max_length=64, blank=True, help_text="Whose code it edits.")
    content_hash = models.CharField(max_length=64, help_text="Hex SHA-256 of the file's bytes.")
    code_hash = models.CharField(
        max_length=64, blank=True, help_text="The finding's own, of the matched code, back then."
    )
    start_line = models.PositiveIntegerField(default=1, help_text="Of the match; 1-based.")
    end_line = models.PositiveIntegerField(default=1, help_text="Of the match; 1-based, inclusive.")
    edits = models.JSONField(
        default=list, help_text="[{search, replace, start_line, end_line}]; lines 1-based."
    )
    proposed_confidence = models.PositiveSmallIntegerField(
        choices=Confidence.choices, help_text="What the model or the rule says."
    )
    confidence = models.PositiveSmallIntegerField(
        choices=Confidence.choices, help_text="Lowered by each check that could not run."
    )
    reason = models.CharField(max_length=30, blank=True, help_text="Of the proof: `still_fires`.")
    detail = models.CharField(max_length=1000, blank=True, help_text="The reason in a sentence.")
    checks = models.JSONField(default=list, help_text="[{name, ok (null: could not run), detail}]")
    memory_ids = models.JSONField(default=list)
    model_call = models.ForeignKey(
        ModelCall, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    proven_at = models.DateTimeField(null=True, help_text="When the proof ended, however it did.")

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=FixStatus.values), name="fix_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="refused") | ~Q(reason=""), name="refused_fix_has_a_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["finding", "-id"], name="fix_newest"),
            models.Index(fields=["organization", "status", "-id"], name="fix_status"),
        ]

    def __str__(self) -> str:
        return f"{self.finding_id} {self.status}"


class GuidanceFeedback(Opinion):
    """A member's opinion of guidance; her newest one counts."""

    guidance = models.ForeignKey(Guidance, on_delete=models.CASCADE, related_name="feedback")

    class Meta(Opinion.Meta):
        indexes = [models.Index(fields=["guidance", "-id"], name="guidance_feedback_newest")]


class FixFeedback(Opinion):
    """A member's opinion of a fix; her newest one counts."""

    fix = models.ForeignKey(FixAttempt, on_delete=models.CASCADE, related_name="feedback")

    class Meta(Opinion.Meta):
        indexes = [models.Index(fields=["fix", "-id"], name="fix_feedback_newest")]


class FixRequestState(models.TextChoices):
    """How far a change request with a fix has come."""

    REQUESTED = "requested", "Being opened"
    OPENED = "opened", "Open"
    FAILED = "failed", "Could not be opened"
    MERGED = "merged", "Merged"
    CLOSED = "closed", "Closed without merging"


class FixRequest(Job):
    """A change request that brings a proven fix into the repository; opened by us."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="fix_requests")
    fix = models.ForeignKey(FixAttempt, on_delete=models.CASCADE, related_name="requests")
    state = models.CharField(
        max_length=10, choices=FixRequestState.choices, default=FixRequestState.REQUESTED
    )
    branch = models.CharField(max_length=200, help_text="Ours; the same for each try.")
    base_ref = models.CharField(max_length=400, help_text="The branch that it is to be merged to.")
    number = models.PositiveIntegerField(null=True)
    url = models.CharField(max_length=1000, blank=True)
    requested_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    requested_by_label = models.CharField(max_length=200)
    requested_at = models.DateTimeField(default=timezone.now)
    opened_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, help_text="Merged, closed, or given up.")

    class Meta(Job.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["finding"],
                condition=Q(state__in=["requested", "opened"]),
                name="one_live_fix_request_a_finding",
            ),
        ]
        indexes = [
            models.Index(fields=["finding", "-id"], name="fix_request_newest"),
            models.Index(
                fields=["organization", "next_attempt_at"],
                condition=Job.due_condition,
                name="fix_request_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.finding_id} {self.state}"
