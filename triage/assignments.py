"""Where variables get their values, in one shape for all languages."""

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from triage.expressions import CALL_NODES, INDEX_NODES, MEMBER_NODES, owner_of, read_call
from triage.syntax import Source, walk

_MUTATORS = frozenset({
    "add", "addAll", "addFirst", "addLast", "append", "appendleft", "concat", "extend", "insert",
    "push", "put", "putAll", "putIfAbsent", "set", "setdefault", "splice", "unshift", "update",
    "write", "writelines", "replace", "WriteString", "setProperty", "fill", "merge", "compute",
    "computeIfAbsent", "computeIfPresent", "replaceAll", "offer", "addElement", "assign",
})  # fmt: skip
_ASSIGNMENTS = {
    "assignment": ("left", "right"),
    "augmented_assignment": ("left", "right"),
    "named_expression": ("name", "value"),
    "assignment_expression": ("left", "right"),
    "augmented_assignment_expression": ("left", "right"),
    "variable_declarator": ("name", "value"),
    "short_var_declaration": ("left", "right"),
    "assignment_statement": ("left", "right"),
    "var_spec": ("name", "value"),
    "const_spec": ("name", "value"),
    "for_statement": ("left", "right"),
    "for_in_statement": ("left", "right"),
    "for_in_clause": ("left", "right"),
    "range_clause": ("left", "right"),
    "receive_statement": ("left", "right"),
    "enhanced_for_statement": ("name", "value"),
    "resource": ("name", "value"),
    "catch_formal_parameter": ("name", ""),
    "catch_clause": ("parameter", ""),
    "instanceof_expression": ("name", ""),
    "as_pattern": ("alias", ""),
    "case_pattern": ("", ""),
}
_STEPS = frozenset({"update_expression", "inc_statement", "dec_statement"})
_DECLARATIONS = frozenset(
    {"variable_declarator", "short_var_declaration", "var_spec", "const_spec"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A place where a variable gets a value; `value` is None where it cannot be known."""

    name: str
    node: Node
    value: Node | None
    adds: bool
    """Whether it adds to what the variable held, instead of replacing it."""
    declares: bool


def definitions_in(source: Source, scope: Node) -> list[Definition]:
    """Return every definition in a node, in the order of the text."""
    found: list[Definition] = []
    for node in walk(scope):
        if node.type in _ASSIGNMENTS:
            found.extend(_assigned(source, node))
        elif node.type in _STEPS and node.named_child_count:
            found.append(_stepped(source, node))
        elif node.type in CALL_NODES:
            found.extend(_mutated(source, node))
    return found


def _stepped(source: Source, node: Node) -> Definition:
    """Return the definition that `x++` is."""
    target = node.named_children[0]
    name, _is_part = _target(source, target)
    return Definition(name=name, node=node, value=target, adds=True, declares=False)


def _assigned(source: Source, node: Node) -> Iterator[Definition]:
    left_field, right_field = _ASSIGNMENTS[node.type]
    left = node.child_by_field_name(left_field) if left_field else node
    right = node.child_by_field_name(right_field) if right_field else None
    if left is None or (right is None and right_field and node.type not in _DECLARATIONS):
        return
    adds = node.type.startswith("augmented") or any(
        child.type.endswith("=") and child.type not in {"=", ":=", "==", "!="}
        for child in node.children
    )
    for target, value in _pairs(left, right):
        name, is_part = _target(source, target)
        if name and (value is not None or not right_field):
            yield Definition(
                name=name,
                node=node,
                value=value,
                adds=adds or is_part,
                declares=node.type in _DECLARATIONS,
            )
        # A table holds its keys as well: `table[key] = value`.
        key = target.child_by_field_name("subscript") or target.child_by_field_name("index")
        if name and key is not None and target.type in INDEX_NODES:
            yield Definition(name=name, node=node, value=key, adds=True, declares=False)


def _pairs(left: Node, right: Node | None) -> list[tuple[Node, Node | None]]:
    """Match targets with values; where they cannot be matched, each gets the whole."""
    if left.type not in {"pattern_list", "tuple_pattern", "expression_list", "array_pattern"}:
        names = _targets(left)
        return [(name, _single(right)) for name in names]
    targets = left.named_children
    values = right.named_children if right is not None else []
    is_list = right is not None and right.type in {"expression_list", "tuple", "array"}
    if is_list and len(values) == len(targets):
        pairs = zip(targets, values, strict=True)
        return [(name, value) for target, value in pairs for name in _targets(target)]
    return [(name, _single(right)) for target in targets for name in _targets(target)]


def _single(node: Node | None) -> Node | None:
    is_wrapped = node is not None and node.type == "expression_list" and node.named_child_count == 1
    return node.named_children[0] if node is not None and is_wrapped else node


def _targets(left: Node) -> list[Node]:
    if left.type in MEMBER_NODES | INDEX_NODES or not left.named_child_count:
        return [left]
    return [node for node in walk(left) if not node.named_child_count and node.is_named]


def _target(source: Source, node: Node) -> tuple[str, bool]:
    """Return the variable that an assignment changes, and whether only a part of it."""
    is_part = False
    while node.type in MEMBER_NODES | INDEX_NODES:
        owner = owner_of(node)
        if owner is None:
            return "", True
        node, is_part = owner, True
    return source.text_of(node), is_part


def _mutated(source: Source, node: Node) -> Iterator[Definition]:
    call = read_call(source, node)
    if call is None or call.receiver is None or "." not in call.callee:
        return
    if call.callee.rsplit(".", 1)[1] not in _MUTATORS:
        return
    receiver = call.receiver
    # `text.append(a).append(b)` adds both to `text`.
    while (inner := read_call(source, receiver)) is not None and inner.receiver is not None:
        receiver = inner.receiver
    name, _is_part = _target(source, receiver)
    for argument in call.arguments:
        yield Definition(name=name, node=node, value=argument.value, adds=True, declares=False)
