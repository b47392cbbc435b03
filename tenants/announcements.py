"""announce(): say what happened, once the transaction that did it has committed."""

import functools
from typing import Any

from django.db import transaction
from django.dispatch import Signal

from tenants.scope import current_organization_id, organization_scope


def announce(signal: Signal, **ids: Any) -> None:
    """Send `signal` with the organization in scope, after commit; receivers get ids, not rows."""
    organization_id = current_organization_id()
    transaction.on_commit(functools.partial(_send, signal, organization_id, ids))


def _send(signal: Signal, organization_id: int, ids: dict[str, Any]) -> None:
    with organization_scope(organization_id):
        signal.send(sender=None, organization_id=organization_id, **ids)
