"""What subscriptions show on pages."""

from django import template

from notifications.models import Subscription

register = template.Library()


@register.filter
def quiet_hours(subscription: Subscription) -> str:
    """Return the hours in which a subscription is left alone, `22:00 to 07:00`; blank for none."""
    begin, end = subscription.quiet_from, subscription.quiet_until
    return "" if begin is None or end is None else f"{_clock(begin)} to {_clock(end)}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
