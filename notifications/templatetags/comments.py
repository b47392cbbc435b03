"""How templates show the text of comments."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from notifications import rendering

register = template.Library()


@register.filter
def comment_html(body: str) -> SafeString:
    """Return Markdown of a comment as the code host shows it, made safe."""
    return mark_safe(rendering.comment_html(body))  # noqa: S308 nh3 has cleaned it
