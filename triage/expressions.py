"""Calls, definitions and literals of the syntax tree, in one shape for all languages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from triage.languages import CLASS_NODES, FUNCTION_NODES
from triage.syntax import Source, walk

CALL_NODES = frozenset({
    "call", "call_expression", "method_invocation", "new_expression", "object_creation_expression",
})  # fmt: skip
MEMBER_NODES = frozenset({"attribute", "member_expression", "field_access", "selector_expression"})
INDEX_NODES = frozenset({
    "subscript", "subscript_expression", "array_access", "index_expression",
})  # fmt: skip
CONTAINER_NODES = frozenset({
    "array", "array_creation_expression", "array_initializer", "composite_literal", "dictionary",
    "list", "object", "set", "tuple",
})  # fmt: skip
BRANCH_NODES = frozenset({
    "if_statement", "elif_clause", "else_clause", "for_statement", "while_statement",
    "enhanced_for_statement", "for_in_statement", "do_statement", "try_statement",
    "try_with_resources_statement", "except_clause", "catch_clause", "finally_clause",
    "with_statement", "switch_statement", "switch_expression", "switch_block_statement_group",
    "switch_case", "switch_default", "expression_case", "default_case", "case_clause",
    "match_statement", "conditional_expression", "ternary_expression", "select_statement",
    "communication_case", "boolean_operator", "binary_expression", "labeled_statement",
    "switch_rule",
    "list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression",
    "type_case", "type_switch_statement", "expression_switch_statement",
})  # fmt: skip
LOOP_NODES = frozenset({
    "for_statement", "while_statement", "enhanced_for_statement", "for_in_statement",
    "do_statement",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of a call; `name` is blank for a positional one."""

    name: str
    value: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call: `callee` is its text without blanks, `new X` for constructors."""

    node: Node
    callee: str
    receiver: Node | None
    arguments: tuple[Argument, ...]


def read_call(source: Source, node: Node) -> Call | None:
    """Return the call that a node is, or None."""
    if node.type not in CALL_NODES:
        return None
    callee, receiver = _callee(source, node)
    arguments = node.child_by_field_name("arguments")
    parts = arguments.named_children if arguments is not None else []
    return Call(
        node=node,
        callee=re.sub(r"\s+", "", callee).replace("?.", ".").replace("new", "new ", 1)
        if node.type in {"new_expression", "object_creation_expression"}
        else re.sub(r"\s+", "", callee).replace("?.", "."),
        receiver=receiver,
        arguments=tuple(_argument(source, part) for part in parts if "comment" not in part.type),
    )


def _callee(source: Source, node: Node) -> tuple[str, Node | None]:
    if node.type == "method_invocation":
        target, name = node.child_by_field_name("object"), node.child_by_field_name("name")
        text = source.text_of(name) if name else ""
        return (f"{source.text_of(target)}.{text}" if target else text), target
    if node.type in {"new_expression", "object_creation_expression"}:
        made = node.child_by_field_name("constructor") or node.child_by_field_name("type")
        return f"new{source.text_of(made) if made else ''}", None
    function = node.child_by_field_name("function")
    if function is None:
        return "", None
    return source.text_of(function), owner_of(function)


def owner_of(node: Node) -> Node | None:
    """Return what a member is a member of, or what an index looks into."""
    for field in ("object", "operand", "value", "array"):
        child = node.child_by_field_name(field)
        if child is not None and node.type in MEMBER_NODES | INDEX_NODES:
            return child
    return None


def chain_of(source: Source, node: Node | None) -> str:
    """Return the dotted names of a member or call, without indexes and arguments: `a.b().c`."""
    parts: list[str] = []
    while node is not None:
        if node.type in MEMBER_NODES:
            parts.append(f".{source.text_of(node.children[-1])}")
            node = owner_of(node)
        elif node.type in INDEX_NODES:
            node = owner_of(node)
        elif node.type == "method_invocation":
            name, target = node.child_by_field_name("name"), node.child_by_field_name("object")
            text = source.text_of(name) if name is not None else ""
            parts.append(f".{text}()" if target is not None else f"{text}()")
            node = target
        elif node.type in CALL_NODES:
            parts.append("()")
            node = node.child_by_field_name("function")
        else:
            parts.append(source.text_of(node) if not node.named_child_count else "")
            break
    return "".join(reversed(parts))


def _argument(source: Source, node: Node) -> Argument:
    if node.type == "keyword_argument":
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is not None and value is not None:
            return Argument(name=source.text_of(name), value=value)
    return Argument(name="", value=node)


def calls_in(source: Source, node: Node) -> Iterator[Call]:
    """Give the calls in a node, the outer before the inner."""
    for part in walk(node):
        call = read_call(source, part)
        if call is not None:
            yield call


def outermost_calls(source: Source, node: Node) -> list[Call]:
    """Return the calls in a node that are not part of another one's arguments or receiver."""
    found: list[Call] = []
    stack = [node]
    while stack:
        current = stack.pop()
        call = read_call(source, current)
        if call is not None:
            found.append(call)
        else:
            stack.extend(reversed(current.named_children))
    return found


def parameters_of(source: Source, function: Node) -> dict[str, Node]:
    """Return the parameters of a function by name, with the nodes that declare them."""
    found: dict[str, Node] = {}
    for field in ("parameters", "parameter", "receiver"):
        declared = function.child_by_field_name(field)
        if declared is None:
            continue
        for part in declared.named_children or [declared]:
            for node in walk(part):
                if node.type in {"identifier", "shorthand_property_identifier_pattern"}:
                    found.setdefault(source.text_of(node), part)
    return found


def scope_of(node: Node) -> Node:
    """Return the function around a node, or the root of the tree."""
    current = node
    while current.parent is not None:
        current = current.parent
        if current.type in FUNCTION_NODES and current.is_named and current.named_child_count:
            return current
    return current


def is_at_top(node: Node) -> bool:
    """Say whether a node stands outside every function: in a module or a class body."""
    return scope_of(node).parent is None


def class_around(node: Node) -> Node | None:
    """Return the class a node stands in."""
    current = node.parent
    while current is not None and current.type not in CLASS_NODES:
        current = current.parent
    return current


def is_inside(node: Node, outer: Node) -> bool:
    """Say whether a node lies within another."""
    return outer.start_byte <= node.start_byte and node.end_byte <= outer.end_byte
