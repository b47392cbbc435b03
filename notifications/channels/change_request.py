"""The comments of a change request as Markdown; pure.

Every body ends with the marker of its key, and all text from outside in it is neutral: it notifies
nobody, refers to nothing, and commands nothing.
"""

from collections.abc import Sequence

from core.escaping import link, plain
from findings.models import Status
from notifications.channels import sections
from notifications.channels.closing_lines import Written, commands_help, footer
from notifications.channels.dialects import Dialect, Links
from notifications.channels.fitting import Section, fit
from notifications.channels.markdown import details, prose
from notifications.channels.status import status_of
from notifications.facts import FindingNotice

__all__ = ["Dialect", "Links", "finding_body", "rule_body", "status_of"]

MOST_PLACES = 50


def finding_body(
    notice: FindingNotice,
    *,
    key: str,
    dialect: Dialect,
    has_suggestion: bool,
    links: Links,
    commands: str,
) -> str:
    """Return the comment on one finding; `commands`: the prefix, blank where none are taken.

    `has_suggestion`: the comment stands at the finding's own lines, and no other shares them.
    """
    if not notice.is_open:
        return _closed_body(notice, key=key, links=links, commands=commands)
    verdict = notice.verdict if notice.is_maybe_safe else None
    parts = [
        Section(text=sections.header(notice), need=100),
        Section(text=sections.description(notice), need=90),
        Section(text=sections.why_safe(notice), need=80),
        Section(text=sections.data_flow(notice, links), need=20),
        Section(text=sections.remedy(notice), need=85),
        Section(text=sections.fix(notice, dialect=dialect, has_suggestion=has_suggestion), need=40),
        Section(text=sections.checks(notice), need=10),
        Section(text=sections.steps(notice), need=50),
        Section(text=commands_help(notice, prefix=commands), need=60),
        _end_of(notice, told=[verdict, notice.guidance, notice.fix]),
    ]
    return fit(parts, key=key)


def rule_body(notices: Sequence[FindingNotice], *, key: str, links: Links) -> str:
    """Return the comment on many findings of one rule; nobody triages from there.

    It reads alike at every code host.
    """
    first = notices[0]
    live = [notice for notice in notices if notice.is_open]
    judged = [one.verdict for one in live if one.is_maybe_safe]
    end = footer(label="See all of them", url=first.list_url, check_id=first.check_id, told=judged)
    parts = [
        Section(text=_rule_header(notices, live), need=100),
        Section(text=prose(first.message, links=first.references), need=90),
        Section(text=_places(notices, links), need=80),
        Section(
            text="These are triaged on the findings page; replies here are not read as commands."
            if live
            else "",
            need=70,
        ),
        Section(text=end, need=100),
    ]
    return fit(parts, key=key)


def _closed_body(notice: FindingNotice, *, key: str, links: Links, commands: str) -> str:
    """Return a comment of which all but the end of the story is folded away."""
    told = [
        sections.place_of(notice, links),
        sections.description(notice),
        sections.data_flow(notice, links),
        sections.remedy(notice),
    ]
    parts = [
        Section(text=sections.header(notice), need=100),
        Section(text=sections.closing(notice), need=90),
        Section(text=details("What was found", "\n\n".join(filter(None, told))), need=20),
        Section(text=_way_back(notice, commands), need=60),
        _end_of(notice, told=[notice.guidance]),
    ]
    return fit(parts, key=key)


def _end_of(notice: FindingNotice, *, told: Sequence[Written | None]) -> Section:
    line = footer(label="Open the finding", url=notice.url, check_id=notice.check_id, told=told)
    return Section(text=line, need=100)


def _way_back(notice: FindingNotice, commands: str) -> str:
    is_decided = notice.status in {Status.IGNORED, Status.PROVISIONALLY_IGNORED}
    if not commands or not is_decided:
        return ""
    return "Reply `/open` to open it again."


def _rule_header(notices: Sequence[FindingNotice], live: Sequence[FindingNotice]) -> str:
    first = notices[0]
    closed = len(notices) - len(live)
    title = plain(first.title)
    facts = f"{first.severity.label} severity · mode: {first.mode.label.lower()}"
    if not live:
        return f"**All {len(notices)} done: {title}** · {facts}"
    words = "Blocking: " if any(one.is_blocking for one in live) else ""
    count = f"{len(live)} of {len(notices)} open" if closed else f"{len(notices)} findings"
    head = f"**{words}{title}** · {count} · {facts}"
    return f"{head}\n\nMerging is blocked until these are fixed or triaged." if words else head


def _places(notices: Sequence[FindingNotice], links: Links) -> str:
    """Return where the findings stand, the open ones first, with what became of the others."""
    ordered = sorted(notices, key=lambda one: (not one.is_open, one.path, one.start_line))
    items = [_item(notice, links) for notice in ordered[:MOST_PLACES]]
    if len(ordered) > MOST_PLACES:
        more = f"and {len(ordered) - MOST_PLACES} more"
        items.append(f"- {link(more, notices[0].list_url)}")
    listed = "\n".join(items)
    if any(notice.is_open for notice in notices):
        return listed
    return details("Where they were", listed)


def _item(notice: FindingNotice, links: Links) -> str:
    place = sections.place_of(notice, links)
    if notice.is_open:
        return f"- {place}" + (" · maybe safe to ignore" if notice.is_maybe_safe else "")
    return f"- ~~{place}~~ {notice.status.label.lower()}"
