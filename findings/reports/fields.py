"""Typed readers of a JSON object from outside; what is wrong is named by its JSON path."""

import re
from collections.abc import Mapping
from typing import Any

from findings.reports.values import InvalidReportError
from findings.texts import is_storable, storable_text

MESSAGE_LIMIT = 10_000
CHECK_ID_LIMIT = 400
PATH_LIMIT = 1000
LARGEST_POSITION = 2**31 - 1
# What Semgrep writes for those who are not logged in, in place of ids and code.
REQUIRES_LOGIN = "requires login"
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_SEPARATORS = re.compile(r"[\\/]")


class Fields:
    """One JSON object and the path that leads to it."""

    __slots__ = ("path", "values")

    def __init__(self, values: Any, path: str) -> None:
        if not isinstance(values, dict):
            raise InvalidReportError(f"An object is expected, not {_kind(values)}.", field=path)
        self.values: Mapping[str, Any] = values
        self.path = path

    def refuse(self, key: str, reason: str) -> InvalidReportError:
        """Return the refusal of one member."""
        return InvalidReportError(reason, field=f"{self.path}.{key}")

    def object(self, key: str) -> "Fields":
        """Return an object; an absent one is empty."""
        value = self.values.get(key)
        return Fields({} if value is None else value, f"{self.path}.{key}")

    def text(self, key: str) -> str:
        """Return a text, blank where it is absent, null or `requires login`."""
        value = self.values.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.refuse(key, f"A text is expected, not {_kind(value)}.")
        return "" if value == REQUIRES_LOGIN else value

    def identifier(self, key: str, limit: int) -> str:
        """Return a text that is stored as it is, so must be short and storable."""
        value = self.text(key)
        if len(value) > limit:
            raise self.refuse(key, f"{len(value):,} characters are too many; {limit} are allowed.")
        if not is_storable(value):
            raise self.refuse(key, "NUL and half characters are not allowed.")
        return value

    def check_id(self, key: str) -> str:
        """Return the id of a rule."""
        value = self.identifier(key, CHECK_ID_LIMIT)
        if not value:
            raise self.refuse(key, "The rule's id is missing.")
        return value

    def message(self, key: str) -> str:
        """Return a text for people, cut where it is very long."""
        return storable_text(self.text(key), limit=MESSAGE_LIMIT)

    def file_path(self, key: str) -> str:
        """Return a path within the repository."""
        value = self.identifier(key, PATH_LIMIT).removeprefix("./")
        if not value:
            raise self.refuse(key, "The path is missing.")
        if value.startswith(("/", "\\")) or _DRIVE.match(value):
            raise self.refuse(
                key, "The path is absolute; scan from the repository's root, so that it is not."
            )
        if ".." in value and ".." in _SEPARATORS.split(value):
            raise self.refuse(key, "The path leaves the repository by `..`; scan from its root.")
        return value

    def position(self, key: str, default: int | None = None) -> int:
        """Return a line or column; 0, which some engines write for a whole file, is 1."""
        value = self.values.get(key, default)
        if type(value) is not int:
            raise self.refuse(key, f"A whole number is expected, not {_kind(value)}.")
        if not 0 <= value <= LARGEST_POSITION:
            raise self.refuse(key, f"A number from 1 to {LARGEST_POSITION} is expected.")
        return value or 1

    def texts(self, key: str) -> frozenset[str]:
        """Return a list of texts as a set; an absent one is empty."""
        return texts_in(self.values.get(key), f"{self.path}.{key}")


def texts_in(values: Any, path: str) -> frozenset[str]:
    """Return a list of texts as a set; null is empty."""
    if values is None:
        return frozenset()
    if not isinstance(values, list):
        raise InvalidReportError(f"A list is expected, not {_kind(values)}.", field=path)
    for index, value in enumerate(values):
        if not isinstance(value, str):
            raise InvalidReportError(
                f"A text is expected, not {_kind(value)}.", field=f"{path}[{index}]"
            )
    return frozenset(values)


def list_in(values: Any, path: str) -> list[Any]:
    """Return a list; null is empty."""
    if values is None:
        return []
    if not isinstance(values, list):
        raise InvalidReportError(f"A list is expected, not {_kind(values)}.", field=path)
    return values


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return names.get(type(value), "a number")
