"""The Monday mail: the week's tasks to each admin, at eight o'clock where the organization is."""

from datetime import date, datetime, timedelta

from insights.choosing import is_chosen
from insights.tasks import monday_of, tasks_of_week
from notifications.deliveries import Draft, want_deliveries
from notifications.mail_preferences import members_with_monday_mail
from notifications.models import Channel, Delivery, DeliveryKind
from notifications.weeks import eight_on, week_name
from tenants.models import Membership, Organization
from tenants.scope import current_organization_id

# Where nothing ran on Monday morning, Tuesday's is still a good time; later ones are not.
LATEST = timedelta(hours=24)


def want_monday_mails(*, now: datetime) -> list[int]:
    """Write down this week's mails, each admin's once, from eight o'clock for a day.

    Return the ids of those that are new. There is no mail in a week without tasks.
    """
    organization = Organization.objects.get(pk=current_organization_id())
    week = monday_of(now=now, time_zone=organization.time_zone)
    begin = eight_on(week, time_zone=organization.time_zone)
    if not begin <= now < begin + LATEST:
        return []
    drafts = {_key(week, member): _draft(week, member) for member in members_with_monday_mail()}
    known = Delivery.objects.filter(key__in=drafts).values_list("key", flat=True)
    fresh = [drafts[key] for key in drafts.keys() - set(known)]
    if not fresh or not tasks_of_week(now=now):
        return []
    return want_deliveries(sorted(fresh, key=lambda draft: draft.key), now=now)


def want_monday_mail_now(*, member: Membership, now: datetime) -> bool:
    """Send a member this week's mail because she asks; say whether there is anything to send.

    Asked for more than once within a minute, one is sent. Where the week's tasks are still to be
    chosen, who writes the mail chooses them; if there is nothing to do, it ends there.
    """
    week = monday_of(now=now, time_zone=member.organization.time_zone)
    if not tasks_of_week(now=now) and is_chosen(now=now):
        return False
    draft = _draft(week, member, key=f"{_key(week, member)}:{now:%Y%m%dT%H%M}", is_asked_for=True)
    want_deliveries([draft], now=now)
    return True


def next_monday_mail(*, time_zone: str, now: datetime) -> datetime:
    """Return when the next Monday mail is due."""
    week = monday_of(now=now, time_zone=time_zone)
    due = eight_on(week, time_zone=time_zone)
    return due if now < due else eight_on(week + timedelta(days=7), time_zone=time_zone)


def last_monday_mail(member: Membership) -> Delivery | None:
    """Return the newest Monday mail to a member, asked for or not."""
    rows = Delivery.objects.filter(member=member, kind=DeliveryKind.MONDAY).order_by("-id")
    newest: Delivery | None = rows.first()
    return newest


def _key(week: date, member: Membership) -> str:
    return f"monday:{week_name(week)}:{member.pk}"


def _draft(week: date, member: Membership, *, key: str = "", is_asked_for: bool = False) -> Draft:
    return Draft(
        channel=Channel.MAIL,
        kind=DeliveryKind.MONDAY,
        key=key or _key(week, member),
        recipient=member.user.email,
        member=member,
        facts={"week": week.isoformat(), "is_asked_for": is_asked_for},
    )
