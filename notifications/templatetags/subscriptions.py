"""What subscriptions show on pages."""

from django import template

from findings.models import Product
from notifications.models import Subscription
from rules.models import Mode

register = template.Library()


@register.filter
def quiet_hours(subscription: Subscription) -> str:
    """Return the hours in which a subscription is left alone; blank for none."""
    begin, end = subscription.quiet_from, subscription.quiet_until
    return "" if begin is None or end is None else f"{_clock(begin)} to {_clock(end)}"


@register.filter
def narrowed_to(subscription: Subscription) -> str:
    """Return the products and modes that a subscription asks for; blank for all."""
    products = [one.label for one in Product if one.value in subscription.products]
    modes = [one.label for one in Mode if one.value in subscription.modes]
    return " · ".join(", ".join(labels) for labels in (products, modes) if labels)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
