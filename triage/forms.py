"""What people may enter about findings."""

from typing import Any, TypeVar

from django import forms

from core.errors import InvalidInputError
from core.numbers import LARGEST_ID, id_of
from findings.models import TriageReason, TriageState
from memories.models import TEXT_LIMIT
from triage.models import Rating

LONGEST_NOTE = 3000
MOST_FINDINGS = 500
AnyForm = TypeVar("AnyForm", bound=forms.Form)
# What a person may decide, in her words; `untriaged` and `provisionally_ignored` are not hers.
DECISIONS = [
    (TriageState.IGNORED.value, "Ignored"),
    (TriageState.REVIEWING.value, "Reviewing"),
    (TriageState.FIXING.value, "To fix"),
    (TriageState.REOPENED.value, "Open"),
]


def valid(form: AnyForm) -> AnyForm:
    """Return the form; raise InvalidInputError that names its first wrong field."""
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        raise InvalidInputError(f"{field}: {errors[0]}", field=field)
    return form


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
    remember = forms.BooleanField(
        required=False, label="Remember this note for the rule in this project"
    )

    def clean(self) -> dict[str, Any]:
        """Keep reason and remembering with `ignored` alone: the page hides them for the others."""
        values = super().clean() or {}
        if values.get("state") != TriageState.IGNORED:
            values |= {"reason": "", "remember": False}
        note = values.get("note", "")
        if values.get("remember") and not self.errors:
            if not note:
                self.add_error("note", "Write what is to be remembered.")
            elif len(note) > TEXT_LIMIT:
                self.add_error(
                    "note",
                    f"{len(note)} characters are too long to be remembered; use at most"
                    f" {TEXT_LIMIT}, or take out the check mark.",
                )
        return values


class IdsField(forms.Field):
    """Ids of rows, as often as their name comes; whether they are ours, the service finds out."""

    widget = forms.SelectMultiple

    def to_python(self, value: Any) -> list[int]:
        """Return the ids; refuse what is no id, and more than pages could have shown."""
        texts = list(value or [])
        if len(texts) > MOST_FINDINGS:
            raise forms.ValidationError(f"Select at most {MOST_FINDINGS} findings at once.")
        ids = [number for text in texts if (number := id_of(text)) is not None]
        if len(ids) < len(texts):
            raise forms.ValidationError("One of these is not the id of a finding.")
        return ids


class SelectionForm(TriageForm):
    """A decision about several findings at once."""

    finding = IdsField(error_messages={"required": "Select at least one finding."})


class FindingsForm(forms.Form):
    """Findings to analyze; `is_fresh` asks even where an equal question was answered."""

    finding = IdsField(error_messages={"required": "Select at least one finding."})
    is_fresh = forms.BooleanField(required=False)


class VerdictForm(forms.Form):
    """Which verdict somebody has read: an answer to another one is not taken for hers."""

    verdict = forms.IntegerField(
        min_value=1,
        max_value=LARGEST_ID,
        error_messages={"required": "Load the page again; it does not say which one you read."},
    )


class OpinionForm(forms.Form):
    """What somebody thinks of something."""

    rating = forms.ChoiceField(choices=Rating.choices, label="Rating")
    note = forms.CharField(max_length=LONGEST_NOTE, required=False, label="Note")


class RateVerdictForm(OpinionForm, VerdictForm):
    """What somebody thinks of the verdict that she has read."""


class NoteForm(forms.Form):
    """A note on a finding."""

    note = forms.CharField(max_length=LONGEST_NOTE, label="Note")
