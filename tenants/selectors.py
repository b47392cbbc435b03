"""Reading organizations and memberships."""

from django.db.models import F

from tenants.models import ApiToken, Membership, User
from tenants.scope import database_setting


def memberships_of(user: User) -> list[Membership]:
    """Return a person's memberships with their organizations, by name; needs no scope."""
    with database_setting("app.user_id", str(user.pk)):
        return list(
            Membership.unscoped.filter(user=user)
            .select_related("organization")
            .order_by("organization__name", "id")
        )


def tokens_of_organization() -> list[ApiToken]:
    """Return the tokens of the organization in scope: live ones first, then the newest."""
    return list(
        ApiToken.objects.select_related("created_by").order_by(
            F("revoked_at").desc(nulls_first=True), "-created_at", "-id"
        )
    )
