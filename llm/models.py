"""Questions put to models, and what they cost."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from tenants.models import TenantModel, User

LONGEST_RETENTION_DAYS = 182


class Outcome(models.TextChoices):
    """How a call ended."""

    ANSWERED = "answered", "Answered"
    REPAIRED = "repaired", "Answered after one repair"
    REFUSED = "refused", "The model refused"
    INVALID = "invalid", "The answer did not fit the schema"
    TRUNCATED = "truncated", "The answer was cut off"
    TIMEOUT = "timeout", "No answer in time"
    UNAVAILABLE = "unavailable", "The provider could not be reached or failed"
    RATE_LIMITED = "rate_limited", "The provider asked us to wait"
    REJECTED = "rejected", "The provider rejected the request"
    OVER_BUDGET = "over_budget", "The month's budget is used up"


class TextState(models.TextChoices):
    """What became of a call's texts: its prompt, its answer and what was wrong with it."""

    KEPT = "kept", "Kept"
    NEVER_KEPT = "never_kept", "Never kept"
    PURGED = "purged", "Removed after the time set for it"
    DELETED = "deleted", "Deleted by an admin"


class ModelCall(TenantModel):
    """One question put to a model, and what it cost."""

    purpose = models.CharField(max_length=30, help_text="What was asked: `judge`.")
    subject_id = models.BigIntegerField(
        null=True, help_text="The finding's id, where there is one."
    )
    provider = models.CharField(max_length=20)
    model = models.CharField(max_length=200)
    prompt_version = models.CharField(max_length=64, help_text="Hex SHA-256 of the prompt's text.")
    request = models.TextField(blank=True, help_text="The exact prompt, as JSON messages.")
    response = models.TextField(blank=True, help_text="The exact answer.")
    input_tokens = models.PositiveIntegerField(default=0)
    cached_tokens = models.PositiveIntegerField(default=0, help_text="Part of the input tokens.")
    output_tokens = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=10, decimal_places=6, default=Decimal(0))
    duration_ms = models.PositiveIntegerField(help_text="First byte sent to last byte read.")
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    error = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(help_text="When the text of request and answer is removed.")
    text_state = models.CharField(max_length=10, choices=TextState.choices, default=TextState.KEPT)

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=models.Q(cost_usd__gte=0), name="cost_not_negative"),
        ]
        indexes = [
            models.Index(fields=["organization", "-id"], name="modelcall_newest"),
            models.Index(
                fields=["organization", "created_at"],
                include=["cost_usd"],
                condition=models.Q(cost_usd__gt=0),
                name="modelcall_spent",
            ),
            models.Index(
                fields=["organization", "created_at"],
                condition=models.Q(text_state="kept"),
                name="modelcall_texts",
            ),
            models.Index(
                fields=["organization", "subject_id", "-id"],
                condition=models.Q(subject_id__isnull=False),
                name="modelcall_subject",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.model} {self.outcome}"


class ProviderKind(models.TextChoices):
    """Whose model answers."""

    INSTALLATION = "installation", "As this installation is set up"
    OPENAI = "openai", "OpenAI, with our own key"
    AZURE = "azure", "Azure OpenAI"
    COMPATIBLE = "compatible", "A server that speaks OpenAI's chat completions"


class NoiseFilter(models.TextChoices):
    """What becomes of the comment on a finding that was judged a false positive."""

    COMMENT = "comment", "Comment as on any other"
    NOTE = "note", "Comment, and say that it may be safe to ignore"
    HIDE = "hide", "Do not comment"


class LogMode(models.TextChoices):
    """What the model log keeps."""

    FULL = "full", "Prompt, answer and figures"
    METADATA = "metadata", "Figures only"


class LeastConfidence(models.IntegerChoices):
    """The least confidence of a fix that is shown, by the names of findings' confidences."""

    LOW = 1, "Low"
    MEDIUM = 2, "Medium"
    HIGH = 3, "High"


class AssistantSettings(TenantModel):
    """What an organization lets the assistant do; one row, and none means the defaults."""

    is_enabled = models.BooleanField(default=True, help_text="Code may be sent to the model.")
    consented_at = models.DateTimeField(null=True)
    consented_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    consented_host = models.CharField(
        max_length=300, blank=True, help_text="To whom the consent lets code be sent."
    )
    judges = models.BooleanField(default=True)
    judges_in_comments = models.BooleanField(default=True)
    judges_in_slack = models.BooleanField(default=True)
    noise_filter = models.CharField(
        max_length=10, choices=NoiseFilter.choices, default=NoiseFilter.NOTE
    )
    fixes = models.BooleanField(default=True)
    least_fix_confidence = models.PositiveSmallIntegerField(
        choices=LeastConfidence.choices, default=LeastConfidence.LOW
    )
    uses_memories = models.BooleanField(default=True)
    sends_weekly_mail = models.BooleanField(default=True)
    findings_per_scan = models.PositiveIntegerField(
        default=1000, help_text="How many findings of one scan are put to a model."
    )
    monthly_budget_usd = models.DecimalField(
        max_digits=10, decimal_places=2, null=True, help_text="Null: no limit. Months are UTC."
    )
    retention_days = models.PositiveSmallIntegerField(
        default=LONGEST_RETENTION_DAYS,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_RETENTION_DAYS)],
    )
    log_mode = models.CharField(max_length=10, choices=LogMode.choices, default=LogMode.FULL)
    provider = models.CharField(
        max_length=15, choices=ProviderKind.choices, default=ProviderKind.INSTALLATION
    )
    base_url = models.CharField(max_length=1000, blank=True)
    model = models.CharField(max_length=200, blank=True)
    encrypted_api_key = models.TextField(blank=True, help_text="See core/encryption.py.")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization"], name="one_assistant_settings"),
            models.CheckConstraint(
                condition=Q(retention_days__range=(1, LONGEST_RETENTION_DAYS)),
                name="retention_is_bounded",
            ),
        ]

    def __str__(self) -> str:
        return f"assistant of {self.organization_id}"
