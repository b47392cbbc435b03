"""The one reply to a command: found again by its mark, whatever died before it was noted."""

from collections.abc import Iterable
from datetime import datetime

from integrations.codehosts import CodeHostBusyError
from integrations.markers import marker
from integrations.review_hosts import GoneError, RemoteComment, ReviewHost
from notifications.deciding import is_replaced
from notifications.models import ReviewCommand
from tenants.scope import try_lock

PAUSE_SECONDS = 5


def answer_key(command_id: int) -> str:
    """Return the key in the mark of the reply to a command."""
    return f"answer-{command_id}"


def reply(
    *, row: ReviewCommand, host: ReviewHost, number: int, thread_id: str, now: datetime
) -> bool:
    """Let the reply to a command stand once in its thread; False where an edit has replaced it.

    The reply to an earlier text of the same comment becomes this one. Raises TransientError.
    """
    with try_lock("notifications.reply", row.change_request_id) as is_mine:
        if not is_mine:
            raise CodeHostBusyError(
                "Another worker is replying.", retry_after_seconds=PAUSE_SECONDS
            )
        row.refresh_from_db()
        if is_replaced(row):
            return False
        if row.answered_at is None:
            answer_id = _stand_once(row, host, number, thread_id)
            ReviewCommand.objects.filter(pk=row.pk).update(answer_id=answer_id, answered_at=now)
    return True


def _stand_once(row: ReviewCommand, host: ReviewHost, number: int, thread_id: str) -> str:
    """Return the reply's number at the code host; blank where it does not show yet."""
    ours = host.own_comments(number=number)
    standing = _standing(row, ours)
    if not standing:
        body = f"{row.answer}\n\n{marker(answer_key(row.pk))}"
        if not _edit_earlier(row, ours, host, number=number, body=body):
            host.reply(number=number, thread_id=thread_id, body=body)
        standing = _standing(row, host.own_comments(number=number))
    for extra in standing[1:]:
        host.delete_comment(number=number, comment=extra)
    return standing[0].id[:60] if standing else ""


def _standing(row: ReviewCommand, ours: Iterable[RemoteComment]) -> list[RemoteComment]:
    return [one for one in ours if one.key == answer_key(row.pk)]


def _edit_earlier(
    row: ReviewCommand, ours: Iterable[RemoteComment], host: ReviewHost, *, number: int, body: str
) -> bool:
    """Turn the reply to an earlier text of the comment into this one; False without one."""
    earlier = ReviewCommand.objects.filter(
        change_request_id=row.change_request_id, external_id=row.external_id, pk__lt=row.pk
    )
    keys = {answer_key(pk) for pk in earlier.values_list("pk", flat=True)}
    for comment in ours:
        if comment.key in keys:
            try:
                host.edit_comment(number=number, comment=comment, body=body)
            except GoneError:
                continue
            return True
    return False
