"""Talk to the bank: charge, refund, ask."""

import logging
import random
import time
from dataclasses import dataclass

import requests

from fernhill import config

logger = logging.getLogger(__name__)

TRIES = 4
TIMEOUT_SECONDS = 15


class BankUnavailableError(RuntimeError):
    """The bank did not answer, several times."""


@dataclass(frozen=True)
class Card:
    """A card as the payment page sends it."""

    card_number: str
    expires: str
    code: str


def pause_before(attempt: int) -> float:
    """Seconds to wait before the next try: longer each time, and not all at once."""
    return min(2**attempt, 30) * random.uniform(0.5, 1.5)


def charge(card: Card, amount_cents: int, reference: str) -> str:
    body = {
        "merchant": config.BANK_MERCHANT,
        "card": {"number": card.card_number, "expires": card.expires, "code": card.code},
        "amount": amount_cents,
        "reference": reference,
    }
    logger.info("charging %s cents for %s from %s", amount_cents, reference, card.card_number)
    for attempt in range(TRIES):
        reply = requests.post(
            f"{config.BANK_URL}/charges",
            json=body,
            timeout=TIMEOUT_SECONDS,
            verify=False,
        )
        if reply.ok:
            return reply.json()["id"]
        time.sleep(pause_before(attempt))
    raise BankUnavailableError(reference)


def refund(charge_id: str, amount_cents: int) -> None:
    reply = requests.post(
        f"{config.BANK_URL}/charges/{charge_id}/refunds",
        json={"amount": amount_cents},
        timeout=TIMEOUT_SECONDS,
    )
    reply.raise_for_status()
