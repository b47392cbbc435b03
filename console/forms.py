"""What an admin may enter on the Assistant quality page."""

from typing import Any

from django import forms

from triage.known_answers import MAX_ANSWERS
from triage.prompt_files import judge_prompts

DEFAULT_MOST = 50


class EvaluationForm(forms.Form):
    """Which judge is measured, and on how many findings."""

    name = forms.CharField(max_length=100, required=False, label="Name")
    model = forms.CharField(max_length=200, required=False, label="Model")
    prompt = forms.ChoiceField(label="Prompt")
    most = forms.IntegerField(
        min_value=1, max_value=MAX_ANSWERS, initial=DEFAULT_MOST, label="Findings, at most"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.name, one.name) for one in judge_prompts() if one.prompt is not None]
        self.fields["prompt"].choices = choices  # type: ignore[attr-defined]  # a choice field's
