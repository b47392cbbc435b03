"""Rules in all their versions, and the sets that hold them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from tenants.models import Door, TenantModel, User


class RuleSource(models.TextChoices):
    """Where a rule came from."""

    CUSTOM = "custom", "Custom"
    SHIPPED = "shipped", "Shipped"
    COMMUNITY = "community", "Community"


class Rule(TenantModel):
    """A rule as the scanner gets it; its text and its test are those of its newest version."""

    path = models.CharField(max_length=400, help_text="The rule's id in reports.")
    definition = models.JSONField(help_text="The rule as a mapping; valid Semgrep when served.")
    content_hash = models.CharField(max_length=64, help_text="Hex SHA-256 of the definition.")
    languages = ArrayField(models.CharField(max_length=40), default=list)
    severity = models.CharField(max_length=20, help_text="The rule's own word: ERROR, HIGH …")
    source = models.CharField(max_length=20, choices=RuleSource.choices, default=RuleSource.CUSTOM)
    text = models.TextField(
        blank=True, help_text="YAML as people wrote it; blank: the definition, written out."
    )
    test_code = models.TextField(
        blank=True, help_text="Code in the rule's language with `ruleid:` and `ok:` comments."
    )
    version = models.PositiveIntegerField(default=1, help_text="The newest of its versions.")
    forked_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    deleted_at = models.DateTimeField(
        null=True, help_text="Set: in no policy and not in the library; may be restored."
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "path"], name="rule_path_unique"),
        ]

    def __str__(self) -> str:
        return self.path


class RuleVersion(TenantModel):
    """A rule as it was saved once; written when the rule changes, and never changed."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(help_text="From 1, without gaps.")
    text = models.TextField(blank=True)
    definition = models.JSONField()
    test_code = models.TextField(blank=True)
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    author_label = models.CharField(max_length=200, help_text="Who it was, kept after she left.")
    door = models.CharField(max_length=20, choices=Door.choices)
    note = models.CharField(max_length=500, blank=True, help_text="What changed, for people.")
    at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="rule_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} version {self.number}"


class Ruleset(TenantModel):
    """Rules that are switched together: the shipped pack, an import, a choice of somebody's."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=63)
    source = models.CharField(max_length=20, choices=RuleSource.choices, default=RuleSource.CUSTOM)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "slug"], name="ruleset_slug_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class RulesetRule(TenantModel):
    """A rule in a ruleset."""

    ruleset = models.ForeignKey(Ruleset, on_delete=models.CASCADE, related_name="entries")
    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="ruleset_entries")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["ruleset", "rule"], name="rule_once_in_ruleset"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} in {self.ruleset_id}"
