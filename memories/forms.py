"""What people may enter about memories."""

from typing import Any

from django import forms

from core.errors import InvalidInputError
from findings.models import ReportedRule
from memories.models import Memory, MemoryContext
from memories.services import MemoryDraft, checked
from rules.models import Rule
from tenants.models import Project

LONGEST_NAME = 500


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

    def clean(self) -> dict[str, Any]:
        """Refuse what the service would refuse, at the field that is wrong."""
        values = super().clean() or {}
        if not self.errors:
            try:
                values["draft"] = checked(self._draft(values))
            except InvalidInputError as error:
                self.add_error(error.field, error.detail.partition(": ")[2].capitalize())
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
