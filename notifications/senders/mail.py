"""How mails go out: written when they are sent, handed over once, never looked for afterwards."""

import hashlib
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from notifications.channels.mail import MailText, render_mail
from notifications.letters import Letter, write_letter
from notifications.models import Delivery
from notifications.senders.protocol import Sent, UnknownOutcomeError
from notifications.senders.smtp import hand_over


class MailSender:
    """Sends mails by the mail backend of the settings."""

    def find(self, delivery: Delivery) -> Sent | None:  # noqa: ARG002 no mailbox can be searched
        """Say that nobody can tell whether an earlier try arrived."""
        raise UnknownOutcomeError(
            "The mail was handed to the mail server, and its answer did not come: it may have"
            " arrived. Ask the recipient before you send it again."
        )

    def send(self, delivery: Delivery, *, begin: Callable[[], None]) -> Sent | None:
        """Write the mail and hand it over; None where there is nothing to say any more."""
        letter = write_letter(delivery)
        if letter is None:
            return None
        message_id = message_id_of(delivery)
        text = render_mail(letter.facts, letter.letterhead)
        message = _message(letter, text, message_id)
        answer = hand_over(message, begin=begin)
        return Sent(
            external_ids={"message_id": message_id},
            body_hash=hashlib.sha256(text.text.encode()).hexdigest(),
            answer=answer,
        )

    def change(self, delivery: Delivery) -> Sent | None:  # noqa: ARG002 the protocol's
        """Leave a mail as it is: it cannot be changed."""
        return None


def message_id_of(delivery: Delivery) -> str:
    """Return the id that a mail has in every try: mailboxes keep what they know already once."""
    seed = f"{delivery.organization_id}:{delivery.key}"
    digest = hashlib.sha256(seed.encode()).hexdigest()[:32]
    return f"<{digest}@{urlsplit(settings.PUBLIC_URL).hostname or 'localhost'}>"


def _message(letter: Letter, text: MailText, message_id: str) -> EmailMultiAlternatives:
    headers = {
        "Message-ID": message_id,
        # https://www.rfc-editor.org/rfc/rfc3834: nobody's absence is to answer it.
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    if letter.letterhead.unsubscribe_url:
        # https://www.rfc-editor.org/rfc/rfc8058: mail programs post to it at one click.
        headers["List-Unsubscribe"] = f"<{letter.letterhead.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message = EmailMultiAlternatives(
        subject=text.subject, body=text.text, to=[letter.address], headers=headers
    )
    message.attach_alternative(text.html, "text/html")
    return message
