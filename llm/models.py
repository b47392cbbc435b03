"""Questions put to models, and what they cost."""

from decimal import Decimal

from django.db import models
from django.utils import timezone

from tenants.models import TenantModel


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

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=models.Q(cost_usd__gte=0), name="cost_not_negative"),
        ]
        indexes = [models.Index(fields=["organization", "-id"], name="modelcall_newest")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.model} {self.outcome}"
