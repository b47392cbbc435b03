"""The remediation app."""

from django.apps import AppConfig


class RemediationConfig(AppConfig):
    """Names the app."""

    name = "remediation"
