"""The summary of a change request's findings, as a check run or commit status shows it; pure."""

from collections.abc import Sequence

from core.escaping import code, cut, link, plain
from integrations.review_hosts import Status, StatusState
from notifications.facts import FindingNotice

LONGEST_TITLE = 140
MOST_LISTED = 20


def status_of(notices: Sequence[FindingNotice], *, is_analyzing: bool, url: str) -> Status:
    """Return the summary; what blocks is red at once, whatever the analysis will say."""
    live = [notice for notice in notices if notice.is_open]
    blocking = sum(notice.is_blocking for notice in live)
    if blocking:
        state = StatusState.FAILURE
    elif is_analyzing:
        state = StatusState.PENDING
    else:
        state = StatusState.NEUTRAL if live else StatusState.SUCCESS
    title = _title(len(live), blocking, len(notices) - len(live))
    if is_analyzing and not blocking:
        title = f"{title}; being analyzed"
    return Status(state=state, title=cut(title, LONGEST_TITLE), summary=_summary(live), url=url)


def _title(live: int, blocking: int, closed: int) -> str:
    done = f"{closed} fixed or triaged" if closed else ""
    if not live:
        return f"Nothing left to look at: {done}" if done else "No new findings"
    words = [f"{live} new finding{'' if live == 1 else 's'}"]
    if blocking:
        words.append("1 blocks merging" if blocking == 1 else f"{blocking} block merging")
    return ", ".join([*words, *([done] if done else [])])


def _summary(live: Sequence[FindingNotice]) -> str:
    """Return the findings as a list, those that block first."""
    if not live:
        return "Nothing that this change adds needs a look."
    ordered = sorted(live, key=lambda one: (not one.is_blocking, -one.severity, one.finding_id))
    items = [_item(notice) for notice in ordered[:MOST_LISTED]]
    if len(ordered) > MOST_LISTED:
        items.append(f"- and {len(ordered) - MOST_LISTED} more")
    return "\n".join(items)


def _item(notice: FindingNotice) -> str:
    blocks = " · **blocks merging**" if notice.is_blocking else ""
    place = code(f"{notice.path}:{notice.start_line}")
    severity = notice.severity.label.lower()
    return f"- {link(plain(notice.title), notice.url)} in {place} · {severity}{blocks}"
