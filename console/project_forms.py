"""What admins may enter about projects."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict

LONGEST_TAG = 100
MOST_TAGS = 20
MOST_AT_ONCE = 100
LONGEST_NAME = 400


class TagsField(forms.CharField):
    """Tags with commas between them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=2000, label="Tags", **options)

    def clean(self, value: Any) -> Any:
        """Return the tags, each one once."""
        text: str = super().clean(value)
        tags = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
        if len(tags) > MOST_TAGS:
            raise forms.ValidationError(f"Enter {MOST_TAGS} tags at most.")
        if any(len(tag) > LONGEST_TAG for tag in tags):
            raise forms.ValidationError(f"A tag has {LONGEST_TAG} characters at most.")
        return tags


class ProjectForm(forms.Form):
    """A project's tags and primary branch."""

    tags = TagsField()
    primary_branch = forms.ChoiceField(required=False, label="Primary branch")

    def __init__(self, *args: Any, branches: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "As the first full scan has it"), *((name, name) for name in branches)]
        self.fields["primary_branch"].choices = choices  # type: ignore[attr-defined]  # a choice field's


class ImportForm(forms.Form):
    """The repositories that become projects, and their tags."""

    connection = forms.IntegerField(min_value=1)
    tags = TagsField()

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.names = data.getlist("repository")

    def clean(self) -> dict[str, Any]:
        """Check the names, which no field of Django's reads from check boxes of one name."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        names = [name for name in dict.fromkeys(self.names) if name.strip()]
        if not names:
            raise forms.ValidationError("Choose a repository at least.")
        if len(names) > MOST_AT_ONCE:
            raise forms.ValidationError(f"Choose {MOST_AT_ONCE} repositories at most.")
        if any(len(name) > LONGEST_NAME or not name.isprintable() for name in names):
            raise forms.ValidationError(
                "One of the names is none of a repository; load the list anew."
            )
        return {**values, "names": names}
