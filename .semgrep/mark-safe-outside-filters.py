"""What the rule must find, and what it must leave alone."""

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


def reason(verdict):
    # ruleid: mark-safe-outside-filters
    unsafe = mark_safe(verdict.reason)
    # ruleid: mark-safe-outside-filters
    also_unsafe = SafeString(verdict.reason)
    # ok: mark-safe-outside-filters
    safe: SafeString = format_html("<b>{}</b>", verdict.reason)
    return unsafe, also_unsafe, safe
