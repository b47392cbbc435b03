"""Which mails people want, who gets the Monday mail, and how they leave it."""

import contextlib
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from core.errors import NotFoundError
from llm.configuration import assistant_settings
from llm.models import AssistantSettings
from notifications.mail_links import Unsubscription
from notifications.mail_texts import NAME_LIMIT, clean_line
from notifications.models import MailPreference, Subscription
from notifications.subscribing import remove_subscription
from tenants.audit import Actor, record_audit_event
from tenants.models import Door, Membership, Role
from tenants.scope import organization_scope

MAIL_LINK = "Link of a mail"


def members_with_monday_mail() -> QuerySet[Membership]:
    """Return the admins of the organization in scope who get the Monday mail."""
    rows: QuerySet[Membership] = Membership.objects.filter(role=Role.ADMIN, user__is_active=True)
    if not assistant_settings().sends_weekly_mail:
        return rows.none()
    return rows.exclude(mail_preference__wants_monday=False).select_related("user").order_by("id")


def gets_monday_mail(member: Membership) -> bool:
    """Say whether a member gets the Monday mail now."""
    return members_with_monday_mail().filter(pk=member.pk).exists()


def wants_monday_mail(member: Membership) -> bool:
    """Say whether a member would have the Monday mail, if her role gets it."""
    return not MailPreference.objects.filter(member=member, wants_monday=False).exists()


@transaction.atomic
def save_preference(*, member: Membership, wants_monday: bool, actor: Actor, now: datetime) -> None:
    """Store whether a member wants the Monday mail."""
    before = wants_monday_mail(member)
    MailPreference.objects.update_or_create(
        member=member, defaults={"wants_monday": wants_monday, "changed_at": now}
    )
    if before != wants_monday:
        record_audit_event(
            actor=actor,
            action="mail_preference.changed",
            object_label=str(member.user),
            before={"monday": before},
            after={"monday": wants_monday},
        )


@transaction.atomic
def save_weekly_mail(*, is_wanted: bool, actor: Actor, now: datetime) -> None:
    """Store whether the organization sends the Monday mail at all."""
    AssistantSettings.objects.get_or_create()
    stored: AssistantSettings = AssistantSettings.objects.select_for_update().get()
    before = stored.sends_weekly_mail
    if before == is_wanted:
        return
    stored.sends_weekly_mail, stored.changed_at = is_wanted, now
    stored.save(update_fields=["sends_weekly_mail", "changed_at"])
    record_audit_event(
        actor=actor,
        action="weekly_mail.changed",
        before={"is_sent": before},
        after={"is_sent": is_wanted},
    )


def describe(wanted: Unsubscription) -> str | None:
    """Return what a link ends, in words; None where that has ended already."""
    with organization_scope(wanted.organization_id):
        if wanted.member_id is not None:
            member = _member(wanted.member_id)
            if member is None or not wants_monday_mail(member):
                return None
            return f"the Monday mail of {member.organization.name} to {member.user.email}"
        row = Subscription.objects.filter(id=wanted.subscription_id).first()
        return f"mails to {row.address} about {scope_in_words(row)}" if row else None


def unsubscribe(wanted: Unsubscription, *, now: datetime) -> None:
    """End what a link of a mail ends; once more changes nothing."""
    actor = Actor(door=Door.PAGE, label=MAIL_LINK)
    with organization_scope(wanted.organization_id), transaction.atomic():
        if wanted.member_id is not None:
            member = _member(wanted.member_id)
            if member is not None:
                save_preference(member=member, wants_monday=False, actor=actor, now=now)
            return
        # Again, or after an admin has ended it: there is nothing left to end.
        with contextlib.suppress(NotFoundError):
            remove_subscription(subscription_id=wanted.subscription_id or 0, actor=actor, now=now)


def scope_in_words(subscription: Subscription) -> str:
    """Return which scans a subscription hears of, as one line whatever names hold."""
    if subscription.project is not None:
        return f"scans of {clean_line(subscription.project.name, limit=NAME_LIMIT)}"
    if subscription.tag:
        return f"scans of projects tagged {clean_line(subscription.tag, limit=NAME_LIMIT)}"
    organization = clean_line(subscription.organization.name, limit=NAME_LIMIT)
    return f"scans of all projects of {organization}"


def _member(member_id: int) -> Membership | None:
    rows: QuerySet[Membership] = Membership.objects.select_related("user", "organization")
    return rows.filter(id=member_id).first()
