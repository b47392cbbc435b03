"""Filters of the page Model log."""

import math
from datetime import timedelta

from django import template
from django.utils import timezone

from llm.models import ModelCall

register = template.Library()

# Purposes whose own name says too little.
_WORDS = {
    "judge": "Verdict",
    "remedy": "Guidance and fix",
    "remedy-retry": "Second try at a fix",
    "rule_draft": "Rule from a prompt",
}


@register.filter
def in_words(purpose: str) -> str:
    """Return a call's purpose for people: `connection_test` is `Connection test`."""
    words = purpose.replace("_", " ").replace("-", " ").strip()
    return _WORDS.get(purpose) or words[:1].upper() + words[1:]


@register.filter
def time_left(call: ModelCall, retention_days: int) -> str:
    """Return how long a call's text is still kept, with today's retention: `12 days left`."""
    end = min(call.expires_at, call.created_at + timedelta(days=retention_days))
    days = math.ceil((end - timezone.now()) / timedelta(days=1))
    if days <= 0:
        return "Removed with the next daily run"
    return f"{days} day{'' if days == 1 else 's'} left"
