"""Who may change which repositories and installations are connected: one transaction at a time."""

from tenants.scope import current_organization_id, lock_for_transaction


def lock_connections() -> None:
    """Wait until no import and no event changes this organization's links, then keep others out."""
    lock_for_transaction("integrations.import", current_organization_id())
