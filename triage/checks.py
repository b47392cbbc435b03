"""Tests that a program understands: what a value must be to pass them."""

import re
from typing import Protocol

from tree_sitter import Node

from triage.assignments import Definition
from triage.expressions import CONTAINER_NODES, INDEX_NODES, Call, is_at_top, read_call
from triage.knowledge import NUMBERS_DO_NOT_HELP, Family
from triage.modules import Module

_PLAIN_PATTERN = re.compile(
    r"\^?(?:(?:\\[dw]|[A-Za-z0-9_-]|\[(?:\\[dw]|[A-Za-z0-9_]-[A-Za-z0-9_]|[A-Za-z0-9_]|-(?=\]))+\])"
    r"(?:[+*?]|\{\d{1,4}(?:,\d{0,4})?\})?)+(?P<end>\$|\\Z|\\z)?"
)
# Calls whose value has no `..` left; Java's `resolve` only joins.
_SETTLING = {
    "python": r"(?:^|\.)(?:resolve|realpath|abspath|normpath)$",
    "java": r"\.(?:normalize|toRealPath|getCanonicalPath|getCanonicalFile)$",
    "go": r"^(?:filepath\.(?:Clean|Abs|Join|EvalSymlinks)|path\.(?:Clean|Join))$",
    "javascript": r"^path\.(?:resolve|join|normalize)$|^fs\.realpathSync$",
}
_EQUAL = {"==": True, "===": True, "!=": False, "!==": False}
_SETS = re.compile(
    r"^(?:set|frozenset|tuple|list|new Set|Set\.of|List\.of|Arrays\.asList|Object\.freeze"
    r"|Map\.of|new Map)$"
)


class Follows(Protocol):
    """What a check needs of the tracer."""

    source: Module
    family: Family

    def is_constant(self, node: Node) -> bool:
        """Say whether an expression's value is written in the code."""
        ...


def accepts(tracer: Follows, test: Node, name: str) -> bool | None:
    """Return the outcome of a test that means "accepted"; None when it is no known test."""
    call = read_call(tracer.source, test)
    if call is not None:
        return True if _call_accepts(tracer, call, name) else None
    if test.type == "index_expression":
        owner, key = test.child_by_field_name("operand"), test.child_by_field_name("index")
        is_table = owner is not None and key is not None and _is(tracer, key, name)
        return True if is_table and owner and _is_closed_set(tracer, owner) else None
    if test.child_count == 3:
        left, sign, right = test.children
        return _comparison_accepts(tracer, left, sign.type, right, name=name)
    return None


def _takes(source: Module, call: Call, name: str) -> bool:
    return any(name in source.names_in(argument.value) for argument in call.arguments)


def _comparison_accepts(
    tracer: Follows, left: Node, sign: str, right: Node, *, name: str
) -> bool | None:
    if sign in {"in", "not in"} and _is(tracer, left, name):
        return (sign == "in") if _is_closed_set(tracer, right) else None
    if sign not in _EQUAL:
        return None
    for one, other in ((left, right), (right, left)):
        if _is(tracer, one, name) and tracer.is_constant(other):
            return _EQUAL[sign]
        if tracer.source.text_of(one).replace(" ", "") == f"typeof{name}":
            is_number = tracer.source.text_of(other).strip("\"'") in {"number", "boolean"}
            is_number = is_number and tracer.family not in NUMBERS_DO_NOT_HELP
            return _EQUAL[sign] if is_number else None
        inner = read_call(tracer.source, one)
        if inner and _is_common_path(tracer, inner, name):
            return _EQUAL[sign]
    return None


def _is(tracer: Follows, node: Node, name: str) -> bool:
    return node.type == "identifier" and tracer.source.text_of(node) == name


def _is_closed_set(tracer: Follows, node: Node) -> bool:
    """Say whether an expression is a list, set or table whose entries stand in the code."""
    if node.type in CONTAINER_NODES:
        return _has_constant_keys(tracer, node) and tracer.is_constant(node)
    call = read_call(tracer.source, node)
    if call is not None:
        return bool(_SETS.match(re.sub(r"<.*>", "", call.callee))) and tracer.is_constant(node)
    if node.type != "identifier":
        return False
    values = [
        d.value for d in tracer.source.definitions_of(tracer.source.text_of(node)) if not d.adds
    ]
    return (
        bool(values)
        and not any(
            _adds_a_key(d) for d in tracer.source.definitions_of(tracer.source.text_of(node))
        )
        and all(
            value is not None and value.type != "identifier" and _is_closed_set(tracer, value)
            for value in values
        )
        and tracer.is_constant(node)
    )


def _has_constant_keys(tracer: Follows, node: Node) -> bool:
    keys = [pair.child_by_field_name("key") for pair in node.named_children if pair.type == "pair"]
    return all(
        key is None or key.type == "property_identifier" or tracer.is_constant(key) for key in keys
    )


def _adds_a_key(definition: Definition) -> bool:
    """Say whether a definition adds an entry under a key: `table[key] = value`."""
    left = definition.node.child_by_field_name("left")
    return definition.adds and left is not None and left.type in INDEX_NODES


def _call_accepts(tracer: Follows, call: Call, name: str) -> bool:
    method = call.callee.rsplit(".", 1)[-1]
    first = call.arguments[0].value if call.arguments else None
    receiver = call.receiver
    if receiver is not None and first is not None and _is(tracer, first, name):
        if method in {"includes", "has", "contains", "containsKey", "hasOwnProperty"}:
            return _is_closed_set(tracer, receiver)
        if method in {"equals", "equalsIgnoreCase"}:
            return tracer.is_constant(receiver)
        if method in {"test", "MatchString"}:
            return _is_strict(tracer, receiver, needs_anchors=True)
    if receiver is not None and _is(tracer, receiver, name):
        return _method_accepts(tracer, method, call, name)
    return _function_accepts(tracer, call, name)


def _method_accepts(tracer: Follows, method: str, call: Call, name: str) -> bool:
    first = call.arguments[0].value if call.arguments else None
    if method in {"isdigit", "isdecimal", "isnumeric"}:
        return tracer.family not in NUMBERS_DO_NOT_HELP
    if method in {"isalnum", "isidentifier"}:
        return tracer.family not in NUMBERS_DO_NOT_HELP
    if first is None:
        return False
    if method == "equals":
        return tracer.is_constant(first)
    if method == "matches":
        return _is_strict(tracer, first, needs_anchors=False)
    is_folder = (method == "is_relative_to" and _is_folder(tracer, first)) or (
        method in {"startswith", "startsWith"} and _ends_in_separator(tracer, first, name)
    )
    return is_folder and tracer.family is Family.PATH and _is_settled_path(tracer, name)


def _function_accepts(tracer: Follows, call: Call, name: str) -> bool:
    values = [argument.value for argument in call.arguments]
    places = [place for place, value in enumerate(values) if _is(tracer, value, name)]
    if len(places) != 1:
        return False
    others = [value for place, value in enumerate(values) if place != places[0]]
    return _accepts_at(tracer, call.callee, places[0], others, name=name)


def _accepts_at(tracer: Follows, callee: str, place: int, others: list[Node], *, name: str) -> bool:
    """Say whether a known function accepts the value; `place` is its argument's, from 0."""
    other = others[0] if len(others) == 1 else None
    if other is None:
        is_number = callee in {"Number.isInteger", "Number.isSafeInteger"}
        is_number = is_number and tracer.family not in NUMBERS_DO_NOT_HELP
        return is_number or (callee == "filepath.IsLocal" and tracer.family is Family.PATH)
    if (callee, place) == ("isinstance", 0):
        kinds = set(re.findall(r"[\w.]+", tracer.source.text_of(other)))
        return tracer.family not in NUMBERS_DO_NOT_HELP and kinds <= {
            "int",
            "float",
            "bool",
            "UUID",
            "uuid.UUID",
        }
    if place == 1 and callee in {"re.fullmatch", "re.match"}:
        return _is_strict(tracer, other, needs_anchors=callee == "re.match")
    if (callee, place) == ("slices.Contains", 1):
        return _is_closed_set(tracer, other)
    is_folder = (callee, place) == ("strings.HasPrefix", 0) and tracer.family is Family.PATH
    is_settled = is_folder and _is_settled_path(tracer, name)
    return is_settled and _ends_in_separator(tracer, other, name)


def _is_common_path(tracer: Follows, call: Call, name: str) -> bool:
    is_common = call.callee == "os.path.commonpath" and tracer.family is Family.PATH
    return is_common and _takes(tracer.source, call, name) and _is_settled_path(tracer, name)


def _is_settled_path(tracer: Follows, name: str) -> bool:
    """Say whether every value of a name is a path without `..` left in it."""
    values = [d.value for d in tracer.source.definitions_of(name)]
    return bool(values) and all(
        value is not None and _settles(tracer.source, value) for value in values
    )


def _settles(source: Module, value: Node) -> bool:
    call = read_call(source, value)
    language = source.language or ""
    pattern = _SETTLING.get(language, _SETTLING["javascript"])
    return call is not None and re.search(pattern, call.callee) is not None


def _is_folder(tracer: Follows, prefix: Node) -> bool:
    """Say whether a prefix is a folder that the program names: not the root, not a stranger's."""
    source = tracer.source
    text = source.text_of(prefix).replace(" ", "")
    if re.fullmatch(
        r"(?:[rbu]?[\"'`](?:[/\\.]|[A-Za-z]:[/\\]*)*[\"'`]|os\.sep|path\.sep|File\.separator)", text
    ):
        return False
    if tracer.is_constant(prefix):
        return True
    given = source.parameter_names - {"self", "cls"}
    names = source.names_in(prefix)
    is_local = any(
        not is_at_top(d.node) and (d.value is None or not tracer.is_constant(d.value))
        for name in names
        for d in source.definitions_of(name)
    )
    return not (names & given) and not is_local


def _ends_in_separator(tracer: Follows, prefix: Node, name: str) -> bool:
    """Say whether a prefix ends where a folder's name ends; `/data` also begins `/data-2`."""
    if not _is_folder(tracer, prefix):
        return False
    text = tracer.source.text_of(prefix).replace(" ", "")
    values = [d.value for d in tracer.source.definitions_of(name) if d.value is not None]
    is_java_path = tracer.source.language == "java" and all(
        re.search(r"\.(?:normalize|toRealPath)\(\)$", tracer.source.text_of(value))
        for value in values
    )
    return is_java_path or bool(
        re.search(r"(?:os\.sep|path\.sep|File\.separator|[/\\](?:[\"'`]|\"\)))$", text)
        or re.search(r"string\((?:os\.PathSeparator|filepath\.Separator)\)$", text)
    )


def _is_strict(tracer: Follows, node: Node, *, needs_anchors: bool) -> bool:
    """Say whether a pattern lets letters, digits, `_` and `-` pass and nothing else."""
    call = read_call(tracer.source, node)
    if (
        call
        and call.callee in {"regexp.MustCompile", "re.compile", "new RegExp"}
        and call.arguments
    ):
        return _is_strict(tracer, call.arguments[0].value, needs_anchors=needs_anchors)
    if node.type == "identifier":
        values = [d.value for d in tracer.source.definitions_of(tracer.source.text_of(node))]
        is_one = len(values) == 1 and values[0] is not None and values[0].type != "identifier"
        return is_one and _is_strict(tracer, values[0], needs_anchors=needs_anchors)  # type: ignore[arg-type]  # is_one says it is there
    text = tracer.source.text_of(node)
    found = re.fullmatch(
        r"(?:[rbu]{0,2}[\"'`]|/)(?P<pattern>.*)(?:[\"'`]|/[a-z]*)", text, re.DOTALL
    )
    if (
        found is None
        or tracer.family in NUMBERS_DO_NOT_HELP
        or (text.startswith("/") and "m" in text.rsplit("/", 1)[1])
    ):
        return False
    pattern = found["pattern"].replace("\\\\", "\\")
    shape = _PLAIN_PATTERN.fullmatch(pattern)
    if shape is None:
        return False
    return not needs_anchors or (pattern.startswith("^") and shape["end"] is not None)
