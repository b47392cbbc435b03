"""The console app."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Names the app."""

    name = "console"
