"""Credentials at rest: encrypted with the newest of several keys, readable with any of them.

The keys are those of the setting CREDENTIAL_KEYS, newest first, then those of the file
`credential_keys` in DATA_DIR, one a line. Where there is none at all, the file is made at the first
use. The command `rotate_credentials` brings what is stored under the newest key, after which older
ones may be dropped.
"""

import base64
import contextlib
import os
import re
import secrets
from http import HTTPStatus
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from core.errors import ProblemError

KEY_FILE = "credential_keys"
_HEX_KEY = re.compile(r"[0-9a-fA-F]{64}")


class CredentialUnreadableError(ProblemError):
    """A stored credential fits none of the keys."""

    code = "credential_unreadable"
    status = HTTPStatus.INTERNAL_SERVER_ERROR


def encrypt(text: str) -> str:
    """Return `text` under the newest key; the same text gives another result each time."""
    return _keys().encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    """Return what was encrypted. Raises CredentialUnreadableError where no key fits."""
    keys = _keys()
    try:
        return keys.decrypt(text.encode()).decode()
    except InvalidToken as error:
        detail = (
            "A stored credential cannot be read: none of the keys in CREDENTIAL_KEYS or in the key"
            " file fits. Put the old key back, or enter the credential anew."
        )
        raise CredentialUnreadableError(detail) from error


def rotate(text: str) -> str:
    """Return the same secret under the newest key. Raises CredentialUnreadableError."""
    return encrypt(decrypt(text))


def check_keys() -> None:
    """Raise ImproperlyConfigured where CREDENTIAL_KEYS holds what is no key; makes no file."""
    for text in settings.CREDENTIAL_KEYS:
        _fernet(text)


def add_key_to_file() -> Path:
    """Put a new key at the top of the key file, and return the file's path.

    What was encrypted before stays readable.
    """
    path = _key_file()
    before = path.read_text() if path.exists() else ""
    _write(path, f"{Fernet.generate_key().decode()}\n{before}")
    return path


def _keys() -> MultiFernet:
    """Return the keys as they are now: a rotation needs no restart to be seen."""
    if not settings.CREDENTIAL_KEYS and not _key_file().exists():
        _make_key_file(_key_file())
    lines = _key_file().read_text().split() if _key_file().exists() else []
    return MultiFernet([_fernet(text) for text in [*settings.CREDENTIAL_KEYS, *lines]])


def _fernet(key: str) -> Fernet:
    try:
        if _HEX_KEY.fullmatch(key):
            return Fernet(base64.urlsafe_b64encode(bytes.fromhex(key)))
        return Fernet(key)
    except ValueError as error:
        raise ImproperlyConfigured(
            "CREDENTIAL_KEYS must hold keys of 32 random bytes, in hexadecimal or in URL-safe"
            " Base64; make one with `openssl rand -hex 32`."
        ) from error


def _key_file() -> Path:
    path: Path = settings.DATA_DIR / KEY_FILE
    return path


def _make_key_file(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.first.{secrets.token_hex(8)}")
    _write(draft, f"{Fernet.generate_key().decode()}\n")
    # Of two processes at the same moment, the first to link wins, and both read its key.
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _write(path: Path, text: str) -> None:
    """Write a file that only we may read, whole or not at all."""
    draft = path.with_name(f"{path.name}.draft.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(path)
