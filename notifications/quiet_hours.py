"""Hours in which a subscription is left alone, in its organization's time zone."""

from datetime import datetime, time, timedelta

from notifications.models import DeliveryKind, Subscription
from tenants.time_zones import zone_of


def when_due(*, kind: str, subscription: Subscription | None, at: datetime) -> datetime:
    """Return when a message of a kind may go out that is to go out at a moment.

    Who asks for a test waits for it, at any hour.
    """
    return at if kind == DeliveryKind.TEST else when_allowed(subscription, at)


def when_allowed(subscription: Subscription | None, now: datetime) -> datetime:
    """Return when a message may go out: now, or when the quiet hours end that it falls into."""
    if subscription is None or subscription.quiet_from is None or subscription.quiet_until is None:
        return now
    here = now.astimezone(zone_of(subscription.organization.time_zone))
    minute = here.hour * 60 + here.minute
    begin, end = subscription.quiet_from, subscription.quiet_until
    is_quiet = begin <= minute < end if begin <= end else minute >= begin or minute < end
    if not is_quiet:
        return now
    day = here.date() if minute < end else here.date() + timedelta(days=1)
    # The wall clock's time, whatever its offset is on that day; of an hour that comes twice, the
    # time in the one that it is now.
    fold = here.fold if day == here.date() else 0
    local = datetime.combine(day, time(end // 60, end % 60, fold=fold), tzinfo=here.tzinfo)
    return max(now, local.astimezone(now.tzinfo))
