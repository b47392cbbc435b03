"""Tags of mail templates: styles that stand in the tags themselves, and headings of plain text."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from notifications.channels.mail_styles import STYLES, dark_rules

LONGEST_LINE = 72

register = template.Library()


@register.simple_tag
def css(*names: str) -> SafeString:
    """Return the attributes `class` and `style` of a tag."""
    classes = " ".join(f"m-{name}" for name in names)
    styles = ";".join(STYLES[name].light for name in names)
    return format_html('class="{}" style="{}"', classes, styles)


@register.simple_tag
def dark_mode() -> SafeString:
    """Return the sheet of a mail's head: what dark mode changes."""
    # No text from outside stands in it, nor a character that HTML would escape.
    return format_html("<style>{}</style>", dark_rules())


@register.filter
def underlined(line: str, mark: str = "=") -> str:
    """Return a heading of plain text, with a line of marks below."""
    return f"{line}\n{mark * min(len(line), LONGEST_LINE)}"


@register.filter
def severity_css(severity: int) -> SafeString:
    """Return the attributes of a severity's word."""
    return css(_SEVERITY_STYLES[severity])


_SEVERITY_STYLES = ("low", "medium", "high", "critical")
