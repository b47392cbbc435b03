"""Filters and tags that every template may use."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import nh3
from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from console.icons import ICONS
from core.coloring import COLORS, color_block
from findings.models import ReportedRule, Scan, Severity, Status
from findings.titles import title_of_rule
from triage.models import Opinion

register = template.Library()


_MARKDOWN = MarkdownIt(
    "commonmark", {"html": False, "linkify": False, "highlight": color_block}
).disable("image")
_ALLOWED_TAGS = {
    "p",
    "br",
    "em",
    "strong",
    "code",
    "pre",
    "ul",
    "ol",
    "li",
    "a",
    "blockquote",
    "hr",
    "span",
}
LONGEST_SCAN_SECONDS = 7 * 24 * 3600
_AGES = (
    (timedelta(days=365), "y"),
    (timedelta(days=30), "mo"),
    (timedelta(days=1), "d"),
    (timedelta(hours=1), "h"),
    (timedelta(minutes=1), "min"),
)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Return an icon; with a label it speaks, without one it is decoration."""
    return format_html(
        '<svg class="icon icon-{}" viewBox="0 0 16 16" width="16" height="16" {}>'
        '<path d="{}"/></svg>',
        name,
        format_html('role="img" aria-label="{}"', label)
        if label
        else mark_safe('aria-hidden="true"'),
        ICONS[name],
    )


@register.filter
def markdown(text: str) -> SafeString:
    """Return text from outside as HTML, made safe: a few plain tags, no pictures, no raw HTML."""
    html = nh3.clean(
        _MARKDOWN.render(text),
        tags=_ALLOWED_TAGS,
        attributes={"a": {"href"}},
        allowed_classes={"span": set(COLORS)},
        # What scrolls must be within reach of the keyboard.
        set_tag_attribute_values={"pre": {"tabindex": "0"}},
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(html)  # noqa: S308 nh3 has cleaned it


@register.filter
def rule_title(rule: ReportedRule) -> str:
    """Return a rule's name for people: its own title, else the last part of its id in words."""
    return title_of_rule(check_id=rule.check_id, metadata=rule.metadata)


@register.filter
def code_spans(text: str) -> SafeString:
    """Return text, escaped, with what stands in backticks as code; for a line without blocks."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return format_html("{}", text)
    spans = (
        (format_html("<code>{}</code>", part) if index % 2 else part,)
        for index, part in enumerate(parts)
    )
    return format_html_join("", "{}", spans)


@register.filter
def status_label(status: str) -> str:
    """Return a status in words; the database derives it, so the row has no display of its own."""
    return Status(status).label


@register.filter
def severity_name(severity: int) -> str:
    """Return the word for a severity that style sheets and addresses know: `high`."""
    return Severity(severity).name.lower()


@register.filter
def age(moment: datetime | None) -> str:
    """Return how long ago something was, as short as it goes: `4 d`, `3 mo`, `now`."""
    if moment is None:
        return ""
    passed = timezone.now() - moment
    for unit, name in _AGES:
        if passed >= unit:
            return f"{passed // unit} {name}"
    return "now"


@register.filter
def duration(passed: timedelta | None) -> str:
    """Return a length of time for people: `1 min 5 s`."""
    if passed is None:
        return ""
    minutes, seconds = divmod(max(0, round(passed.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


@register.filter
def seconds(count: float) -> str:
    """Return so many seconds for people: `1 min 5 s`."""
    return duration(timedelta(seconds=count))


@register.filter
def rating_of(opinions: Iterable[Opinion] | None, user_id: int) -> str:
    """Return what a person said in these opinions; blank where she said nothing."""
    return next((one.rating for one in opinions or [] if one.actor_id == user_id), "")


@register.filter
def scan_duration(scan: Scan) -> timedelta | None:
    """Return how long a scan took, as the scanner says, else as we saw it; None while it runs."""
    total = scan.stats.get("total_time") if isinstance(scan.stats, Mapping) else None
    if isinstance(total, int | float) and 0 < total < LONGEST_SCAN_SECONDS:
        return timedelta(seconds=total)
    return scan.completed_at - scan.started_at if scan.completed_at else None


@register.filter
def percent(ratio: float) -> str:
    """Return a ratio of 0 to 1 in percent."""
    return f"{round(ratio * 100)} %"


@register.filter
def grouped(count: int) -> str:
    """Return a count for people: `12,345`."""
    return f"{count:,}"


@register.filter
def texts(value: Any) -> list[str]:
    """Return the texts of a metadata field that may be one text, a list, or anything."""
    found = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return [text for text in found if isinstance(text, str) and text.strip()]


@register.filter
def web_addresses(values: Iterable[str]) -> list[str]:
    """Return those texts that are web addresses: nothing else may become a link."""
    return [text for text in values if text.startswith(("https://", "http://"))]
