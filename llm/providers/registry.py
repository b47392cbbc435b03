"""Which provider serves which word of the setting ASSISTANT_PROVIDER."""

from collections.abc import Callable

from django.conf import settings

from llm.providers import openai
from llm.providers.base import Provider
from llm.providers.offline import OfflineProvider

PROVIDERS: dict[str, Callable[[], Provider]] = {
    "offline": OfflineProvider,
    "openai": openai.from_settings,
}


def current_provider() -> Provider:
    """Return the provider that the settings name."""
    return PROVIDERS[settings.ASSISTANT_PROVIDER]()
