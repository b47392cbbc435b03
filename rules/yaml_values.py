"""YAML text to plain values, safe against YAML's traps.

What a text may do to its reader is bounded before anything is built from it: how deep it goes,
and how much its aliases unfold to.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

MAX_NODES = 100_000
MAX_DEPTH = 60
MAX_CHARACTERS = 2 * 1024 * 1024
# Larger ones are not exact in everybody's JSON.
MAX_INTEGER = 2**53
MERGE_TAG = "tag:yaml.org,2002:merge"
WORDS = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,17})", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,17}(?:[eE][-+]?[0-9]{1,3})?|[eE][-+]?[0-9]{1,3})",
        "-+0123456789",
    ),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
)


class UnsafeYamlError(ValueError):
    """The text is YAML of a kind that we do not take; `line` is 1-based."""

    def __init__(self, reason: str, *, line: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class PlainLoader(yaml.CSafeLoader):
    """Reads words as YAML 1.2 does: `on`, `017` and `2026-01-01` are text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


for _name, _pattern, _first in WORDS:
    PlainLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_name}", re.compile(rf"(?:{_pattern})\Z"), list(_first)
    )


@dataclass(slots=True)
class _Measure:
    """How many values and characters a node unfolds to, and over how many levels."""

    anchor: str | None
    size: int = 0
    depth: int = 0
    length: int = 0


def refuse_bombs(text: str) -> None:
    """Measure `text` without building it.

    Raises UnsafeYamlError when it unfolds to too much, and for tags, which ask for other values
    than plain ones.
    """
    measured: dict[str | None, _Measure] = {}
    open_nodes = [_Measure(anchor=None)]
    for event in yaml.parse(text, Loader=PlainLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append(_Measure(anchor=event.anchor))
        elif isinstance(event, (yaml.CollectionEndEvent, yaml.ScalarEvent, yaml.AliasEvent)):
            node = _finished(event, open_nodes, measured)
            open_nodes[-1].size += node.size
            open_nodes[-1].length += node.length
            open_nodes[-1].depth = max(open_nodes[-1].depth, node.depth)
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise UnsafeYamlError(f"It has the tag {tag!r}: remove it.", line=_line(event))
        if _is_too_much(open_nodes):
            raise UnsafeYamlError(
                f"It unfolds to more than {MAX_NODES} values, {MAX_CHARACTERS} characters or"
                f" {MAX_DEPTH} levels: write out what its aliases stand for, or split the file.",
                line=_line(event),
            )


def _is_too_much(open_nodes: list[_Measure]) -> bool:
    newest = open_nodes[-1]
    return (
        newest.size > MAX_NODES
        or newest.length > MAX_CHARACTERS
        or len(open_nodes) + newest.depth > MAX_DEPTH
    )


def _line(part: yaml.Event | yaml.Node) -> int:
    return part.start_mark.line + 1 if part.start_mark else 1


def _finished(
    event: yaml.Event, open_nodes: list[_Measure], measured: dict[str | None, _Measure]
) -> _Measure:
    """Return the measure of the node that ends here; an alias counts as what it stands for."""
    if isinstance(event, yaml.AliasEvent):
        # Not measured yet: it stands inside what it names, and would unfold for ever.
        return measured.get(event.anchor, _Measure(anchor=None, size=MAX_NODES, depth=MAX_DEPTH))
    if isinstance(event, yaml.ScalarEvent):
        node = _Measure(anchor=event.anchor, length=len(event.value))
    else:
        node = open_nodes.pop()
    node.size += 1
    node.depth += 1
    if node.anchor:
        measured[node.anchor] = node
    return node


def refuse_repeated_keys(root: yaml.Node) -> None:
    """Raise UnsafeYamlError where a mapping has a key twice: one of the two would be lost."""
    waiting, seen = [root], {id(root)}
    while waiting:
        node = waiting.pop()
        children = list(node.value) if isinstance(node, yaml.CollectionNode) else []
        if isinstance(node, yaml.MappingNode):
            _refuse_repeated(key for key, _value in children)
            children = [part for pair in children for part in pair]
        fresh = [child for child in children if id(child) not in seen]
        seen.update(id(child) for child in fresh)
        waiting.extend(fresh)


def _refuse_repeated(keys: Iterator[yaml.Node]) -> None:
    seen = set()
    for key in keys:
        if not isinstance(key, yaml.ScalarNode) or key.tag == MERGE_TAG:
            continue
        if key.value in seen:
            raise UnsafeYamlError(
                f"The key {key.value!r} stands twice in one mapping: remove one of them.",
                line=_line(key),
            )
        seen.add(key.value)


def refuse_what_json_lacks(value: Any, *, line: int) -> None:
    """Raise UnsafeYamlError for a value that JSON or the database cannot hold."""
    if isinstance(value, dict):
        for key, part in value.items():
            if not isinstance(key, str):
                raise UnsafeYamlError(f"The key {key!r} is not text: put it in quotes.", line=line)
            refuse_what_json_lacks(key, line=line)
            refuse_what_json_lacks(part, line=line)
    elif isinstance(value, list):
        for part in value:
            refuse_what_json_lacks(part, line=line)
    elif not _is_plain(value):
        raise UnsafeYamlError(
            "It has a value that JSON cannot hold (a very large number, a NUL character, half a"
            " character, or a tagged value): write it as plain text.",
            line=line,
        )


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or (isinstance(value, int) and abs(value) <= MAX_INTEGER)
