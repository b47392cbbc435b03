"""What people may enter about findings."""

from typing import Any

from django import forms

from findings.models import TriageReason, TriageState

LONGEST_NOTE = 3000
MOST_FINDINGS = 500
# What a person may decide, in her words; `untriaged` and `provisionally_ignored` are not hers.
DECISIONS = [
    (TriageState.IGNORED.value, "Ignored"),
    (TriageState.REVIEWING.value, "Reviewing"),
    (TriageState.FIXING.value, "To fix"),
    (TriageState.REOPENED.value, "Open"),
]


class TriageForm(forms.Form):
    """A decision: the new status, why it is ignored, and a comment."""

    state = forms.ChoiceField(choices=DECISIONS, label="Status")
    reason = forms.ChoiceField(
        choices=TriageReason.choices,
        initial=TriageReason.FALSE_POSITIVE,
        required=False,
        label="Reason",
    )
    note = forms.CharField(max_length=LONGEST_NOTE, required=False, label="Comment")

    def clean(self) -> dict[str, Any]:
        """Keep the reason with `ignored` alone: the page hides it for the others."""
        values = super().clean() or {}
        if values.get("state") != TriageState.IGNORED:
            values["reason"] = ""
        return values


class IdsField(forms.Field):
    """Ids of rows, as often as their name comes; whether they are ours, the service finds out."""

    widget = forms.SelectMultiple

    def to_python(self, value: Any) -> list[int]:
        """Return the ids; refuse what is no id, and more than pages could have shown."""
        texts = list(value or [])
        if len(texts) > MOST_FINDINGS:
            raise forms.ValidationError(f"Select at most {MOST_FINDINGS} findings at once.")
        if not all(text.isascii() and text.isdecimal() and len(text) < 19 for text in texts):
            raise forms.ValidationError("One of these is not the id of a finding.")
        return [int(text) for text in texts]


class SelectionForm(TriageForm):
    """A decision about several findings at once."""

    finding = IdsField(error_messages={"required": "Select at least one finding."})


class DisagreeForm(forms.Form):
    """Why a verdict is wrong."""

    note = forms.CharField(max_length=LONGEST_NOTE, required=False, label="What is wrong?")


class NoteForm(forms.Form):
    """A note on a finding."""

    note = forms.CharField(max_length=LONGEST_NOTE, label="Note")
