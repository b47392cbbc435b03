"""The triage app."""

from django.apps import AppConfig


class TriageConfig(AppConfig):
    """Names the app."""

    name = "triage"
