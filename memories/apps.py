"""The memories app."""

from django.apps import AppConfig


class MemoriesConfig(AppConfig):
    """Names the app."""

    name = "memories"
