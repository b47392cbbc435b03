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


class SelectionForm(TriageForm):
    """A decision about several findings at once."""

    finding = forms.TypedMultipleChoiceField(coerce=int, label="Findings")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = self.data.getlist("finding")[: MOST_FINDINGS + 1] if self.data else []
        # Any id is a choice: whether it is one of ours, the service finds out.
        self.fields["finding"].choices = [(one, one) for one in asked if one.isdecimal()]

    def clean_finding(self) -> list[int]:
        """Refuse more than a page could have shown."""
        ids: list[int] = self.cleaned_data["finding"]
        if len(ids) > MOST_FINDINGS:
            raise forms.ValidationError(f"Select at most {MOST_FINDINGS} findings at once.")
        return ids


class DisagreeForm(forms.Form):
    """Why a verdict is wrong."""

    note = forms.CharField(max_length=LONGEST_NOTE, required=False, label="What is wrong?")


class NoteForm(forms.Form):
    """A note on a finding."""

    note = forms.CharField(max_length=LONGEST_NOTE, label="Note")
