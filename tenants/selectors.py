"""Reading organizations and memberships."""

from tenants.models import Membership, User
from tenants.scope import database_setting


def memberships_of(user: User) -> list[Membership]:
    """Return a person's memberships with their organizations, by name; needs no scope."""
    with database_setting("app.user_id", str(user.pk)):
        return list(
            Membership.unscoped.filter(user=user)
            .select_related("organization")
            .order_by("organization__name", "id")
        )
