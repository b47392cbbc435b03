"""Where a memory applies: reading what a person typed, and saying it in words; pure."""

import re
from collections.abc import Mapping
from typing import Any

from core.errors import InvalidInputError
from findings.texts import is_storable

PREFIX_LIMIT = 500
_DRIVE = re.compile(r"[A-Za-z]:")


def normalize_prefix(text: str) -> str:
    """Return a folder or file as findings name it: `src/app`, with no slash at either end.

    Raises InvalidInputError for a path that leaves the repository or cannot be one.
    """
    if not is_storable(text):
        raise InvalidInputError(
            "path_prefix: take out the NUL or half character.", field="path_prefix"
        )
    parts = [part for part in text.strip().replace("\\", "/").split("/") if part not in {"", "."}]
    if ".." in parts or (parts and _DRIVE.fullmatch(parts[0])):
        raise InvalidInputError(
            "path_prefix: give a path inside the repository, like `src/app`, without `..`.",
            field="path_prefix",
        )
    prefix = "/".join(parts)
    if len(prefix) > PREFIX_LIMIT:
        raise InvalidInputError(
            f"path_prefix: {len(prefix)} characters are too long; use at most {PREFIX_LIMIT}.",
            field="path_prefix",
        )
    return prefix


def prefixes_of(path: str) -> list[str]:
    """Return every prefix that covers a path, by whole segments: blank, `src`, `src/a.py`."""
    parts = path.split("/")
    return ["", *("/".join(parts[: count + 1]) for count in range(len(parts)))]


def vulnerability_classes(metadata: Mapping[str, Any]) -> list[str]:
    """Return the classes that a rule's metadata name; the field may be one text, a list or odd."""
    value = metadata.get("vulnerability_class")
    found = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return [text.strip() for text in found if isinstance(text, str) and text.strip()]


def scope_in_words(
    *, project: str, check_id: str, vulnerability_class: str, path_prefix: str
) -> str:
    """Return a scope as a sentence's part: `Rule a.b in project x, files under src`."""
    what = f"Rule {check_id}" if check_id else "All rules"
    if vulnerability_class:
        what += f" of the class {vulnerability_class}"
    where = f"in project {project}" if project else "in all projects"
    under = f", files under {path_prefix}" if path_prefix else ""
    return f"{what} {where}{under}"
