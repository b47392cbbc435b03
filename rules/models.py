"""Rules, and the policies that say what a match leads to."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from tenants.models import TenantModel


class RuleSource(models.TextChoices):
    """Where a rule came from."""

    CUSTOM = "custom", "Custom"
    COMMUNITY = "community", "Community"


class Mode(models.TextChoices):
    """What a match of a rule leads to."""

    MONITOR = "monitor", "Monitor"
    COMMENT = "comment", "Comment"
    BLOCK = "block", "Block"
    DISABLED = "disabled", "Disabled"


class Rule(TenantModel):
    """A rule as the scanner gets it."""

    path = models.CharField(max_length=400, help_text="The rule's id in reports.")
    definition = models.JSONField(help_text="The rule as a mapping; valid Semgrep when served.")
    content_hash = models.CharField(max_length=64, help_text="Hex SHA-256 of the definition.")
    languages = ArrayField(models.CharField(max_length=40), default=list)
    severity = models.CharField(max_length=20, help_text="The rule's own word: ERROR, HIGH …")
    source = models.CharField(max_length=20, choices=RuleSource.choices, default=RuleSource.CUSTOM)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "path"], name="rule_path_unique"),
        ]

    def __str__(self) -> str:
        return self.path


class Policy(TenantModel):
    """A named set of rules with their modes."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=63)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "slug"], name="policy_slug_unique"),
            models.UniqueConstraint(
                fields=["organization"],
                condition=models.Q(is_default=True),
                name="one_default_policy",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PolicyRule(TenantModel):
    """The mode of one rule in one policy."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="entries")
    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="entries")
    mode = models.CharField(max_length=10, choices=Mode.choices)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["policy", "rule"], name="rule_once_in_policy"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.mode}"
