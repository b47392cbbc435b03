"""The rules app."""

from django.apps import AppConfig


class RulesConfig(AppConfig):
    """Names the app."""

    name = "rules"
