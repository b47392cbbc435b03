"""A mail's subject, its plain text and its HTML, from plain values."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string

from notifications.mail_facts import (
    DigestFacts,
    FailedScanFacts,
    Letterhead,
    MailFacts,
    MondayFacts,
    ScanFacts,
)
from notifications.mail_texts import clean_line

SUBJECT_LIMIT = 150
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailText:
    """One mail in two forms that say the same."""

    subject: str
    text: str
    html: str


def render_mail(facts: MailFacts, letterhead: Letterhead) -> MailText:
    """Return the mail that tells these facts: the same bytes for the same facts.

    Texts from outside have been cleaned (mail_texts.py); here they are escaped for HTML.
    """
    name, subject = _TEMPLATES[type(facts)], _subject(facts, letterhead)
    context = {
        "facts": facts,
        "letterhead": letterhead,
        "product_name": settings.PRODUCT_NAME,
        "subject": subject,
    }
    plain = render_to_string(f"mail/{name}.txt", context)
    return MailText(
        subject=subject,
        text=_BLANK_LINES.sub("\n\n", plain).strip() + "\n",
        html=render_to_string(f"mail/{name}.html", context),
    )


_TEMPLATES: dict[type, str] = {
    MondayFacts: "monday",
    ScanFacts: "scan",
    FailedScanFacts: "failed_scan",
    DigestFacts: "digest",
}


def _subject(facts: MailFacts, letterhead: Letterhead) -> str:
    if isinstance(facts, MondayFacts):
        others = len(facts.tasks) - 1
        rest = f" and {others} more" if others else ""
        subject = f"This week in {letterhead.organization}: {facts.tasks[0].title}{rest}"
    elif isinstance(facts, ScanFacts):
        subject = f"{facts.heading} in {facts.project}:{facts.branch}"
    elif isinstance(facts, DigestFacts):
        subject = f"{facts.heading} in {letterhead.organization}"
    else:
        subject = f"The scan of {facts.project}:{facts.branch} failed"
    return clean_line(subject, limit=SUBJECT_LIMIT)
