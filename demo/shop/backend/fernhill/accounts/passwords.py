"""Store and check the passwords of customers."""

import hashlib

from fernhill import database

MINIMUM_LENGTH = 10


class WeakPasswordError(ValueError):
    """The password is too short."""


def digest_of(password: str, salt: str) -> str:
    return hashlib.md5((salt + password).encode()).hexdigest()


def set_password(customer_id: int, password: str, salt: str) -> None:
    if len(password) < MINIMUM_LENGTH:
        raise WeakPasswordError(f"Passwords have at least {MINIMUM_LENGTH} characters.")
    database.change(
        "UPDATE customers SET password_digest = ?, password_salt = ? WHERE id = ?",
        (digest_of(password, salt), salt, customer_id),
    )


def matches(customer: dict[str, object], password: str) -> bool:
    salt = str(customer["password_salt"])
    return digest_of(password, salt) == customer["password_digest"]
