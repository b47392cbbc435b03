"""Stored keys of providers, brought under the newest key for credentials."""

from django.db import transaction

from core.encryption import rotate
from llm.models import AssistantSettings


@transaction.atomic
def rotate_api_key() -> int:
    """Encrypt the organization's key anew; return how many keys there were.

    Raises CredentialUnreadableError.
    """
    rows = AssistantSettings.objects.select_for_update().exclude(encrypted_api_key="")
    count = 0
    for row in rows:
        row.encrypted_api_key = rotate(row.encrypted_api_key)
        row.save(update_fields=["encrypted_api_key"])
        count += 1
    return count
