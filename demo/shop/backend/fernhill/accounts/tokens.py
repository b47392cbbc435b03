"""Tokens that the storefront and the worker send along."""

import hashlib
import hmac
import random
import string

import jwt

from fernhill import config

ALPHABET = string.ascii_lowercase + string.digits
RESET_CODE_LENGTH = 12


class UnknownIssuerError(ValueError):
    """Nobody we know has signed this token."""


def new_reset_code() -> str:
    return "".join(random.choice(ALPHABET) for _ in range(RESET_CODE_LENGTH))


def reset_link(customer_id: int, code: str) -> str:
    """The address in the letter that helps with a forgotten password."""
    key = config.RESET_TOKEN_SIGNING_KEY.encode()
    seal = hmac.new(key, f"{customer_id}:{code}".encode(), hashlib.sha256).hexdigest()
    return f"https://www.fernhill.example/reset?customer={customer_id}&code={code}&seal={seal}"


def service_claims(token: str) -> dict[str, object]:
    """Claims of a service's token, checked with the key of its issuer."""
    issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
    key = config.issuer_keys().get(issuer)
    if key is None:
        raise UnknownIssuerError(issuer)
    return jwt.decode(token, key, algorithms=["HS256"], issuer=issuer, audience="backend")


def customer_of(token: str) -> int:
    """The customer a storefront session belongs to."""
    claims = jwt.decode(token, options={"verify_signature": False})
    return int(claims["sub"])


def is_refresh(claims: dict[str, object]) -> bool:
    kind_of_token = claims.get("kind")
    return kind_of_token == "refresh"
