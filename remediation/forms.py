"""What people may enter about remedies."""

from django import forms

from core.numbers import LARGEST_ID
from memories.models import TEXT_LIMIT
from triage.forms import OpinionForm

_UNREAD = "Load the page again; it does not say which one you read."


class RateGuidanceForm(OpinionForm):
    """What somebody thinks of the guidance that she has read."""

    guidance = forms.IntegerField(
        min_value=1, max_value=LARGEST_ID, error_messages={"required": _UNREAD}
    )


class RateFixForm(OpinionForm):
    """What somebody thinks of the fix that she has read."""

    fix = forms.IntegerField(
        min_value=1, max_value=LARGEST_ID, error_messages={"required": _UNREAD}
    )


class CustomizeForm(forms.Form):
    """What fixes for this rule in this project should look like."""

    text = forms.CharField(
        max_length=TEXT_LIMIT,
        label="What should fixes of this rule look like here?",
        error_messages={"required": "Write what is to be remembered."},
    )
