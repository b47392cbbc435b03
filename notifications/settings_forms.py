"""What admins may enter about comments in change requests."""

import copy

from django import forms

from llm.models import AssistantSettings, NoiseFilter
from llm.services import IN_COMMENTS
from notifications.models import PREFIX_PATTERN, ReviewSettings
from notifications.review_settings import SWITCHES
from triage.commands import SHORT

# https://docs.gitlab.com/user/project/quick_actions/: GitLab would take the line as its own.
_QUICK_ACTIONS = (
    "approve assign assign-reviewer clear-draft cc close comment confidential copy-metadata create"
    " done draft due duplicate epic estimate label labels lock merge milestone move parent promote"
    " ready reassign reassign-reviewer rebase relabel relate remove reopen request-changes"
    " request-review review run-pipeline ship shrug spend spent squash start submit-review"
    " subscribe tableflip tag target-branch title todo unapprove unassign unlabel unlock unlink"
    " unsubscribe wip zoom"
)


class ReviewSettingsForm(forms.Form):
    """What is said in change requests, and what is answered there."""

    comments = forms.BooleanField(required=False, label="Comment on new findings")
    posts_status = forms.BooleanField(required=False, label="Set a status with the summary")
    judges_in_comments = forms.BooleanField(required=False, label="Say the verdict in comments")
    noise_filter = forms.ChoiceField(
        choices=NoiseFilter.choices, label="A finding that was judged a false positive"
    )
    answers_in_public = forms.BooleanField(
        required=False, label="Take commands in public repositories"
    )
    command_prefix = forms.RegexField(
        regex=PREFIX_PATTERN,
        max_length=30,
        label="Commands begin with",
        error_messages={
            "required": "Enter how commands begin, such as /semgrep.",
            "invalid": "Begin with a slash and a letter, then up to 29 small letters, digits or"
            " hyphens, such as /semgrep.",
        },
    )

    @classmethod
    def of(cls, settings: ReviewSettings, assistant: AssistantSettings) -> "ReviewSettingsForm":
        """Return the form as what is stored fills it."""
        initial = {name: getattr(settings, name) for name in SWITCHES}
        return cls(initial={**initial, **{name: getattr(assistant, name) for name in IN_COMMENTS}})

    def clean_command_prefix(self) -> str:
        """Refuse what GitLab takes for its own, and what is a command by itself."""
        prefix: str = self.cleaned_data["command_prefix"]
        if prefix.removeprefix("/") in _QUICK_ACTIONS.split():
            raise forms.ValidationError(
                "GitLab has a quick action of that name and would run it; choose another."
            )
        if prefix in SHORT:
            raise forms.ValidationError("That is a command by itself; choose another.")
        return prefix

    def applied_to(self, row: ReviewSettings) -> ReviewSettings:
        """Return a copy of `row` with what was entered."""
        wanted = copy.copy(row)
        for name in SWITCHES:
            setattr(wanted, name, self.cleaned_data[name])
        return wanted

    def applied_to_assistant(self, row: AssistantSettings) -> AssistantSettings:
        """Return a copy of `row` with what was entered of verdicts in comments."""
        wanted = copy.copy(row)
        for name in IN_COMMENTS:
            setattr(wanted, name, self.cleaned_data[name])
        return wanted
