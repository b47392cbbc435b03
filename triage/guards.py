"""Checks that a value must pass on its way: allow-lists, types, patterns, bounds of a folder."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from tree_sitter import Node

from triage.assignments import Definition
from triage.checks import Follows, accepts
from triage.expressions import (
    LOOP_NODES,
    calls_in,
    class_around,
    is_inside,
    parameters_of,
    read_call,
    scope_of,
)
from triage.fragments import block_stays_open
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
_BY_FORM = re.compile(
    r"(?:^|\.)(?:test|MatchString|matches|fullmatch|match|isalnum|isidentifier|startswith|startsWith"
    r"|is_relative_to|HasPrefix|commonpath|IsLocal)$"
)
_BLOCKS = frozenset({"block", "statement_block", "statement_list"})
_WRAPPERS = frozenset({"parenthesized_expression", "condition"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A check that a value has surely passed."""

    lines: tuple[int, ...]
    is_by_form: bool
    """Whether it looks at the value's form, not whether it is one of a list or a number."""


def guard_of(tracer: Follows, *, name: str, use: Node) -> Guard | None:
    """Return a check that `name` has surely passed when `use` is reached."""
    if _is_bound_by_comprehension(tracer.source, name, use):
        return None
    for test, wanted in _conditions_passed(tracer.source, use):
        if _unchanged_since(tracer.source, name, test, use) and _implies(
            test, wanted, lambda atom: accepts(tracer, atom, name)
        ):
            is_by_form = any(_BY_FORM.search(c.callee) for c in calls_in(tracer.source, test))
            return Guard(lines=(line_of(test),), is_by_form=is_by_form)
    return None


def _is_bound_by_comprehension(source: Module, name: str, use: Node) -> bool:
    return any(
        d.node.type == "for_in_clause" and d.node.parent and is_inside(use, d.node.parent)
        for d in source.definitions_of(name)
    )


def looks_checked(source: Module, *, name: str, use: Node) -> bool:
    """Say whether something between may be a check of `name` that is not understood."""
    if source.is_fragment and _is_tested_by_text(source, name, use):
        return True
    scope = scope_of(use)
    wanted = {name, *source.derived_names.get(name, ())}
    for node, names in source.branches:
        if wanted & names and is_inside(node, scope) and node.start_byte < use.start_byte:
            # A test around the use, or one whose branch leaves, may be the check.
            consequence = node.child_by_field_name("consequence")
            if is_inside(use, node) or (consequence is not None and _leaves(source, consequence)):
                return True
    return any(
        bool(wanted & names) and is_inside(node, scope) and node.start_byte < use.start_byte
        for node, names in source.checks
    )


def _is_tested_by_text(source: Module, name: str, use: Node) -> bool:
    pattern = re.compile(rf"\b(?:if|elif|unless|while|assert)\b.*\b{re.escape(name)}\b")
    return any(pattern.search(line) for line in source.lines[: line_of(use) - 1])


def is_plain_function(source: Module, function: Node) -> bool:
    """Say whether a call of the function's bare name surely runs this body to a return."""
    above, name_node = function.parent, function.child_by_field_name("name")
    if name_node is None or (above is not None and above.type == "decorated_definition"):
        return False
    name = source.text_of(name_node)
    if name in source.parameter_names | source.imported_names:
        return False
    if name in source.ambiguous_functions or source.definitions_of(name):
        return False
    if any(node.type in {"yield", "yield_expression"} for node in walk(function)):
        return False
    if source.language == "java":
        head = source.text_of(function).split("{", 1)[0]
        return re.search(r"\b(?:static|private|final)\b", head) is not None
    return class_around(function) is None and function.type != "method_declaration"


def _conditions_passed(source: Module, use: Node) -> list[tuple[Node, bool]]:
    """Return conditions whose outcome is known where `use` runs, with that outcome."""
    found: list[tuple[Node, bool]] = []
    scope = scope_of(use)
    current = use
    while current != scope and current.parent is not None:
        parent = current.parent
        if not source.is_fragment:
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
        if source.is_fragment and (
            statement.has_error or not block_stays_open(source, "", after=statement, until=part)
        ):
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
        is_own = call is not None and re.split(r"\W", call.callee)[0] in source.bound_names
        return call is not None and not is_own and bool(_LEAVING_CALLS.match(call.callee))
    return last.type in _LEAVES


def _unchanged_since(source: Module, name: str, test: Node, use: Node) -> bool:
    """Say whether nothing can have changed the variable between a test and a use of it."""
    scope = scope_of(use)
    loop = _loop_between(use, test)
    for definition in source.definitions_of(name):
        place = definition.node
        is_between = test.start_byte <= place.start_byte < use.start_byte
        is_around = loop is not None and is_inside(place, loop)
        is_elsewhere = (
            not definition.declares
            and scope_of(place) != scope
            and (is_inside(place, scope) or _is_shared(source, definition, scope))
        )
        if is_between or is_around or is_elsewhere:
            return False
    return True


def _is_shared(source: Module, definition: Definition, scope: Node) -> bool:
    """Say whether an assignment in another function may mean the variable tested in this one."""
    is_own = definition.name in parameters_of(source, scope) or any(
        d.node.type != "augmented_assignment" and scope_of(d.node) == scope
        for d in source.definitions_of(definition.name)
    )
    return not is_own and scope_of(definition.node).parent is not None


def _loop_between(use: Node, test: Node) -> Node | None:
    """Return the outermost loop around `use` in which `test` is not made again."""
    found, current = None, use.parent
    while current is not None:
        if current.type in LOOP_NODES and not is_inside(test, current):
            found = current
        current = current.parent
    return found


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
