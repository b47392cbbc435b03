"""Checks that a value must pass on its way: allow-lists, types, patterns, bounds of a folder."""

import re
from collections.abc import Callable
from typing import Protocol

from tree_sitter import Node

from triage.expressions import (
    CONTAINER_NODES,
    Call,
    is_inside,
    read_call,
    scope_of,
)
from triage.knowledge import SOUNDS_LIKE_A_CHECK, Family
from triage.modules import Module
from triage.syntax import line_of, walk

_BRANCHES = frozenset({"if_statement", "elif_clause"})
_LEAVES = frozenset({
    "return_statement", "raise_statement", "throw_statement", "continue_statement",
    "break_statement",
})  # fmt: skip
_LEAVING_CALLS = re.compile(
    r"^(?:abort|sys\.exit|exit|panic|process\.exit|os\.Exit|log\.Fatal\w*)$"
)
_BLOCKS = frozenset({"block", "statement_block", "statement_list"})
_WRAPPERS = frozenset({"parenthesized_expression", "condition"})
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


def guard_of(tracer: Follows, *, name: str, use: Node) -> list[int] | None:
    """Return the lines of a check that `name` has surely passed when `use` is reached."""
    for test, wanted in _conditions_passed(tracer.source, use):
        if _unchanged_since(tracer.source, name, test, use) and _implies(
            test, wanted, lambda atom: _accepts(tracer, atom, name)
        ):
            return [line_of(test)]
    return None


def looks_checked(source: Module, *, name: str, use: Node) -> bool:
    """Say whether something between may be a check of `name` that is not understood."""
    if source.is_fragment and _is_tested_by_text(source, name, use):
        return True
    scope = scope_of(use)
    for node in walk(scope):
        if node.start_byte >= use.start_byte:
            break
        if node.type in _BRANCHES and name in source.names_in(_condition(node)):
            # A test whose branch leaves may be the check.
            consequence = node.child_by_field_name("consequence")
            if is_inside(use, node) or (consequence is not None and _leaves(source, consequence)):
                return True
        call = read_call(source, node)
        if call and sounds_like_a_check(call.callee) and _takes(source, call, name):
            return True
    return False


def _is_tested_by_text(source: Module, name: str, use: Node) -> bool:
    pattern = re.compile(rf"\b(?:if|elif|unless|while|assert)\b.*\b{re.escape(name)}\b")
    return any(pattern.search(line) for line in source.lines[: line_of(use) - 1])


def sounds_like_a_check(callee: str) -> bool:
    """Say whether a function's name promises to check or clean something."""
    return SOUNDS_LIKE_A_CHECK.search(callee.rsplit(".", 1)[-1]) is not None


def is_plain_function(source: Module, function: Node) -> bool:
    """Say whether a call of the function surely runs this body to a return."""
    above = function.parent
    if above is not None and above.type == "decorated_definition":
        return False
    if any(node.type in {"yield", "yield_expression"} for node in walk(function)):
        return False
    name = function.child_by_field_name("name")
    if name is None or len([n for n in source.definitions_of(source.text_of(name))]):
        return False
    if source.language == "java":
        head = source.text_of(function).split("{", 1)[0]
        return re.search(r"\b(?:static|private|final)\b", head) is not None
    return True


def _takes(source: Module, call: Call, name: str) -> bool:
    return any(name in source.names_in(argument.value) for argument in call.arguments)


def _condition(node: Node) -> Node:
    return node.child_by_field_name("condition") or node


def _conditions_passed(source: Module, use: Node) -> list[tuple[Node, bool]]:
    """Return conditions whose outcome is known where `use` runs, with that outcome."""
    found: list[tuple[Node, bool]] = []
    scope = scope_of(use)
    current = use
    while current != scope and current.parent is not None:
        parent = current.parent
        found += _from_branch(current, parent)
        if parent.type in _BLOCKS or parent == scope or parent.parent is None:
            found += _from_before(source, current, parent)
        current = parent
    return found


def _from_branch(part: Node, branch: Node) -> list[tuple[Node, bool]]:
    condition = branch.child_by_field_name("condition")
    if condition is None or branch.type not in {*_BRANCHES, "ternary_expression"}:
        return []
    if part == branch.child_by_field_name("consequence"):
        return [(condition, True)]
    is_other = part in branch.children_by_field_name("alternative")
    return [(condition, False)] if is_other else []


def _from_before(source: Module, part: Node, block: Node) -> list[tuple[Node, bool]]:
    """Return the tests of earlier statements of a block that leave when they are met."""
    found: list[tuple[Node, bool]] = []
    for statement in block.named_children:
        if statement.start_byte >= part.start_byte:
            break
        consequence = statement.child_by_field_name("consequence")
        condition = statement.child_by_field_name("condition")
        if statement.type != "if_statement" or consequence is None or condition is None:
            continue
        if _leaves(source, consequence):
            found.append((condition, False))
    return found


def _leaves(source: Module, block: Node) -> bool:
    """Say whether a block always ends what is being done."""
    if block.type in _LEAVES:
        return True
    statements = [part for part in block.named_children if "comment" not in part.type]
    if not statements:
        return False
    last = statements[-1]
    if last.type in _BLOCKS:
        return _leaves(source, last)
    if last.type == "expression_statement" and last.named_child_count:
        call = read_call(source, last.named_children[0])
        return call is not None and _LEAVING_CALLS.match(call.callee) is not None
    return last.type in _LEAVES


def _unchanged_since(source: Module, name: str, test: Node, use: Node) -> bool:
    return not any(
        test.end_byte <= definition.node.start_byte < use.start_byte
        for definition in source.definitions_of(name)
    )


def _implies(condition: Node, wanted: bool, accepts: Callable[[Node], bool | None]) -> bool:  # noqa: FBT001 an outcome
    """Say whether a condition with this outcome means that the value was accepted."""
    if condition.type in _WRAPPERS and condition.named_child_count == 1:
        return _implies(condition.named_children[0], wanted, accepts)
    sign = condition.children[0].type if condition.child_count == 2 else ""
    if sign in {"not", "!"}:
        return _implies(condition.named_children[-1], not wanted, accepts)
    middle = condition.children[1].type if condition.child_count == 3 else ""
    if middle in {"and", "&&", "or", "||"}:
        sides = (condition.children[0], condition.children[2])
        results = [_implies(side, wanted, accepts) for side in sides]
        return any(results) if (middle in {"and", "&&"}) == wanted else all(results)
    return accepts(condition) is wanted


def _accepts(tracer: Follows, test: Node, name: str) -> bool | None:
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
        return tracer.is_constant(node)
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
        and all(
            value is not None and value.type != "identifier" and _is_closed_set(tracer, value)
            for value in values
        )
        and tracer.is_constant(node)
    )


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
        return tracer.family not in {Family.CODE, Family.REQUEST}
    if method in {"isalnum", "isidentifier"}:
        return tracer.family not in {Family.CODE, Family.REFLECTION, Family.REQUEST}
    if first is None:
        return False
    if method == "equals":
        return tracer.is_constant(first)
    if method == "matches":
        return _is_strict(tracer, first, needs_anchors=False)
    if method == "is_relative_to":
        return tracer.family is Family.PATH and _is_settled_path(tracer, name)
    if method in {"startswith", "startsWith"} and tracer.family is Family.PATH:
        return _is_settled_path(tracer, name) and _ends_in_separator(tracer, first, name)
    return False


def _function_accepts(tracer: Follows, call: Call, name: str) -> bool:
    values = [argument.value for argument in call.arguments]
    if call.callee == "isinstance" and len(values) == 2 and _is(tracer, values[0], name):
        kinds = set(re.findall(r"[\w.]+", tracer.source.text_of(values[1])))
        return kinds <= {"int", "float", "bool", "UUID", "uuid.UUID"}
    if call.callee in {"Number.isInteger", "Number.isSafeInteger"} and values:
        return _is(tracer, values[0], name)
    if call.callee in {"re.fullmatch", "re.match"} and len(values) == 2:
        is_whole = call.callee == "re.fullmatch"
        is_ours = _is(tracer, values[1], name)
        return is_ours and _is_strict(tracer, values[0], needs_anchors=not is_whole)
    if call.callee == "slices.Contains" and len(values) == 2 and _is(tracer, values[1], name):
        return _is_closed_set(tracer, values[0])
    if call.callee == "filepath.IsLocal" and values and tracer.family is Family.PATH:
        return _is(tracer, values[0], name)
    if call.callee == "strings.HasPrefix" and len(values) == 2 and tracer.family is Family.PATH:
        is_ours = _is(tracer, values[0], name) and _is_settled_path(tracer, name)
        return is_ours and _ends_in_separator(tracer, values[1], name)
    return False


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


def _ends_in_separator(tracer: Follows, prefix: Node, name: str) -> bool:
    """Say whether a prefix ends where a folder's name ends; `/data` also begins `/data-2`."""
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
    if found is None or (text.startswith("/") and "m" in text.rsplit("/", 1)[1]):
        return False
    pattern = found["pattern"].replace("\\\\", "\\")
    shape = _PLAIN_PATTERN.fullmatch(pattern)
    if shape is None:
        return False
    return not needs_anchors or (pattern.startswith("^") and shape["end"] is not None)
