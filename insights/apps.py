"""The insights app."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """Names the app."""

    name = "insights"
