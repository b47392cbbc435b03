"""Verdicts, component tags and what people think of them."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from findings.models import ComponentRisk, Conclusion, Finding, SourceFile
from llm.models import ModelCall
from memories.models import Memory
from tenants.models import Door, TenantModel, User


class Origin(models.TextChoices):
    """Who concluded it."""

    MODEL = "model", "AI"
    RULE_OF_THUMB = "rule_of_thumb", "Rule of thumb"
    REUSED = "reused", "Reused from an identical question"
    PLATFORM = "platform", "Platform"


class Verdict(TenantModel):
    """What triage concluded of one finding, and by what evidence. The newest one counts."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="verdicts")
    conclusion = models.CharField(max_length=15, choices=Conclusion.choices)
    proposed = models.CharField(
        max_length=15, choices=Conclusion.choices, help_text="Before the evidence was checked."
    )
    confidence_ratio = models.FloatField(
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text="0-1: how sure the judge says it is.",
    )
    reason = models.TextField(max_length=4000)
    downgrade_reason = models.CharField(
        max_length=500, blank=True, help_text="Why `conclusion` differs from `proposed`."
    )
    quotes = models.JSONField(
        default=list, help_text="[{text, line (1-based or null), is_supported, problem}]"
    )
    left_out = models.JSONField(default=list, help_text="Sentences: what the judge did not see.")
    origin = models.CharField(max_length=15, choices=Origin.choices)
    memory_ids = models.JSONField(default=list, help_text="Ids of the memories in the question.")
    signals = models.JSONField(default=list, help_text="Names of the rules of thumb that spoke.")
    prompt_version = models.CharField(max_length=64, blank=True)
    input_hash = models.CharField(max_length=64, help_text="Hex SHA-256 of what was judged.")
    model_call = models.ForeignKey(
        ModelCall, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    commit = models.CharField(max_length=64, blank=True, help_text="Whose code was judged.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(confidence_ratio__gte=0) & Q(confidence_ratio__lte=1),
                name="verdict_confidence_is_a_ratio",
            ),
            models.CheckConstraint(
                condition=~Q(conclusion="false_positive") | Q(proposed="false_positive"),
                name="false_positive_was_proposed",
            ),
        ]
        indexes = [
            models.Index(fields=["finding", "-id"], name="verdict_newest"),
            models.Index(fields=["organization", "input_hash"], name="verdict_input"),
        ]

    def __str__(self) -> str:
        return f"{self.finding_id} {self.conclusion}"


class ComponentTag(TenantModel):
    """What part of the product a file belongs to, for one content of it."""

    file = models.ForeignKey(SourceFile, on_delete=models.CASCADE, related_name="tags")
    content_hash = models.CharField(max_length=64, help_text="Hex SHA-256 of the file's bytes.")
    tag = models.CharField(max_length=40, blank=True, help_text="Blank: no marker was found.")
    risk = models.CharField(max_length=10, choices=ComponentRisk.choices)
    reason = models.CharField(max_length=500, blank=True)
    origin = models.CharField(max_length=15, choices=Origin.choices)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["file", "content_hash"], name="tag_once_a_content"),
        ]

    def __str__(self) -> str:
        return self.tag or "no marker"


class Rating(models.TextChoices):
    """What a person thinks of a verdict."""

    GOOD = "good", "Agree"
    BAD = "bad", "Disagree"


class Opinion(TenantModel):
    """What a member thinks of something that the platform said."""

    rating = models.CharField(max_length=4, choices=Rating.choices)
    note = models.CharField(max_length=3000, blank=True)
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    actor_label = models.CharField(
        max_length=200, blank=True, help_text="Who it was where she is no member: `@eve (GitHub)`."
    )
    door = models.CharField(max_length=20, choices=Door.choices)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.rating


class Feedback(Opinion):
    """A member's opinion of a verdict; her newest one counts."""

    verdict = models.ForeignKey(Verdict, on_delete=models.CASCADE, related_name="feedback")

    class Meta(Opinion.Meta):
        indexes = [models.Index(fields=["verdict", "-id"], name="feedback_newest")]


class AnalysisStatus(models.TextChoices):
    """How far something that a person asked for has come."""

    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class Analysis(models.TextChoices):
    """What a person may ask for."""

    JUDGE = "judge", "Verdict"
    REMEDY = "remedy", "Guidance and fix"


class AnalysisRequest(TenantModel):
    """A person asks for findings to be analyzed; the pipeline makes it stages."""

    finding_ids = ArrayField(models.BigIntegerField())
    wanted = ArrayField(models.CharField(max_length=10, choices=Analysis.choices))
    is_fresh = models.BooleanField(
        default=False, help_text="Ask the model even where an equal question was answered."
    )
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    actor_label = models.CharField(max_length=200)
    status = models.CharField(
        max_length=10, choices=AnalysisStatus.choices, default=AnalysisStatus.WAITING
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(
                fields=["organization", "id"],
                condition=Q(status="waiting"),
                name="analysis_request_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{len(self.finding_ids)} findings"


class MemoryPreview(TenantModel):
    """What a memory would change: the newest verdicts in its scope, judged with it."""

    memory = models.ForeignKey(Memory, on_delete=models.CASCADE, related_name="previews")
    memory_text = models.TextField(help_text="As it was when the preview was asked for.")
    status = models.CharField(
        max_length=10, choices=AnalysisStatus.choices, default=AnalysisStatus.WAITING
    )
    results = models.JSONField(
        default=list, help_text="[{finding_id, before, after, reason, problem}]"
    )
    total = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    next_attempt_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["memory", "-id"], name="preview_newest")]

    def __str__(self) -> str:
        return f"{self.memory_id} {self.status}"


class EvaluationRun(TenantModel):
    """A judge, by model and prompt, measured on findings whose answer people gave."""

    name = models.CharField(max_length=100)
    model = models.CharField(max_length=200, blank=True, help_text="Blank: rules of thumb.")
    prompt = models.CharField(max_length=100, help_text="The prompt file's name.")
    prompt_version = models.CharField(max_length=64, blank=True)
    status = models.CharField(
        max_length=10, choices=AnalysisStatus.choices, default=AnalysisStatus.WAITING
    )
    judged = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    results = models.JSONField(default=list, help_text="[{finding_id, label, verdict, confidence}]")
    report = models.JSONField(default=dict, help_text="As `evaluate --json` prints it.")
    error = models.CharField(max_length=1000, blank=True)
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    next_attempt_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organization", "-id"], name="evaluation_newest")]

    def __str__(self) -> str:
        return self.name
