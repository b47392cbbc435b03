"""Lessons that an organization keeps, and where each was used."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from findings.models import Finding
from tenants.models import Door, Project, TenantModel, User

TEXT_LIMIT = 2000


class MemoryStage(models.TextChoices):
    """Whether it is used."""

    LIVE = "live", "Active"
    SUGGESTED = "suggested", "Suggested"
    DELETED = "deleted", "Deleted"


class MemoryContext(models.TextChoices):
    """What it is used for."""

    TRIAGE = "triage", "Triage"
    GUIDANCE = "guidance", "Guidance and fixes"


class MemorySource(models.TextChoices):
    """How it came to be."""

    FORM = "form", "Written on the Memories page"
    IGNORE_NOTE = "ignore_note", "From the note of an ignored finding"
    CUSTOMIZED_FIX = "customized_fix", "From Customize fix"
    COMMENT = "comment", "From a comment in a change request"
    DISAGREEMENT = "disagreement", "From a disagreement"


class Memory(TenantModel):
    """One lesson, in the organization's own words; blank scopes hold everywhere."""

    text = models.TextField(max_length=TEXT_LIMIT, validators=[MaxLengthValidator(TEXT_LIMIT)])
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, null=True, related_name="+", help_text="Null: all."
    )
    check_id = models.CharField(max_length=500, blank=True, help_text="A rule's id; blank: all.")
    vulnerability_class = models.CharField(
        max_length=200, blank=True, help_text="As rules' metadata name it; blank: all."
    )
    path_prefix = models.CharField(
        max_length=500, blank=True, help_text="A folder or file, without a leading slash."
    )
    contexts = ArrayField(models.CharField(max_length=10, choices=MemoryContext.choices))
    stage = models.CharField(max_length=10, choices=MemoryStage.choices)
    source = models.CharField(max_length=20, choices=MemorySource.choices)
    finding = models.ForeignKey(
        Finding, on_delete=models.SET_NULL, null=True, related_name="+", help_text="Its occasion."
    )
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    author_label = models.CharField(max_length=200, blank=True)
    door = models.CharField(max_length=20, choices=Door.choices)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    activated_at = models.DateTimeField(null=True)
    activated_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="memory_has_text"),
            models.CheckConstraint(condition=~Q(contexts=[]), name="memory_has_context"),
            models.CheckConstraint(
                condition=Q(stage__in=MemoryStage.values), name="memory_stage_known"
            ),
        ]
        indexes = [models.Index(fields=["organization", "stage", "-id"], name="memory_newest")]

    def __str__(self) -> str:
        return self.text[:80]


class UsePurpose(models.TextChoices):
    """What a memory entered the question for."""

    VERDICT = "verdict", "Verdict"
    GUIDANCE = "guidance", "Guidance"
    FIX = "fix", "Fix"


class MemoryUse(TenantModel):
    """A memory was part of the question that led to an answer on a finding."""

    memory = models.ForeignKey(Memory, on_delete=models.CASCADE, related_name="uses")
    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=10, choices=UsePurpose.choices)
    at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["memory", "finding", "purpose"], name="memory_use_once_a_purpose"
            ),
        ]
        indexes = [models.Index(fields=["finding"], name="memory_use_finding")]

    def __str__(self) -> str:
        return f"{self.memory_id} {self.purpose}"
