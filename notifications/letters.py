"""To whom a mail goes and what it says, as things stand when it is sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.urls import reverse

from notifications.mail_facts import Letterhead, MailFacts
from notifications.mail_links import Unsubscription, unsubscribe_url
from notifications.mail_notices import digest_facts, failed_scan_facts, monday_facts, scan_facts
from notifications.mail_preferences import gets_monday_mail, scope_in_words
from notifications.mail_texts import NAME_LIMIT, clean_line
from notifications.models import Delivery, DeliveryKind, Subscription
from tenants.models import Membership


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail before it is rendered."""

    address: str
    letterhead: Letterhead
    facts: MailFacts


def write_letter(delivery: Delivery) -> Letter | None:
    """Return the mail; None where it is not wanted any more, or there is nothing left to say."""
    addressee = _addressee(delivery)
    if addressee is None:
        return None
    facts = _FACTS[DeliveryKind(delivery.kind)](delivery)
    if facts is None:
        return None
    address, letterhead = addressee
    return Letter(address=address, letterhead=letterhead, facts=facts)


def _addressee(delivery: Delivery) -> tuple[str, Letterhead] | None:
    """Return to whom a mail goes; None where the one it was for has unsubscribed."""
    if delivery.member is not None:
        return delivery.member.user.email, _to_member(delivery, delivery.member)
    if delivery.subscription is not None:
        return delivery.subscription.address, _to_subscriber(delivery.subscription)
    return None


def _monday(delivery: Delivery) -> MailFacts | None:
    member = delivery.member
    if member is None or not (_is_asked_for(delivery) or gets_monday_mail(member)):
        return None
    return monday_facts(
        organization=delivery.organization, week=date.fromisoformat(delivery.facts["week"])
    )


def _scan(delivery: Delivery) -> MailFacts | None:
    if delivery.scan is None:
        return None
    return scan_facts(scan=delivery.scan, finding_ids=delivery.facts.get("finding_ids", []))


def _digest(delivery: Delivery) -> MailFacts | None:
    parts = delivery.parts.select_related("organization", "scan__project", "scan__ref")
    kind = DeliveryKind(delivery.facts.get("of", DeliveryKind.SCAN))
    return digest_facts(parts=list(parts.order_by("id")), kind=kind)


def _failed_scan(delivery: Delivery) -> MailFacts | None:
    return failed_scan_facts(delivery.scan) if delivery.scan else None


def _nothing(_delivery: Delivery) -> MailFacts | None:
    return None


_FACTS: Mapping[DeliveryKind, Callable[[Delivery], MailFacts | None]] = {
    DeliveryKind.MONDAY: _monday,
    DeliveryKind.SCAN: _scan,
    DeliveryKind.DIGEST: _digest,
    DeliveryKind.FAILED_SCAN: _failed_scan,
    # Told in Slack, and to webhooks.
    DeliveryKind.TEST: _nothing,
    DeliveryKind.VERDICT: _nothing,
    DeliveryKind.FINDINGS: _nothing,
}


def _is_asked_for(delivery: Delivery) -> bool:
    return bool(delivery.facts.get("is_asked_for"))


def _to_member(delivery: Delivery, member: Membership) -> Letterhead:
    organization = delivery.organization
    name = clean_line(organization.name, limit=NAME_LIMIT)
    page = reverse("notifications:mail-preferences", args=[organization.slug])
    url = f"{settings.PUBLIC_URL}{page}"
    if _is_asked_for(delivery):
        return Letterhead(
            organization=name,
            reason="You asked for this mail.",
            preferences_url=url,
        )
    return Letterhead(
        organization=name,
        reason=f"You get this mail on Mondays because you are an admin of {name}.",
        unsubscribe_url=unsubscribe_url(
            Unsubscription(organization_id=organization.pk, member_id=member.pk)
        ),
        preferences_url=url,
    )


def _to_subscriber(subscription: Subscription) -> Letterhead:
    organization = subscription.organization
    return Letterhead(
        organization=clean_line(organization.name, limit=NAME_LIMIT),
        reason=f"{subscription.address} is subscribed to {scope_in_words(subscription)}.",
        unsubscribe_url=unsubscribe_url(
            Unsubscription(organization_id=organization.pk, subscription_id=subscription.pk)
        ),
    )
