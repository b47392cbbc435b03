"""The demo's mail: the week's three tasks, written to a file instead of sent."""

import time
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from rich.progress import Progress

from notifications.models import Delivery, DeliveryKind
from notifications.monday import want_monday_mail_now
from tenants.jobs import JobStatus
from tenants.models import Membership

PATIENCE_SECONDS = 60


class MailStuckError(RuntimeError):
    """The Monday mail is not written."""


def write_monday_mail(*, member: Membership, progress: Progress) -> None:
    """Ask for this week's Monday mail, and wait until it is written."""
    bar = progress.add_task("This week's mail", total=None)
    if not want_monday_mail_now(member=member, now=timezone.now()):
        raise MailStuckError("There is nothing to do this week; the scans found something else.")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        mails = Delivery.objects.filter(kind=DeliveryKind.MONDAY, member=member)
        if mails.filter(status=JobStatus.DONE).exists():
            progress.update(bar, total=1, completed=1)
            return
        time.sleep(0.2)
    raise MailStuckError("This week's mail is not written; see the log of worker-tell.")


def newest_mail() -> Path | None:
    """Return the file of the newest mail; None where mails do not go to files."""
    if not settings.EMAIL_FILE_PATH:
        return None
    files = Path(settings.EMAIL_FILE_PATH).glob("*.log")
    return max(files, key=lambda file: file.stat().st_mtime, default=None)
