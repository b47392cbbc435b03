"""Who somebody in Slack is here, and what she may do; others are told how to link."""

from dataclasses import dataclass
from datetime import datetime

from core.errors import PermissionRefusedError
from integrations.models import SlackWorkspace
from integrations.slack_accounts import link_url, member_of
from tenants.audit import Actor
from tenants.models import Door, Membership
from tenants.permissions import Permission, may


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who acts in Slack."""

    workspace: SlackWorkspace
    user_id: str
    user_name: str


def allowed(person: Person, permission: Permission, *, now: datetime) -> Membership:
    """Return the member that a person in Slack is, if she may.

    Raises PermissionRefusedError whose sentence says how to link, or what role she lacks.
    """
    member = member_of(workspace=person.workspace, slack_user_id=person.user_id)
    if member is None:
        url = link_url(
            workspace=person.workspace,
            slack_user_id=person.user_id,
            name=person.user_name,
            now=now,
        )
        raise PermissionRefusedError(
            f"We do not know yet who you are. Link your account, then try again: {url}"
        )
    if not may(member, permission):
        raise PermissionRefusedError(
            f"Your role ({member.get_role_display()}) may not {permission.value}; ask an admin of"
            " your organization."
        )
    return member


def actor_of(member: Membership) -> Actor:
    """Return the member as one who acts in Slack."""
    return Actor.person(member.user, door=Door.SLACK)
