"""What an organization is called, and by whose clock its day begins."""

from zoneinfo import available_timezones

from django.db import transaction

from tenants.audit import Actor, record_audit_event
from tenants.models import Organization

_REGIONS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


def time_zones() -> list[str]:
    """Return the names of IANA's zones that an organization may choose, UTC first."""
    return ["UTC", *sorted(name for name in available_timezones() if name.startswith(_REGIONS))]


@transaction.atomic
def change_organization(
    *, organization_id: int, name: str, time_zone: str, actor: Actor
) -> Organization:
    """Store what an organization is called and its time zone, and who changed it.

    What waits for the end of quiet hours keeps the moment that it waits for.
    """
    row = Organization.objects.select_for_update().get(id=organization_id)
    before = {"name": row.name, "time_zone": row.time_zone}
    after = {"name": name, "time_zone": time_zone}
    if before != after:
        row.name, row.time_zone = name, time_zone
        row.save(update_fields=["name", "time_zone"])
        record_audit_event(
            actor=actor,
            action="organization.changed",
            object_label=row.slug,
            before=before,
            after=after,
        )
    return row
