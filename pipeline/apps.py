"""The pipeline app."""

from django.apps import AppConfig


class PipelineConfig(AppConfig):
    """Connects the receivers."""

    name = "pipeline"

    def ready(self) -> None:
        """Import the receivers, which connect themselves."""
        from pipeline import receivers  # noqa: F401, PLC0415 apps must be loaded first
