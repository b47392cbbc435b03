"""Pull and merge requests, as the code host and the scans tell of them."""

from django.db import models
from django.utils import timezone

from tenants.models import Project, TenantModel


class ChangeRequestState(models.TextChoices):
    """What became of a change request."""

    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"
    MERGED = "merged", "Merged"


class ChangeRequest(TenantModel):
    """A pull or merge request of a project. Its title and people never enter a prompt."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="change_requests")
    number = models.PositiveIntegerField(help_text="The code host's; GitLab's iid.")
    state = models.CharField(
        max_length=10, choices=ChangeRequestState.choices, default=ChangeRequestState.OPEN
    )
    title = models.CharField(max_length=500, blank=True)
    author = models.CharField(max_length=200, blank=True)
    url = models.CharField(max_length=1000, blank=True)
    head_ref = models.CharField(max_length=400, blank=True)
    base_ref = models.CharField(max_length=400, blank=True)
    head_commit = models.CharField(max_length=64, blank=True)
    is_from_fork = models.BooleanField(default=False)
    changed_at = models.DateTimeField(
        null=True, help_text="By the code host's clock; an older event changes nothing."
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="change_request_unique"),
        ]
        indexes = [models.Index(fields=["organization", "-id"], name="change_request_newest")]

    def __str__(self) -> str:
        return f"{self.project_id}#{self.number}"

    @property
    def heading(self) -> str:
        """What pages call it: its title, or its number where no title is known."""
        return self.title or f"Change request {self.number}"
