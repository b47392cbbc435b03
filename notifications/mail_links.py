"""Links of mails that work without signing in: signed, each good for ending one mail alone."""

from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from core.errors import NotFoundError

_SIGNER = "notifications.unsubscribe"
LONGEST_TOKEN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscription:
    """Which mail its holder wants no more: a member's Monday mail, or all of a subscription."""

    organization_id: int
    member_id: int | None = None
    subscription_id: int | None = None


def unsubscribe_url(wanted: Unsubscription) -> str:
    """Return the address that ends a mail; it is good for as long as the server's key is."""
    # The time is not signed: the same mail has the same link, and old mails can be left too.
    token = _signer().sign_object(
        [
            wanted.organization_id,
            wanted.member_id,
            wanted.subscription_id,
        ]
    )
    return f"{settings.PUBLIC_URL}{reverse('notifications:unsubscribe', args=[token])}"


def read_unsubscription(token: str) -> Unsubscription:
    """Return what a link ends. Raises NotFoundError for one that we did not sign."""
    try:
        signed = _signer().unsign_object(token[:LONGEST_TOKEN])
        organization_id, member_id, subscription_id = signed
    except (BadSignature, ValueError, TypeError) as error:
        raise NotFoundError(
            "This link is not complete. Open it from the mail once more, or change your mails in"
            " the settings."
        ) from error
    return Unsubscription(
        organization_id=organization_id, member_id=member_id, subscription_id=subscription_id
    )


def _signer() -> Signer:
    return Signer(salt=_SIGNER, sep=".")
