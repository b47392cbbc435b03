"""A rule file to its rules, each with the place where it stands."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from core.errors import ProblemError
from rules.yaml_values import (
    PlainLoader,
    UnsafeYamlError,
    refuse_bombs,
    refuse_repeated_keys,
    refuse_what_json_lacks,
)

MAX_FILE_BYTES = 1024 * 1024


class RuleFileError(ProblemError):
    """A rule file cannot be read; `place` is the file, with the line where there is one."""

    code = "rule_file_unreadable"

    def __init__(self, detail: str, *, place: str, line: int | None = None) -> None:
        super().__init__(detail, field="files")
        self.line = line
        self.place = place if line is None else f"{place}:{line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRule:
    """What stands where a file should have a rule, and where; the line is 1-based."""

    file: str
    line: int
    value: Any

    @property
    def place(self) -> str:
        """The file and its line."""
        return f"{self.file}:{self.line}"


def read_rules(file: Path) -> list[FoundRule]:
    """Return the rules of a file, in its order; raise RuleFileError."""
    return parse_rules(read_text(file, str(file)), file=str(file))


def parse_rules(text: str, *, file: str) -> list[FoundRule]:
    """Return the rules of a text, in its order; raise RuleFileError.

    `file` is what errors call it; they add the line.
    """
    try:
        return _parse(text, file)
    except UnsafeYamlError as error:
        raise RuleFileError(error.reason, place=file, line=error.line) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise RuleFileError(
            f"It is not plain YAML: {error.problem}.", place=file, line=line
        ) from error
    except (yaml.YAMLError, ValueError) as error:
        raise RuleFileError(
            "It is not plain YAML: look for control characters and for values with a tag.",
            place=file,
        ) from error


def read_text(file: Path, place: str) -> str:
    """Return the text of a file, called `place` in errors; raise RuleFileError."""
    if not file.is_file():
        remedy = "name the files in it" if file.is_dir() else "check the name"
        raise RuleFileError(f"It is not a file: {remedy}.", place=place)
    try:
        with file.open("rb") as stream:
            body = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise RuleFileError(
            f"It cannot be read ({error.strerror}): check its permissions.", place=place
        ) from error
    return decode(body, place=place)


def decode(body: bytes, *, place: str) -> str:
    """Return the text of a file; raise RuleFileError where it is none, or too long."""
    if len(body) > MAX_FILE_BYTES:
        raise RuleFileError("It is larger than 1 MiB: split it.", place=place)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RuleFileError("It is not UTF-8 text: save it as UTF-8.", place=place) from error
    if "\0" in text:
        raise RuleFileError("It is a binary file: name a YAML file.", place=place)
    return text


def _parse(text: str, place: str) -> list[FoundRule]:
    refuse_bombs(text)
    loader = PlainLoader(text)
    try:
        root = loader.get_single_node()
        if not isinstance(root, yaml.MappingNode):
            raise RuleFileError("It must be a mapping with the key `rules`.", place=place)
        refuse_repeated_keys(root)
        return [
            FoundRule(file=place, line=node.start_mark.line + 1, value=_value(loader, node))
            for node in _rule_nodes(root, place)
        ]
    finally:
        loader.dispose()


def _value(loader: PlainLoader, node: yaml.Node) -> Any:
    value = loader.construct_document(node)
    refuse_what_json_lacks(value, line=node.start_mark.line + 1)
    return value


def _rule_nodes(root: yaml.MappingNode, place: str) -> list[yaml.Node]:
    parts = {key.value: value for key, value in root.value if isinstance(key, yaml.ScalarNode)}
    rules = parts.pop("rules", None)
    if not isinstance(rules, yaml.SequenceNode) or not rules.value:
        raise RuleFileError("Its key `rules` must be a list with at least one rule.", place=place)
    if len(root.value) > 1:
        raise RuleFileError(
            f"It has keys beside `rules` ({', '.join(map(repr, parts))}): remove them.", place=place
        )
    return list(rules.value)
