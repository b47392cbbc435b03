"""What a call costs."""

from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured

from llm.checks import check_model_settings
from llm.costs import LARGEST, Prices, cost_of, prices
from llm.providers.base import Usage

PRICES = Prices(input_usd=Decimal("2.50"), cached_usd=Decimal("0.25"), output_usd=Decimal(10))


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        (Usage(), "0.000000"),
        (Usage(input_tokens=1_000_000), "2.500000"),
        (Usage(input_tokens=1_000_000, cached_tokens=1_000_000), "0.250000"),
        (Usage(input_tokens=1000, cached_tokens=400, output_tokens=100), "0.002600"),
        (Usage(output_tokens=1), "0.000010"),
        (Usage(input_tokens=1, cached_tokens=5), "0.000001"),
    ],
)
def test_a_cost_is_the_tokens_times_their_prices(usage, cost):
    assert str(cost_of(usage, PRICES)) == cost


def test_a_cost_fits_its_column():
    dear = Prices(input_usd=Decimal(10) ** 9, cached_usd=Decimal(0), output_usd=Decimal(0))

    assert cost_of(Usage(input_tokens=2_147_483_647), dear) == LARGEST


def test_prices_come_from_the_settings(settings):
    settings.ASSISTANT_INPUT_PRICE_USD = "2.50"
    settings.ASSISTANT_CACHED_PRICE_USD = "0.25"
    settings.ASSISTANT_OUTPUT_PRICE_USD = "10"

    assert prices() == PRICES
    assert check_model_settings() == []


@pytest.mark.parametrize("text", ["free", "", "-1", "nan", "inf", "1,5"])
def test_a_price_that_is_none_is_named(settings, text):
    settings.ASSISTANT_OUTPUT_PRICE_USD = text

    with pytest.raises(ImproperlyConfigured, match="ASSISTANT_OUTPUT_PRICE_USD must be dollars"):
        prices()

    assert [problem.id for problem in check_model_settings()] == ["llm.E001"]


@pytest.mark.parametrize(
    "url", ["models.example/v1", "ftp://models.example", "http://", "http://[x"]
)
def test_an_address_that_is_no_web_address_is_reported(settings, url):
    settings.OPENAI_BASE_URL = url

    assert [problem.id for problem in check_model_settings()] == ["llm.E002"]
