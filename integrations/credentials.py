"""What connections sign in with: stored encrypted, and never part of a text that is shown."""

import json
from collections.abc import Mapping

from core.encryption import decrypt, encrypt


def lock_away(credentials: Mapping[str, str]) -> str:
    """Return credentials as they are stored."""
    return encrypt(json.dumps(dict(credentials), sort_keys=True))


def unlock(encrypted: str) -> dict[str, str]:
    """Return stored credentials; none where nothing is stored.

    Raises CredentialUnreadableError where no key fits.
    """
    return dict(json.loads(decrypt(encrypted))) if encrypted else {}
