"""What the rule must find, and what it must leave alone."""

from datetime import UTC, datetime

from django.utils import timezone


def revoke(token, now):
    # ruleid: clock-inside-the-domain
    token.revoked_at = timezone.now()
    # ruleid: clock-inside-the-domain
    token.revoked_at = datetime.now(UTC)
    # ok: clock-inside-the-domain
    token.revoked_at = now


class Token:
    # ok: clock-inside-the-domain
    created_at = DateTimeField(default=timezone.now)
