"""Ways in which a variable may change that no assignment to it tells."""

import re
from collections.abc import Iterable

from tree_sitter import Node

from triage.assignments import Definition
from triage.expressions import (
    CONTAINER_NODES,
    INDEX_NODES,
    MEMBER_NODES,
    class_around,
    is_inside,
    read_call,
)
from triage.knowledge import PROPAGATING_METHODS
from triage.languages import INTERPOLATION_NODES, STRING_NODES
from triage.modules import Module
from triage.syntax import walk

_LOOKS_ONLY = frozenset({
    "len", "print", "str", "repr", "sorted", "set", "frozenset", "tuple", "list", "isinstance",
    "any", "all", "log", "Set", "new Set", "enumerate", "join", "info", "debug", "freeze",
    "Contains", "hasOwn", "keys", "values", "entries",
})  # fmt: skip
_READING_METHODS = re.compile(
    r"\.(?:includes|has|contains|containsKey|hasOwnProperty|indexOf|index|count|size|isEmpty"
    r"|length|add|addAll|addFirst|addLast|append|appendleft|extend|insert|push|put|putAll"
    r"|putIfAbsent|set|setdefault|splice|unshift|update|write|writelines|WriteString|setProperty"
    r"|remove|clear|sort|getFirst|getLast|peek|poll|iterator)$"
)
_READING_PARENTS = frozenset({
    "binary_expression", "binary_operator", "boolean_operator", "comparison_operator",
    "not_operator", "concatenated_string", "for_statement", "for_in_statement", "for_in_clause",
    "enhanced_for_statement", "if_statement", "while_statement", "range_clause", "import",
    "delete_statement", "global_statement", "nonlocal_statement", "method_invocation",
    "object_creation_expression", "parameters", "formal_parameters",
}) | INTERPOLATION_NODES  # fmt: skip
_IMMUTABLE = STRING_NODES | frozenset({
    "integer", "float", "number", "true", "false", "none", "null", "null_literal", "nil",
    "decimal_integer_literal", "int_literal", "float_literal", "concatenated_string", "tuple",
    "comparison_operator", "not_operator", "regex", "undefined",
})  # fmt: skip
_SUMS = frozenset({
    "binary_operator", "binary_expression", "parenthesized_expression", "conditional_expression",
    "ternary_expression",
})  # fmt: skip


def is_handed_on(source: Module, found: Iterable[Definition], scope: Node, use: Node) -> bool:
    """Say whether a list or table gets a second name or goes where it may be changed."""
    names = {d.name for d in found if d.value is not None and can_change(source, d.value)}
    if not names:
        return False
    return any(
        node.type in {"identifier", "shorthand_property_identifier"}
        and source.text_of(node) in names
        and node != use
        and not _only_looks(source, node)
        for node in walk(scope)
    )


def can_change(source: Module, value: Node) -> bool:
    """Say whether a value is one that can change in place: all but texts, numbers and the like."""
    if value.type in _IMMUTABLE:
        return False
    if value.type in _SUMS:
        parts = value.named_children
        is_text = value.type.startswith("binary") and any(p.type in STRING_NODES for p in parts)
        return not is_text and any(can_change(source, part) for part in parts)
    begins = source.text_of(value).startswith(("new ", "list(", "dict(", "set(", "make("))
    is_list = re.search(r"\.(?:split|splitlines|copy|slice|concat|asList)\(", source.text_of(value))
    is_bytes = source.text_of(value).startswith("bytearray(")
    return value.type in CONTAINER_NODES or begins or bool(is_list) or is_bytes


def _only_looks(source: Module, node: Node) -> bool:
    """Say whether what stands around a name reads it and keeps no hold of it."""
    parent = node.parent
    if parent is None:
        return True
    if parent.type in MEMBER_NODES | INDEX_NODES or parent.type == "method_invocation":
        return _only_looks_into(source, node, parent)
    if parent.type in {"argument_list", "arguments"} and parent.parent is not None:
        call = read_call(source, parent.parent)
        return call is not None and call.callee.rsplit(".", 1)[-1] in _LOOKS_ONLY
    if parent.type in _READING_PARENTS:
        return True
    # What is defined here is no second hold: the left side of an assignment.
    left = parent.child_by_field_name("left") or parent.child_by_field_name("name")
    if left is not None and is_inside(node, left):
        return True
    return parent.type in {"pattern_list", "expression_list"} and _is_left(parent)


def _is_left(part: Node) -> bool:
    above = part.parent
    return above is not None and above.child_by_field_name("left") == part


def _only_looks_into(source: Module, node: Node, member: Node) -> bool:
    """Say whether a member or method of a list or table is only read, or changed as is known."""
    if member.type in INDEX_NODES:
        return True
    call_node = member if member.type == "method_invocation" else member.parent
    call = read_call(source, call_node) if call_node is not None else None
    if call is None or call.receiver is None or call.receiver != node:
        is_called = call is not None and call.receiver != node
        text = source.text_of(member.children[-1])
        return not is_called and not (f".{text}" and _READING_METHODS.search(f".{text}"))
    return bool(_READING_METHODS.search(call.callee) or PROPAGATING_METHODS.search(call.callee))


def is_open_to_others(source: Module, name: str, found: Iterable[Definition]) -> bool:
    """Say whether code that is not followed may give the variable another value."""
    if name in source.addressed_names or name in source.imported_names:
        return True
    if source.language == "python":
        return source.changes_its_globals
    return source.language == "java" and any(_is_open_field(source, d) for d in found)


def is_visible_from(source: Module, definition: Definition, use: Node) -> bool:
    """Say whether a name of a class body can be meant: in Python only within that body."""
    around = class_around(definition.node)
    if source.language != "python" or around is None:
        return True
    return class_around(use) == around


def _is_open_field(source: Module, definition: Definition) -> bool:
    """Say whether a Java field may be set from elsewhere: only `final` ones surely are not."""
    field = definition.node.parent
    if field is None or field.type != "field_declaration":
        return False
    modifiers = next((part for part in field.children if part.type == "modifiers"), None)
    kinds = {part.type for part in modifiers.children} if modifiers else set()
    if "final" in kinds:
        return False
    is_set = any(
        source.text_of(d.node).replace(" ", "").startswith(f"this.{definition.name}")
        for d in source.definitions_of("this")
    )
    return is_set or "private" not in kinds or not kinds <= {"private", "static"}
