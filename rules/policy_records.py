"""The policy that is being changed, and the event that tells of it."""

from collections.abc import Mapping
from typing import Any

from core.errors import NotFoundError
from rules.models import Policy
from rules.storing import lock_library
from tenants.audit import Actor, record_audit_event

# An audit event names so many of the rules that changed.
NAMED_IN_AUDIT = 50


def locked_policy(policy_id: int) -> Policy:
    """Return a policy that nobody else changes meanwhile; raise NotFoundError for a stranger's."""
    lock_library()
    policy: Policy | None = Policy.objects.filter(id=policy_id).first()
    if policy is None:
        raise NotFoundError("There is no such policy in this organization.")
    return policy


def record(
    policy: Policy,
    actor: Actor,
    action: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write the change down; `policy_id` is what the policy's log is read by."""
    record_audit_event(
        actor=actor,
        action=action,
        object_label=policy.name,
        before=before,
        after={**(after or {}), "policy_id": policy.pk},
    )
