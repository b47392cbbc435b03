"""Reading subscriptions, and what one may be for."""

from core.errors import NotFoundError
from notifications.models import Subscription
from tenants.models import Project

MOST_SUBSCRIPTIONS = 500
MOST_PROJECTS = 500


def all_subscriptions() -> list[Subscription]:
    """Return the subscriptions: Slack channels, then addresses, by name."""
    rows = Subscription.objects.select_related("project", "workspace").order_by(
        "-channel", "slack_channel_name", "address", "id"
    )
    return list(rows[:MOST_SUBSCRIPTIONS])


def get_subscription(subscription_id: int) -> Subscription:
    """Return a subscription; raise NotFoundError for a stranger's."""
    rows = Subscription.objects.select_related("project", "workspace")
    row: Subscription | None = rows.filter(pk=subscription_id).first()
    if row is None:
        raise NotFoundError("There is no such subscription in this organization.")
    return row


def projects_to_choose(subscription: Subscription | None = None) -> list[Project]:
    """Return the projects that a subscription may be for, by name, with its own."""
    found = list(Project.objects.filter(is_archived=False).order_by("name")[:MOST_PROJECTS])
    own = subscription.project if subscription else None
    return found if own is None or own in found else [own, *found]


def tags_to_choose(subscription: Subscription | None = None) -> list[str]:
    """Return the tags of projects, by name, with the subscription's own."""
    own = [subscription.tag] if subscription and subscription.tag else []
    rows = Project.objects.filter(is_archived=False).exclude(tags=[]).values_list("tags", flat=True)
    return sorted({*own, *(tag for tags in rows for tag in tags)})
