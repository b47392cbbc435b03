"""The tenants app."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Connects new database sessions to the scope that is open."""

    name = "tenants"

    def ready(self) -> None:
        """Listen for new database connections."""
        from tenants.scope import listen_for_connections  # noqa: PLC0415 apps must be loaded first

        listen_for_connections()
