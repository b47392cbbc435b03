"""What is done with which arguments, whatever way both are written; pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from remediation.comparison.groups import assignment_at, target_of, unquoted
from remediation.comparison.syntax_kinds import CALLS, NAMES, STRINGS
from remediation.comparison.trees import Unit, arguments_of, callee_of, is_text, is_token, text_of
from triage.languages import INTERPOLATION_NODES

PLACEHOLDER = re.compile(r"%[-+]?[sdvrfiuxq]|\{\w*\}|\s+")
# Calls that give back what they were given.
IDENTITY = frozenset({
    "str", "String", "toString", "valueOf", "format", "join", "concat", "sprintf", "Sprintf",
    "strip", "trim", "unicode", "bytes", "encode", "decode", "to_s", "strval", "Format", "f",
    "Object", "object", "any", "string", "ToString", "as", "fmt", "list",
})  # fmt: skip
DROPPED = frozenset({
    "+", "%", ".", "||", "(", ")", ",", ";", '"', "'", "`", "->", "..", "?.", "&", "as", "!",
    "$", "@", "${", "#{", "f", "new", "string_start", "string_end",
})  # fmt: skip
CONSTANTS = {"True": "1", "true": "1", "TRUE": "1", "False": "0", "false": "0", "FALSE": "0"}
# What begins and ends a text, or a value inside one.
MARKS = re.compile(r"[A-Za-z@$#]{0,3}[\"'`{}]+|\$")
LOADERS = frozenset({"__import__", "require", "import_module"})
# Statements that show what follows them.
PRINTING = frozenset({"echo", "print"})
MOST_STEPS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink:
    """A call, or an assignment to a property: its name, its arguments' signatures, its text."""

    name: tuple[str, ...]
    arguments: tuple[str, ...]
    text: str


def sinks_of(unit: Unit, values: Mapping[str, Sequence[Node]]) -> Iterator[Sink]:
    """Give what a statement calls, and the property it sets."""
    for call in unit.calls:
        yield Sink(
            name=_through(callee_of(call), values),
            arguments=tuple(signature([node], values) for node in _all_arguments(call)),
            text=re.sub(r"\s+", " ", text_of(call)),
        )
    if unit.tokens[0] in PRINTING and unit.calls[:1] != (unit.node,):
        yield Sink(
            name=(unit.tokens[0],),
            arguments=(signature(unit.node.named_children, values),),
            text=unit.text,
        )
    target = target_of(unit)
    if target and "." in target:
        value = signature(_value_nodes(unit), values)
        yield Sink(name=tuple(target.split(".")), arguments=(value,), text=unit.text)


def _all_arguments(call: Node) -> Iterator[Node]:
    """Give a call's arguments, and those of the calls that it continues."""
    yield from arguments_of(call)
    inner = call.children[0] if call.children else None
    while inner is not None:
        if inner.type in CALLS:
            yield from arguments_of(inner)
        inner = inner.children[0] if inner.children else None


def _through(name: tuple[str, ...], values: Mapping[str, Sequence[Node]]) -> tuple[str, ...]:
    """Return a name with its first part replaced by the names that made it."""
    made_of = [text_of(node) for node in values.get(name[0], ()) if node.type in NAMES]
    if not made_of or len(name) < 2 or LOADERS & set(made_of):
        return name
    return (*made_of, *name[1:])


def values_by_name(units: Sequence[Unit]) -> dict[str, Sequence[Node]]:
    """Return the nodes that make each variable's value, for variables set in one place."""
    found: dict[str, Sequence[Node]] = {}
    repeated = set()
    for unit in units:
        name = target_of(unit)
        if name is None or not re.fullmatch(r"\$?\w+", name):
            continue
        if name in found:
            repeated.add(name)
        found[name] = _value_nodes(unit)
    return {name: nodes for name, nodes in found.items() if name not in repeated}


def _value_nodes(unit: Unit) -> list[Node]:
    """Return a statement's leaves right of its sign of assignment."""
    index = assignment_at(unit)
    leaves = [part for part in unit.parts if is_token(part)]
    seen = [leaf for leaf in leaves if text_of(leaf)]
    return seen[index + 1 :] if index is not None and len(seen) == len(unit.tokens) else []


def signature(
    nodes: Sequence[Node], values: Mapping[str, Sequence[Node]], steps: int = MOST_STEPS
) -> str:
    """Return what an argument is made of: its texts, its names, and all that gives it a shape."""
    texts: list[str] = []
    names: list[str] = []
    shape: list[str] = []
    joins = any("join" in text_of(node) for node in nodes)
    for leaf, in_text in (pair for node in nodes for pair in _leaves(node, in_text=_in_text(node))):
        text = text_of(leaf)
        if is_text(leaf) or (in_text and leaf.type not in NAMES):
            is_mark = not is_text(leaf) and MARKS.fullmatch(text)
            texts.append("" if is_mark else PLACEHOLDER.sub("", unquoted(text)))
        elif leaf.type in NAMES and text in values and steps:
            inner = signature(values[text], {**values, text: ()} if text else values, steps - 1)
            for target, part in zip((texts, names, shape), inner.split("|"), strict=False):
                target.append(part)
        elif leaf.type in NAMES:
            names.append("" if text in IDENTITY else text)
        elif text not in DROPPED and not (joins and text in "[]"):
            shape.append(CONSTANTS.get(text, text))
    return "|".join(("".join(texts), " ".join(filter(None, names)), "".join(shape)))


def _leaves(node: Node, *, in_text: bool) -> Iterator[tuple[Node, bool]]:
    if not node.children or (is_text(node) and not _has_names(node)):
        yield node, in_text
        return
    inside = in_text or (node.type in STRINGS and node.is_named)
    is_value = node.type in INTERPOLATION_NODES
    for child in node.children:
        is_mark = not child.is_named or child.type.startswith("interpolation_")
        yield from _leaves(child, in_text=is_mark if is_value else inside)


def _in_text(node: Node) -> bool:
    """Say whether a node is the mark of a text, or a mark inside it."""
    parent = node.parent
    if parent is not None and parent.type in INTERPOLATION_NODES and not node.is_named:
        return True
    return parent is not None and parent.type in STRINGS and not node.is_named


def _has_names(node: Node) -> bool:
    return node.type in NAMES or any(_has_names(child) for child in node.children)
