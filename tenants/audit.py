"""Who did what, when and through which door; append-only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tenants.models import AuditEvent, Door, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, and through which door; `user` is None for tokens and for the platform itself."""

    door: Door
    label: str
    user: User | None = None

    @classmethod
    def person(cls, user: User, door: Door = Door.PAGE) -> "Actor":
        """Return the actor that a signed-in person is."""
        return cls(door=door, label=str(user), user=user)

    @classmethod
    def platform(cls) -> "Actor":
        """Return the actor for what the platform does by itself."""
        return cls(door=Door.PLATFORM, label="Platform")


def record_audit_event(
    *,
    actor: Actor,
    action: str,
    object_label: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Write down one act in the organization in scope; never pass it a secret."""
    event: AuditEvent = AuditEvent.objects.create(
        actor=actor.user,
        actor_label=actor.label[:200],
        door=actor.door,
        action=action,
        object_label=object_label[:400],
        before=dict(before or {}),
        after=dict(after or {}),
    )
    return event
