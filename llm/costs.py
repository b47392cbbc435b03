"""What a call costs, from the settings' prices and the tokens it used."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from llm.providers.base import Usage

TOKENS_PER_PRICE = 1_000_000
SMALLEST = Decimal("0.000001")
# The column's width; a bill of this size is a wrong price, and still must not lose the row.
LARGEST = Decimal("9999.999999")
PRICE_SETTINGS = (
    "ASSISTANT_INPUT_PRICE_USD",
    "ASSISTANT_CACHED_PRICE_USD",
    "ASSISTANT_OUTPUT_PRICE_USD",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """US dollars for a million tokens."""

    input_usd: Decimal
    cached_usd: Decimal
    output_usd: Decimal


def read_price(name: str) -> Decimal:
    """Return one price; raise ImproperlyConfigured, naming the setting, if it is none."""
    try:
        price = Decimal(str(getattr(settings, name)))
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or price < 0:
        raise ImproperlyConfigured(
            f"{name} must be dollars for a million tokens, as a number like 0.25."
        )
    return price


def prices() -> Prices:
    """Return the prices of the settings."""
    input_usd, cached_usd, output_usd = map(read_price, PRICE_SETTINGS)
    return Prices(input_usd=input_usd, cached_usd=cached_usd, output_usd=output_usd)


def are_prices_set() -> bool:
    """Return whether costs are known: without prices every call would seem to cost nothing."""
    known = prices()
    return any((known.input_usd, known.cached_usd, known.output_usd))


def cost_of(usage: Usage, prices: Prices) -> Decimal:
    """Return the cost in US dollars, to the millionth."""
    fresh_tokens = max(usage.input_tokens - usage.cached_tokens, 0)
    total = (
        fresh_tokens * prices.input_usd
        + usage.cached_tokens * prices.cached_usd
        + usage.output_tokens * prices.output_usd
    ) / TOKENS_PER_PRICE
    return min(total, LARGEST).quantize(SMALLEST)
