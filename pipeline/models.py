"""The durable queue of the analysis: what is to be done, before any message says so."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from findings.models import Finding, Scan
from tenants.models import TenantModel


class Stage(models.TextChoices):
    """A step of the story of a scan or a finding."""

    PLAN = "plan", "Choose what to analyze"
    JUDGE = "judge", "Judge"
    REMEDY = "remedy", "Write guidance and a fix"
    PROVE = "prove", "Prove the fix"
    RETRY = "retry", "Ask once more for a fix that was refused"


class StageStatus(models.TextChoices):
    """How far a stage has come."""

    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class StageRun(TenantModel):
    """One step for one finding, or for one scan; claimed by a worker for a time."""

    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, null=True, related_name="stages")
    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, null=True, related_name="stages")
    stage = models.CharField(max_length=10, choices=Stage.choices)
    status = models.CharField(
        max_length=10, choices=StageStatus.choices, default=StageStatus.WAITING
    )
    is_fresh = models.BooleanField(
        default=False, help_text="Ask the model even where an equal question was answered."
    )
    follow_up = models.BooleanField(
        default=True, help_text="Whether a verdict leads on to guidance and a fix."
    )
    is_wanted_again = models.BooleanField(
        default=False, help_text="Asked for anew while it ran: once over, it begins again."
    )
    priority = models.SmallIntegerField(default=0, help_text="Higher runs first.")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(
        default=timezone.now, help_text="While running: when the claim lapses."
    )
    error = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["scan", "stage"],
                condition=Q(finding__isnull=True),
                name="one_stage_a_scan",
            ),
            models.UniqueConstraint(
                fields=["finding", "stage"],
                condition=Q(finding__isnull=False, status__in=["waiting", "running"]),
                name="one_live_stage_a_finding",
            ),
            models.CheckConstraint(
                condition=Q(scan__isnull=False) | Q(finding__isnull=False),
                name="stage_has_a_subject",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "next_attempt_at"],
                condition=Q(status__in=["waiting", "running"]),
                name="stage_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.status}"
