"""Policies: what a match leads to, and for whose projects."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from rules.models.rules import Rule, Ruleset
from tenants.models import TenantModel


class Mode(models.TextChoices):
    """What a match of a rule leads to."""

    MONITOR = "monitor", "Monitor"
    COMMENT = "comment", "Comment"
    BLOCK = "block", "Block"
    DISABLED = "disabled", "Disabled"


class Policy(TenantModel):
    """A named set of rules with their modes, for all projects or those with one of its tags."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=63)
    is_default = models.BooleanField(default=False)
    tags = ArrayField(
        models.CharField(max_length=100), default=list, blank=True, help_text="None: all projects."
    )
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
    """The mode of one rule in one policy, whatever its rulesets say there."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="entries")
    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="entries")
    mode = models.CharField(max_length=10, choices=Mode.choices)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.CharField(max_length=200, blank=True, help_text="Blank: nobody knows.")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["policy", "rule"], name="rule_once_in_policy"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.mode}"


class PolicyRuleset(TenantModel):
    """The mode of a ruleset's rules in one policy, of those without a mode of their own there."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="ruleset_entries")
    ruleset = models.ForeignKey(Ruleset, on_delete=models.CASCADE, related_name="policy_entries")
    mode = models.CharField(max_length=10, choices=Mode.choices)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.CharField(max_length=200, blank=True, help_text="Blank: nobody knows.")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["policy", "ruleset"], name="ruleset_once_in_policy"),
        ]

    def __str__(self) -> str:
        return f"{self.ruleset_id} {self.mode}"
