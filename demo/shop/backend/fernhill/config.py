"""Settings, from the environment where they differ from place to place."""

import os
from pathlib import Path

PORT = int(os.environ.get("FERNHILL_PORT", "5000"))
DATABASE = os.environ.get("FERNHILL_DATABASE", "fernhill.db")
STORAGE = Path(os.environ.get("FERNHILL_STORAGE", "/srv/fernhill"))
INVOICES = STORAGE / "invoices"
PICTURES = STORAGE / "pictures"
EXPORTS = STORAGE / "exports"

BANK_URL = os.environ.get("FERNHILL_BANK_URL", "https://payments.bank.example/v2")
BANK_MERCHANT = os.environ.get("FERNHILL_BANK_MERCHANT", "fernhill-office")

RESET_TOKEN_SIGNING_KEY = "fernhill-fernhill-1"
CSRF_TOKEN_HEADER = "X-Fernhill-Csrf"
PASSWORD_FORM_FIELD = "customer_password"


def session_key() -> str:
    return os.environ["FERNHILL_SESSION_KEY"]


def webhook_key() -> bytes:
    return os.environ["FERNHILL_WEBHOOK_KEY"].encode()


def issuer_keys() -> dict[str, str]:
    """Keys of the services whose tokens we accept, by issuer."""
    return {
        "storefront": os.environ["FERNHILL_STOREFRONT_KEY"],
        "worker": os.environ["FERNHILL_WORKER_KEY"],
    }
