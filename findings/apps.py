"""The findings app."""

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """Names the app."""

    name = "findings"
