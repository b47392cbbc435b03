"""The forms of the Rules pages."""

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from rules.archives import MAX_FILE_BYTES, MAX_UPLOAD_BYTES, MEBIBYTE, is_archive
from rules.library_imports import MAX_NAME_LENGTH
from rules.models import Mode, Policy, RuleSource
from rules.uploads import Upload

MODES = (Mode.MONITOR, Mode.COMMENT, Mode.BLOCK, Mode.DISABLED)
SOURCES = {
    RuleSource.CUSTOM: "Our own",
    RuleSource.COMMUNITY: "Others' (community)",
}


class ImportForm(forms.Form):
    """Where imported rules go; the files themselves are read by `uploads_of`."""

    ruleset = forms.CharField(
        max_length=MAX_NAME_LENGTH,
        error_messages={"required": "Name the ruleset that they go to."},
    )
    source = forms.ChoiceField(choices=[(one.value, name) for one, name in SOURCES.items()])
    policy = forms.ChoiceField(required=False)
    mode = forms.ChoiceField(choices=[(mode.value, mode.label) for mode in MODES])

    def __init__(self, *args: Any, policies: Sequence[Policy], **options: Any) -> None:
        super().__init__(*args, **options)
        self._policies = {str(policy.pk): policy for policy in policies}
        choices = [("", "In no policy yet")]
        choices += [(key, policy.name) for key, policy in self._policies.items()]
        self.fields["policy"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def chosen_policy(self) -> Policy | None:
        """Return the policy that was chosen."""
        return self._policies.get(self.cleaned_data["policy"])


def uploads_of(files: "Sequence[UploadedFile[bytes]]", paths: str) -> list[Upload]:
    """Read what a browser sent; `paths` is a JSON list of its files' places in their folder.

    Browsers send the names of files alone, so a script adds the paths; without it names must do.
    """
    names = _names(files, paths)
    uploads = []
    left = MAX_UPLOAD_BYTES
    for file, name in zip(files, names, strict=True):
        head = file.read(4)
        most = left if is_archive(head) else min(left, MAX_FILE_BYTES)
        body = head + file.read(most + 1)
        left = max(0, left - len(body))
        uploads.append(Upload(name=name, body=body))
    return uploads


def limit_in_words() -> str:
    """Return how much may be sent at once."""
    return f"{MAX_UPLOAD_BYTES // MEBIBYTE} MiB"


def _names(files: "Sequence[UploadedFile[bytes]]", paths: str) -> list[str]:
    names = [file.name or "" for file in files]
    try:
        told = json.loads(paths) if paths else []
    except ValueError:
        return names
    is_fitting = isinstance(told, list) and len(told) == len(names)
    if not is_fitting or not all(isinstance(path, str) for path in told):
        return names
    ends = all(path.rpartition("/")[2] == name for path, name in zip(told, names, strict=True))
    return list(told) if ends else names
