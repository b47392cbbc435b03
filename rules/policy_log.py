"""What was changed about a policy, by whom and when: its events in the audit log."""

from collections.abc import Sequence
from dataclasses import dataclass

from tenants.models import AuditEvent

PAGE_SIZE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """Events of a policy, the newest first; `next_before` is the next page's key, if any."""

    events: Sequence[AuditEvent]
    next_before: int | None


def page_of_changes(*, policy_id: int, before: int | None = None) -> LogPage:
    """Return a page of a policy's log, in one query."""
    events = AuditEvent.objects.filter(after__has_key="policy_id", after__policy_id=policy_id)
    if before is not None:
        events = events.filter(id__lt=before)
    found = list(events.order_by("-id")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    return LogPage(events=shown, next_before=shown[-1].pk if len(found) > PAGE_SIZE else None)
