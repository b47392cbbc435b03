"""What the page Settings, Assistant says beside its fields."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from core.encryption import CredentialUnreadableError, decrypt
from llm.budgets import spent_this_month, start_of_month
from llm.costs import Prices, are_prices_set, prices
from llm.models import AssistantSettings, ProviderKind
from llm.providers.targets import host_of
from llm.services import destination_of

# A short key is not shown in part: four of its signs would be too much of it.
SHORTEST_KEY_TO_HINT = 16
HINTED_CHARACTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """The facts of the page; `used_ratio` is None without a budget."""

    installation_model: str
    installation_host: str
    own_host: str
    destination: str
    key_hint: str
    is_key_unreadable: bool
    spent_usd: Decimal
    used_ratio: float | None
    month: datetime
    prices: Prices
    has_prices: bool
    stored: AssistantSettings


def page_facts(stored: AssistantSettings, *, now: datetime) -> PageFacts:
    """Return what the page says of an organization's settings."""
    spent = spent_this_month(now)
    budget = stored.monthly_budget_usd
    hint, is_unreadable = _key_hint(stored)
    is_offline = settings.ASSISTANT_PROVIDER == "offline"
    return PageFacts(
        installation_model="" if is_offline else settings.ASSISTANT_MODEL,
        installation_host="" if is_offline else host_of(settings.OPENAI_BASE_URL),
        own_host=host_of(stored.base_url) if stored.encrypted_api_key else "",
        destination=destination_of(stored) if is_sending(stored) else "",
        key_hint=hint,
        is_key_unreadable=is_unreadable,
        spent_usd=spent,
        used_ratio=min(float(spent / budget), 1.0) if budget else None,
        month=start_of_month(now),
        prices=prices(),
        has_prices=are_prices_set(),
        stored=stored,
    )


def is_sending(stored: AssistantSettings) -> bool:
    """Say whether code leaves for a model with these settings."""
    if not stored.is_enabled or not destination_of(stored):
        return False
    return stored.provider == ProviderKind.INSTALLATION or stored.consented_at is not None


def _key_hint(stored: AssistantSettings) -> tuple[str, bool]:
    """Return the last signs of the stored key, and whether it cannot be read."""
    if not stored.encrypted_api_key:
        return "", False
    try:
        key = decrypt(stored.encrypted_api_key)
    except CredentialUnreadableError:
        return "", True
    return (key[-HINTED_CHARACTERS:] if len(key) >= SHORTEST_KEY_TO_HINT else ""), False
