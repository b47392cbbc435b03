"""What people try in the editor: runs of a rule on its test code, and rules drafted by a model."""

from django.db import models
from django.utils import timezone

from tenants.jobs import Job
from tenants.models import User


class RuleTrial(Job):
    """One press on *Run*: a rule and its test code, run by the scanner in its sandbox."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(help_text="The YAML of the editor's pane.")
    test_code = models.TextField(blank=True)
    result = models.JSONField(
        default=dict, help_text="`rules.trials.TrialResult` as a mapping; empty until it ended."
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(Job.Meta):
        indexes = [
            models.Index(
                fields=["organization", "person", "-created_at"],
                name="trials_of_person",
            ),
        ]

    def __str__(self) -> str:
        return f"trial {self.pk} {self.status}"


class RuleDraft(Job):
    """A rule that a model writes from a prompt, in rounds, until its tests pass."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    language = models.CharField(max_length=40)
    prompt = models.TextField()
    bad_code = models.TextField(blank=True, help_text="What the rule shall find.")
    good_code = models.TextField(blank=True, help_text="What it shall not find.")
    rounds = models.JSONField(
        default=list,
        help_text="Of each round: `text`, `test_code`, `problem`, `result` as of a trial,"
        " `is_green`, `cost_usd` as text. Grows while the draft runs.",
    )
    best_round = models.PositiveSmallIntegerField(
        null=True, help_text="1-based: the green one, else the one that failed least."
    )
    is_green = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(Job.Meta):
        indexes = [
            models.Index(
                fields=["organization", "person", "-created_at"],
                name="drafts_of_person",
            ),
        ]

    def __str__(self) -> str:
        return f"draft {self.pk} {self.status}"
