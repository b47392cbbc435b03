"""What people may enter about memories."""

import contextlib
from collections.abc import Iterator
from typing import Any

from django import forms

from core.errors import InvalidInputError
from findings.models import ReportedRule
from memories.models import Memory, MemoryContext
from memories.scopes import normalize_prefix
from memories.services import MemoryDraft, checked_text
from rules.models import Rule
from tenants.models import Project

LONGEST_NAME = 500


@contextlib.contextmanager
def _at_its_field() -> Iterator[None]:
    """Make a refusal an error of the field, whose label stands there already."""
    try:
        yield
    except InvalidInputError as error:
        raise forms.ValidationError(error.detail.partition(": ")[2].capitalize()) from error


class MemoryForm(forms.Form):
    """A memory: what it says and where it applies; a blank scope holds everywhere."""

    text = forms.CharField(
        label="Memory", error_messages={"required": "Write what is to be remembered."}
    )
    project = forms.CharField(required=False, max_length=LONGEST_NAME, label="Project")
    check_id = forms.CharField(required=False, max_length=LONGEST_NAME, label="Rule")
    vulnerability_class = forms.CharField(
        required=False, max_length=200, label="Vulnerability class"
    )
    path_prefix = forms.CharField(required=False, label="Folder or file")
    contexts = forms.MultipleChoiceField(
        choices=MemoryContext.choices,
        label="Used for",
        error_messages={"required": "Choose triage, guidance and fixes, or both."},
    )

    @classmethod
    def of(cls, memory: Memory) -> "MemoryForm":
        """Return the form as a memory fills it."""
        initial = {
            "text": memory.text,
            "project": memory.project.name if memory.project else "",
            "check_id": memory.check_id,
            "vulnerability_class": memory.vulnerability_class,
            "path_prefix": memory.path_prefix,
            "contexts": memory.contexts,
        }
        return cls(initial=initial)

    def clean_project(self) -> Project | None:
        """Return the organization's project of this name; blank: all."""
        name = self.cleaned_data["project"]
        if not name:
            return None
        project: Project | None = Project.objects.filter(name=name).first()
        if project is None:
            raise forms.ValidationError(
                f"There is no project “{name}”; choose one of the list, or leave it empty for all."
            )
        return project

    def clean_check_id(self) -> str:
        """Return the id of a rule that reports or policies know; blank: all."""
        name: str = self.cleaned_data["check_id"]
        is_known = (
            not name
            or ReportedRule.objects.filter(check_id=name).exists()
            or Rule.objects.filter(path=name).exists()
        )
        if not is_known:
            raise forms.ValidationError(
                f"There is no rule “{name}”; choose one of the list, or leave it empty for all."
            )
        return name

    def clean_text(self) -> str:
        """Return a text that is not too long."""
        with _at_its_field():
            return checked_text(self.cleaned_data["text"])

    def clean_path_prefix(self) -> str:
        """Return the path as findings name it."""
        with _at_its_field():
            return normalize_prefix(self.cleaned_data["path_prefix"])

    def clean(self) -> dict[str, Any]:
        """Make of it what services take."""
        values = super().clean() or {}
        if not self.errors:
            values["draft"] = self._draft(values)
        return values

    def _draft(self, values: dict[str, Any]) -> MemoryDraft:
        return MemoryDraft(
            text=values["text"],
            project=values["project"],
            check_id=values["check_id"],
            vulnerability_class=values["vulnerability_class"],
            path_prefix=values["path_prefix"],
            contexts=[MemoryContext(context) for context in values["contexts"]],
        )
