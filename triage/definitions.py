"""Which definitions of a variable can reach a use of it."""

from dataclasses import dataclass, replace

from tree_sitter import Node

from triage.assignments import Definition
from triage.branches import is_dead, is_on_every_path
from triage.expressions import (
    BRANCH_NODES,
    LOOP_NODES,
    is_at_top,
    is_inside,
    parameters_of,
    scope_of,
)
from triage.fragments import block_stays_open
from triage.handing import is_handed_on, is_open_to_others, is_visible_from
from triage.languages import FUNCTION_NODES
from triage.modules import Module
from triage.syntax import walk

_BLOCKS = frozenset({
    "block", "statement_block", "statement_list", "for_statement", "for_in_statement",
    "enhanced_for_statement", "if_statement", "program", "source_file", "class_body",
    "try_with_resources_statement", "switch_block_statement_group", "switch_case",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaching:
    """The definitions that can reach a use."""

    definitions: tuple[Definition, ...]
    parameter_of: Node | None
    """The function whose parameter the name still may be."""
    is_complete: bool
    """Whether the value is surely one of these (or of the parameter)."""


def reaching_definitions(source: Module, *, name: str, use: Node) -> Reaching:
    """Return the definitions of `name` that can reach `use`, nearest scope first."""
    found = _nearest(source, name=name, use=use)
    if is_open_to_others(source, name, found.definitions):
        return replace(found, is_complete=False)
    return found


def _nearest(source: Module, *, name: str, use: Node) -> Reaching:
    bound = [d for d in source.definitions_of(name) if _is_bound_around(source, d, use)]
    if bound:
        return Reaching(definitions=tuple(bound), parameter_of=None, is_complete=False)
    scope = scope_of(use)
    is_local = True
    while scope.parent is not None:
        found = [
            d
            for d in source.definitions_of(name)
            if is_inside(d.node, scope) and _is_visible(source, d, use)
        ]
        is_parameter = name in parameters_of(source, scope)
        if found or is_parameter:
            parameter_of = scope if is_parameter else None
            return _within(source, scope, found, use if is_local else None, parameter_of)
        scope, is_local = scope_of(scope), False
    return _at_top(source, name=name, use=use)


def _within(
    source: Module,
    scope: Node,
    found: list[Definition],
    use: Node | None,
    parameter_of: Node | None,
) -> Reaching:
    alive = [d for d in found if not is_dead(source, d.node)]
    if use is None and _is_unchanging(source, alive):
        return Reaching(definitions=tuple(alive), parameter_of=parameter_of, is_complete=True)
    if use is None or is_handed_on(source, alive, scope, use):
        return Reaching(definitions=tuple(alive), parameter_of=parameter_of, is_complete=False)
    reached: list[Definition] = []
    settled: Node | None = None
    for definition in reversed([d for d in alive if d.node.start_byte < use.start_byte]):
        if settled is not None and definition.node.start_byte < settled.start_byte:
            break
        if is_inside(use, definition.node) and not _binds_its_body(definition, use):
            continue
        reached.append(definition)
        if settled is None and not definition.adds:
            settled = _settled_by(source, definition, alive, use)
    reached += _from_around_loops(alive, use=use, settled=settled)
    reached += [d for d in alive if scope_of(d.node) != scope and d not in reached]
    is_settled = settled is not None
    return Reaching(
        definitions=tuple(reached),
        parameter_of=None if is_settled else parameter_of,
        is_complete=is_settled,
    )


def _is_bound_around(source: Module, definition: Definition, use: Node) -> bool:
    """Say whether a comprehension around the use gives the name its values, one by one."""
    node = definition.node
    return node.type == "for_in_clause" and _is_visible(source, definition, use)


def _is_visible(source: Module, definition: Definition, use: Node) -> bool:
    """Say whether a definition can mean the name at `use`: inner blocks have their own."""
    node = definition.node
    if node.type == "for_in_clause":
        return node.parent is not None and is_inside(use, node.parent)
    if not definition.declares or source.language == "python" or _is_hoisted(node):
        return True
    block = node.parent
    while block is not None and block.type not in _BLOCKS:
        block = block.parent
    return block is None or is_inside(use, block)


def _is_hoisted(declarator: Node) -> bool:
    return declarator.parent is not None and declarator.parent.type == "variable_declaration"


def _is_unchanging(source: Module, alive: list[Definition]) -> bool:
    """Say whether a variable that an inner function uses is a constant of its language."""
    if len(alive) != 1 or alive[0].node.parent is None:
        return False
    return alive[0].declares and source.text_of(alive[0].node.parent).startswith("const ")


def _settled_by(
    source: Module, definition: Definition, alive: list[Definition], use: Node
) -> Node | None:
    """Return the statement that surely gives the variable a value before `use`, or None.

    It is the definition itself, or an `if` with `else` each branch of which defines the variable.
    """
    is_loop = definition.node.type in LOOP_NODES
    if is_loop and not is_inside(use, definition.node):
        return None
    if _is_passed(source, definition.name, definition.node, use):
        return definition.node
    branch = definition.node.parent
    while branch is not None and branch.type != "if_statement":
        if branch.type in BRANCH_NODES - {"else_clause"}:
            return None
        branch = branch.parent
    if branch is None or not _defines_everywhere(source, branch, definition.name, alive):
        return None
    return branch if _is_passed(source, definition.name, branch, use) else None


def _is_passed(source: Module, name: str, node: Node, use: Node) -> bool:
    if not is_on_every_path(source, node, use):
        return False
    return not source.is_fragment or block_stays_open(source, name, after=node, until=use)


def _defines_everywhere(source: Module, branch: Node, name: str, alive: list[Definition]) -> bool:
    """Say whether every way through an `if` replaces the variable."""
    alternatives = branch.children_by_field_name("alternative")
    parts = [branch.child_by_field_name("consequence"), *alternatives]
    if not alternatives or branch.has_error:
        return False
    last = alternatives[-1]
    if last.type == "elif_clause":
        return False
    for part in parts:
        inner = _only_statement(part) if part is not None else None
        if inner is not None and inner.type == "if_statement":
            if not _defines_everywhere(source, inner, name, alive):
                return False
            continue
        if part is None or not any(_replaces_in(part, d, name) for d in alive):
            return False
    return True


def _only_statement(part: Node) -> Node | None:
    """Return the `if` of an `else if`; the branch itself where it is one."""
    if part.type == "if_statement":
        return part
    children = part.named_children
    is_else_if = part.type == "else_clause" and len(children) == 1
    return children[0] if is_else_if and children[0].type == "if_statement" else None


def _replaces_in(part: Node, definition: Definition, name: str) -> bool:
    """Say whether a definition runs whenever a branch does."""
    if definition.name != name or definition.adds or not is_inside(definition.node, part):
        return False
    current = definition.node.parent
    while current is not None and current != part and is_inside(current, part):
        if current.type in BRANCH_NODES | FUNCTION_NODES:
            return False
        current = current.parent
    return True


def _binds_its_body(definition: Definition, use: Node) -> bool:
    """Say whether a use inside a definition comes after it: the body of a loop or handler."""
    value = definition.value
    return definition.node.type in LOOP_NODES | {"catch_clause"} and not (
        value is not None and is_inside(use, value)
    )


def _from_around_loops(
    alive: list[Definition], *, use: Node, settled: Node | None
) -> list[Definition]:
    """Return what later lines of a loop define for its next round."""
    found: list[Definition] = []
    current: Node | None = use
    while current is not None:
        if current.type in LOOP_NODES and not (settled and is_inside(settled, current)):
            found += [
                d
                for d in alive
                if is_inside(d.node, current) and d.node.start_byte >= use.start_byte
            ]
        current = current.parent
    return list(dict.fromkeys(found))


def _at_top(source: Module, *, name: str, use: Node) -> Reaching:
    """Return every definition outside functions: whichever ran last counts, so all may."""
    everywhere = [
        d
        for d in source.definitions_of(name)
        if _is_visible(source, d, use) and is_visible_from(source, d, use)
    ]
    found = [d for d in everywhere if is_at_top(d.node)]
    found += [
        d
        for d in everywhere
        if not is_at_top(d.node) and not d.declares and _may_be_shared(source, d)
    ]
    if not found or name in source.imported_names:
        return Reaching(definitions=(), parameter_of=None, is_complete=False)
    if is_handed_on(source, found, source.root, use):
        return Reaching(definitions=tuple(found), parameter_of=None, is_complete=False)
    if is_at_top(use) or source.is_fragment:
        return _within(source, source.root, found, use, None)
    alive = tuple(d for d in found if not is_dead(source, d.node))
    has_first = any(not d.adds for d in alive)
    return Reaching(definitions=alive, parameter_of=None, is_complete=has_first)


def _may_be_shared(source: Module, definition: Definition) -> bool:
    """Say whether an assignment in a function can mean the variable outside it."""
    scope = scope_of(definition.node)
    if definition.name in parameters_of(source, scope):
        return False
    if source.language == "python" and not definition.adds:
        declared = (n for n in walk(scope) if n.type in {"global_statement", "nonlocal_statement"})
        return any(definition.name in source.names_in(node) for node in declared)
    return not any(
        d.declares and is_inside(d.node, scope) for d in source.definitions_of(definition.name)
    )
