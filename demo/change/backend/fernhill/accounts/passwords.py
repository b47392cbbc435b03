"""Store and check the passwords of customers."""

import hashlib
import hmac

from fernhill import database

MINIMUM_LENGTH = 10


class WeakPasswordError(ValueError):
    """The password is too short."""


def digest_of(password: str, salt: str) -> str:
    digest = hashlib.scrypt(password.encode(), salt=salt.encode(), n=2**14, r=8, p=1)
    return digest.hex()


def set_password(customer_id: int, password: str, salt: str) -> None:
    if len(password) < MINIMUM_LENGTH:
        raise WeakPasswordError(f"Passwords have at least {MINIMUM_LENGTH} characters.")
    database.change(
        "UPDATE customers SET password_digest = ?, password_salt = ? WHERE id = ?",
        (digest_of(password, salt), salt, customer_id),
    )


def matches(customer: dict[str, object], password: str) -> bool:
    salt = str(customer["password_salt"])
    return hmac.compare_digest(digest_of(password, salt), str(customer["password_digest"]))
