"""Installed integrations, and which project's code is reached through which."""

from django.db import models
from django.utils import timezone

from tenants.models import Project, TenantModel


class ConnectionKind(models.TextChoices):
    """Which system a connection leads to."""

    LOCAL_GIT = "local_git", "Local git"


class Connection(TenantModel):
    """An installed integration of one organization."""

    kind = models.CharField(max_length=20, choices=ConnectionKind.choices)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind", "name"], name="connection_name_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"


class RepositoryLink(TenantModel):
    """Where a project's code is: a repository behind a connection."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="repository")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="links")
    location = models.CharField(
        max_length=1000, help_text="In the connection's words; for local git an absolute path."
    )

    class Meta(TenantModel.Meta):
        pass

    def __str__(self) -> str:
        return self.location
