"""The llm app."""

from django.apps import AppConfig


class LlmConfig(AppConfig):
    """Names the app, and registers its start-up checks."""

    name = "llm"

    def ready(self) -> None:
        """Load the checks."""
        from llm import checks  # noqa: F401, PLC0415 registers itself
