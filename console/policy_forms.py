"""What admins may enter about policies and the paths that scans leave out."""

from typing import Any, Self

from django import forms
from django.http import QueryDict

from console.project_forms import TagsField
from core.errors import InvalidInputError, ProblemError
from core.numbers import id_of
from rules.mode_changes import ModeChange
from rules.models import Mode
from rules.policy_changes import LONGEST_NAME
from tenants.path_ignores import LONGEST_TEXT, PathIgnoresError, read_patterns

# A rule loses the mode of its own; a rule or ruleset leaves the policy.
TAKE_BACK = "none"


class PolicyForm(forms.Form):
    """A policy's name, and the tags of the projects that it is for."""

    name = forms.CharField(
        max_length=LONGEST_NAME, error_messages={"required": "Give the policy a name."}
    )
    tags = TagsField()

    def refuse(self, problem: ProblemError) -> None:
        """Show a refusal at the field that it names."""
        field = problem.field if problem.field in self.fields else None
        self.add_error(field, problem.detail.removeprefix(f"{problem.field}: "))


class RenameForm(PolicyForm):
    """A policy's new name."""

    tags = None  # type: ignore[assignment]  # Django's way to leave a field out


class TagForm(PolicyForm):
    """The tags of the projects that a policy is for."""

    name = None  # type: ignore[assignment]  # Django's way to leave a field out


class PathIgnoresForm(forms.Form):
    """Patterns, one a line."""

    path_ignores = forms.CharField(
        required=False, max_length=LONGEST_TEXT, strip=False, widget=forms.Textarea
    )

    @classmethod
    def of(cls, patterns: list[str]) -> Self:
        """Return the form with what is stored."""
        return cls(initial={"path_ignores": "\n".join(patterns)})

    def clean_path_ignores(self) -> list[str]:
        """Return the patterns; refuse the first line that is wrong."""
        try:
            return read_patterns(self.cleaned_data["path_ignores"])
        except PathIgnoresError as problem:
            raise forms.ValidationError(problem.detail.removeprefix("path_ignores: ")) from problem


def mode_change_of(policy_id: int, posted: QueryDict) -> ModeChange:
    """Return the change that a page asks for; raise InvalidInputError that says what is missing."""
    mode = posted.get("mode", "")
    if mode not in {*Mode.values, TAKE_BACK}:
        raise InvalidInputError("mode: choose what the ticked ones shall lead to.", field="mode")
    rule_ids, ruleset_ids = _ids(posted, "rule"), _ids(posted, "ruleset")
    if not rule_ids and not ruleset_ids:
        raise InvalidInputError("rule: tick at least one, then choose its mode.", field="rule")
    return ModeChange(
        policy_id=policy_id,
        mode=None if mode == TAKE_BACK else Mode(mode),
        rule_ids=rule_ids,
        ruleset_ids=ruleset_ids,
    )


def _ids(posted: QueryDict, name: str) -> frozenset[int]:
    ids: list[Any] = [id_of(text) for text in posted.getlist(name)]
    if None in ids:
        raise InvalidInputError(f"{name}: one of the ids is no number.", field=name)
    return frozenset(ids)
