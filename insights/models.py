"""What we recommend to do, week by week."""

from django.db import models
from django.utils import timezone

from findings.models import Finding, Product
from tenants.jobs import Job
from tenants.models import Project, TenantModel


class RecommendedTask(TenantModel):
    """One of the week's tasks: findings that one remedy closes; stays what it is all week."""

    week = models.DateField(help_text="Its Monday, in the organization's time zone.")
    rank = models.PositiveSmallIntegerField(help_text="1: the first.")
    key = models.CharField(
        max_length=200, help_text="What bundles its findings: a rule in a folder, a dependency."
    )
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tasks")
    product = models.CharField(max_length=10, choices=Product.choices)
    title = models.CharField(max_length=200)
    rationale = models.CharField(max_length=500, help_text="Impact and effort, in words.")
    score = models.FloatField(help_text="See insights/priorities.py.")
    findings = models.ManyToManyField(Finding, through="TaskFinding", related_name="tasks")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "week", "rank"], name="task_rank_once_a_week"
            ),
            models.UniqueConstraint(
                fields=["organization", "week", "project", "key"], name="task_once_a_week"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class TaskFinding(TenantModel):
    """A finding that a task closes."""

    task = models.ForeignKey(RecommendedTask, on_delete=models.CASCADE, related_name="members")
    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["task", "finding"], name="task_finding_once"),
        ]

    def __str__(self) -> str:
        return f"{self.finding_id} of {self.task_id}"


class TaskChoice(Job):
    """That the free places among the week's tasks are to be filled; one row an organization."""

    class Meta(Job.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization"], name="one_choice_an_organization"),
        ]

    def __str__(self) -> str:
        return f"choice {self.status}"
