"""The llm app."""

from django.apps import AppConfig


class LlmConfig(AppConfig):
    """Names the app."""

    name = "llm"
