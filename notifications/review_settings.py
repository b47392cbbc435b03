"""How the organization in scope is spoken to in change requests."""

from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction

from integrations.models import Connection, ConnectionKind, RepositoryLink
from notifications.models import ReviewSettings
from tenants.audit import Actor, record_audit_event

_PUBLIC_HOSTS = {"", "github.com", "www.github.com"}
SWITCHES = ("comments", "posts_status", "answers_in_public", "command_prefix")


def review_settings() -> ReviewSettings:
    """Return the organization's settings; the defaults, unsaved, where it has set nothing."""
    return ReviewSettings.objects.first() or ReviewSettings()


def refuses_in_public(settings: ReviewSettings, connection: Connection) -> bool:
    """Say whether public repositories take no commands: those of github.com, unless allowed."""
    is_github = connection.kind == ConnectionKind.GITHUB
    host_name = urlsplit(connection.base_url).hostname or ""
    return is_github and host_name in _PUBLIC_HOSTS and not settings.answers_in_public


def commands_offered(settings: ReviewSettings, *, link: RepositoryLink | None) -> str:
    """Return the prefix of commands to name in a comment; blank where they are refused.

    Where nobody knows yet whether a repository is public they are named: the answer will tell.
    """
    if link is not None and link.is_public and refuses_in_public(settings, link.connection):
        return ""
    return settings.command_prefix


@transaction.atomic
def save_review_settings(*, wanted: ReviewSettings, actor: Actor, now: datetime) -> ReviewSettings:
    """Store the settings of the organization in scope, and who changed what."""
    ReviewSettings.objects.get_or_create()
    stored: ReviewSettings = ReviewSettings.objects.select_for_update().get()
    changed = [name for name in SWITCHES if getattr(stored, name) != getattr(wanted, name)]
    if not changed:
        return stored
    before = {name: getattr(stored, name) for name in changed}
    after = {name: getattr(wanted, name) for name in changed}
    for name, value in after.items():
        setattr(stored, name, value)
    stored.changed_at = now
    stored.save(update_fields=[*changed, "changed_at"])
    record_audit_event(actor=actor, action="reviews.changed", before=before, after=after)
    return stored
