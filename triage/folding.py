"""Conditions whose outcome is written in the code."""

import operator
from collections.abc import Callable, Mapping

from tree_sitter import Node

from triage.expressions import is_at_top, parameters_of, scope_of
from triage.fragments import block_stays_open
from triage.modules import Module

Constant = bool | int | str | None
_MAX_DEPTH = 12
_MAX_NUMBER = 10**12
_COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARITHMETIC: Mapping[str, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
_SAME = {"==": True, "===": True, "!=": False, "!==": False}
_NUMBERS = frozenset({"integer", "number", "decimal_integer_literal", "int_literal"})
_WRAPPERS = frozenset({"parenthesized_expression", "condition"})


class NotConstantError(Exception):
    """What the expression comes to is not written in the code."""


def outcome(source: Module, condition: Node) -> bool | None:
    """Return what a condition always is, or None when that is not written in the code."""
    try:
        return bool(_fold(source, condition, 0))
    except NotConstantError:
        return None


def _fold(source: Module, node: Node, depth: int) -> Constant:
    if depth > _MAX_DEPTH:
        raise NotConstantError
    if node.type in _WRAPPERS and node.named_child_count == 1:
        return _fold(source, node.named_children[0], depth + 1)
    if node.type == "identifier":
        return _fold(source, _only_value(source, node), depth + 1)
    if node.type in {"unary_expression", "not_operator", "unary_operator"}:
        return _fold_unary(source, node, depth)
    if node.type in {
        "binary_expression",
        "binary_operator",
        "comparison_operator",
        "boolean_operator",
    }:
        return _fold_binary(source, node, depth)
    return _literal(source, node)


def _literal(source: Module, node: Node) -> Constant:
    text = source.text_of(node)
    if node.type in {"true", "false"}:
        return node.type == "true"
    if node.type in _NUMBERS and text.isascii() and text.isdigit() and len(text) <= 12:
        return int(text)
    raise NotConstantError


def _fold_unary(source: Module, node: Node, depth: int) -> Constant:
    inner = _fold(source, node.named_children[-1], depth + 1)
    if node.children[0].type in {"!", "not"}:
        return not inner
    if node.children[0].type == "-" and isinstance(inner, int):
        return -inner
    raise NotConstantError


def _fold_binary(source: Module, node: Node, depth: int) -> Constant:
    if len(node.children) != 3:
        raise NotConstantError
    left_node, sign, right_node = node.children
    if sign.type in {"and", "&&", "or", "||"}:
        return _fold_logic(source, node, depth)
    left, right = _fold(source, left_node, depth + 1), _fold(source, right_node, depth + 1)
    if sign.type in _SAME:
        return (left == right) is _SAME[sign.type]
    if isinstance(left, int) and isinstance(right, int):
        if sign.type in _COMPARE:
            return _COMPARE[sign.type](left, right)
        if sign.type in _ARITHMETIC and max(abs(left), abs(right)) <= _MAX_NUMBER:
            return _ARITHMETIC[sign.type](left, right)
    raise NotConstantError


def _fold_logic(source: Module, node: Node, depth: int) -> Constant:
    decides = node.children[1].type in {"or", "||"}
    sides = []
    for side in (node.children[0], node.children[2]):
        try:
            sides.append(bool(_fold(source, side, depth + 1)))
        except NotConstantError:
            continue
    if decides in sides:
        return decides
    if len(sides) == 2:
        return not decides
    raise NotConstantError


def _only_value(source: Module, name: Node) -> Node:
    """Return the one value that a name can have, where nothing outside can change it."""
    text = source.text_of(name)
    found = source.definitions_of(text)
    if len(found) != 1 or found[0].value is None or found[0].adds or text in source.addressed_names:
        raise NotConstantError
    only, scope = found[0], scope_of(name)
    while scope.parent is not None:
        if text in parameters_of(source, scope):
            raise NotConstantError
        scope = scope_of(scope)
    is_earlier = only.node.start_byte < name.start_byte
    is_open = not source.is_fragment or (
        is_earlier and block_stays_open(source, text, after=only.node, until=name)
    )
    is_local = (
        is_open
        and scope_of(only.node) == scope_of(name)
        and is_earlier
        and (source.is_fragment or not is_at_top(name))
    )
    if not is_local and not _is_fixed(source, only.node):
        raise NotConstantError
    return found[0].value


def _is_fixed(source: Module, definition: Node) -> bool:
    """Say whether the language itself keeps a variable outside functions from changing."""
    if not is_at_top(definition) or definition.parent is None:
        return False
    if source.language == "java":
        modifiers = [part for part in definition.parent.children if part.type == "modifiers"]
        return any(child.type == "final" for part in modifiers for child in part.children)
    if source.language in {"javascript", "typescript", "tsx"}:
        return source.text_of(definition.parent).startswith("const")
    return definition.type == "const_spec"
