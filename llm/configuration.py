"""What the organization in scope lets the assistant do."""

from llm.models import AssistantSettings


def assistant_settings() -> AssistantSettings:
    """Return the organization's settings; the defaults, unsaved, where it has set nothing."""
    return AssistantSettings.objects.first() or AssistantSettings()
