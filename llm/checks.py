"""Start-up checks of the model's settings."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from core.encryption import check_keys
from llm.costs import PRICE_SETTINGS, read_price


@register
def check_model_settings(**_options: Any) -> list[CheckMessage]:
    """Report prices that are no numbers, an address that is none, and keys that are none."""
    problems: list[CheckMessage] = []
    for name in PRICE_SETTINGS:
        try:
            read_price(name)
        except ImproperlyConfigured as error:
            problems.append(Error(str(error), id="llm.E001"))
    if settings.OPENAI_BASE_URL and not _is_web_address(settings.OPENAI_BASE_URL):
        hint = "Set it to an address like https://models.example/v1."
        problems.append(Error("OPENAI_BASE_URL is no web address.", hint=hint, id="llm.E002"))
    try:
        check_keys()
    except ImproperlyConfigured as error:
        problems.append(Error(str(error), id="llm.E003"))
    return problems


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
