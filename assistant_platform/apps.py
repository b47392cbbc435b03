"""The project package as an app: it brings the start-up checks."""

from django.apps import AppConfig


class AssistantPlatformConfig(AppConfig):
    """Registers the start-up checks."""

    name = "assistant_platform"

    def ready(self) -> None:
        """Import the checks, which register themselves."""
        from assistant_platform import checks  # noqa: F401, PLC0415 apps must be loaded first
