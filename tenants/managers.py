"""Managers that show the rows of the organization in scope and no others."""

from typing import TypeVar

from django.db import models

from tenants.scope import current_organization_id

Row = TypeVar("Row", bound=models.Model)


class TenantManager(models.Manager[Row]):
    """Shows the rows of the organization in scope; raises NoScopeError without one."""

    def get_queryset(self) -> models.QuerySet[Row]:
        """Return the rows of the organization in scope."""
        return super().get_queryset().filter(organization_id=current_organization_id())


class UnscopedManager(models.Manager[Row]):
    """Filters nothing: what it shows, row-level security decides alone."""
