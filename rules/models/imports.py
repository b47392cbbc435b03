"""Rules that somebody brought in files, on their way into the library."""

from django.db import models
from django.utils import timezone

from rules.models.policies import Mode, Policy
from rules.models.rules import RuleSource
from tenants.jobs import Job
from tenants.models import User


class RuleImport(Job):
    """Files of rules, what is to become of them, and in the end what became of each rule."""

    person = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    person_label = models.CharField(max_length=200, help_text="Who it was, kept after she left.")
    name = models.CharField(max_length=200, help_text="What was chosen: a file, a folder.")
    source = models.CharField(max_length=20, choices=RuleSource.choices, default=RuleSource.CUSTOM)
    ruleset_name = models.CharField(max_length=200)
    policy = models.ForeignKey(
        Policy, on_delete=models.SET_NULL, null=True, related_name="+", help_text="None: no policy."
    )
    mode = models.CharField(
        max_length=10, choices=Mode.choices, default=Mode.MONITOR, help_text="In the policy."
    )
    files = models.JSONField(
        default=list,
        help_text="`name` and `text` of each rule file, `tests`: texts by name."
        " Emptied at the end.",
    )
    skipped = models.PositiveIntegerField(default=0, help_text="Files that are no rules or tests.")
    total = models.PositiveIntegerField(default=0, help_text="Rules to be tried by the scanner.")
    tried = models.PositiveIntegerField(default=0)
    report = models.JSONField(
        default=dict,
        help_text="`rules.import_reports.LibraryReport` as a mapping; grows while it runs.",
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(Job.Meta):
        indexes = [
            models.Index(fields=["organization", "-created_at"], name="newest_rule_imports"),
        ]

    def __str__(self) -> str:
        return f"import {self.pk} {self.status}"
