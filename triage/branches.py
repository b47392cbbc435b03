"""Which code surely runs before which, and which never runs."""

from tree_sitter import Node

from triage.expressions import BRANCH_NODES, is_inside, scope_of
from triage.folding import outcome
from triage.modules import Module


def is_on_every_path(source: Module, node: Node, use: Node) -> bool:
    """Say whether every path to `use` passes `node`: no branch stands around it alone."""
    if scope_of(node) != scope_of(use):
        return False
    current = node
    while current.parent is not None:
        parent = current.parent
        if parent.type == "for_statement" and _is_header(current, parent):
            return is_inside(use, parent)
        if is_inside(use, parent):
            # The use stands in another part of the same branch: this part may not run.
            return parent.type not in BRANCH_NODES or _runs_first(source, current, parent, use)
        if parent.type in BRANCH_NODES and not _is_always_taken(source, current, parent):
            return False
        current = parent
    return True


def _is_header(part: Node, loop: Node) -> bool:
    return part == loop.child_by_field_name("left")


def _runs_first(source: Module, part: Node, branch: Node, use: Node) -> bool:
    """Say whether a part of a branch runs before the one with the use: a condition, a header."""
    fields = ("condition", "left", "right", "initializer", "value", "resources")
    is_first = any(part == branch.child_by_field_name(name) for name in fields)
    return is_first or is_inside(use, part) or _is_always_taken(source, part, branch)


def _is_always_taken(source: Module, part: Node, branch: Node) -> bool:
    condition = branch.child_by_field_name("condition")
    if branch.type != "if_statement" or condition is None:
        return False
    truth = outcome(source, condition)
    if part == branch.child_by_field_name("consequence"):
        return truth is True
    return part == branch.child_by_field_name("alternative") and truth is False


def is_dead(source: Module, node: Node) -> bool:
    """Say whether a node stands in a branch whose condition is written to be never met."""
    return dead_branch_around(source, node) is not None


def dead_branch_around(source: Module, node: Node) -> Node | None:
    """Return the condition that keeps a node from ever being run."""
    current = node
    while current.parent is not None:
        parent = current.parent
        condition = parent.child_by_field_name("condition")
        if parent.type in {"if_statement", "elif_clause"} and condition is not None:
            truth = outcome(source, condition)
            if current == parent.child_by_field_name("consequence") and truth is False:
                return condition
            is_last = current.type != "elif_clause" and current == parent.child_by_field_name(
                "alternative"
            )
            if is_last and truth is True:
                return condition
        current = parent
    return None
