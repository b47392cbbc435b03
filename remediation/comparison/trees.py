"""Source files as statements: what a syntax tree says of the changed lines, in any language."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node, Parser, Tree

from remediation.comparison.changes import Change
from remediation.comparison.syntax_kinds import (
    ARGUMENTS,
    BLOCK_ARGUMENTS,
    CALLS,
    CLAUSE_LISTS,
    CLAUSES,
    IMPORTS,
    LISTS,
    NAMES,
    STRINGS,
)
from triage.languages import CLASS_NODES, FUNCTION_NODES, grammar, language_of

MAX_BYTES = 4_000_000
READ_BYTES = 1 << 16
PARSE_SECONDS = 4


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One statement, or the head of one that holds others."""

    node: Node
    depth: int
    tokens: tuple[str, ...]
    parts: tuple[Node, ...]

    @property
    def kind(self) -> str:
        """The node's type."""
        return self.node.type

    @cached_property
    def text(self) -> str:
        """The tokens, for people."""
        return " ".join(self.tokens)

    @cached_property
    def names(self) -> frozenset[str]:
        """The identifiers in it, without what is nested in other statements."""
        return frozenset(text_of(node) for node in self.parts if node.type in NAMES)

    @cached_property
    def calls(self) -> tuple[Node, ...]:
        """The calls in it, the outer before the inner."""
        return tuple(node for node in (self.node, *self.parts) if node.type in CALLS)

    @property
    def line(self) -> int:
        """Its first line, 1-based."""
        return self.node.start_point.row + 1

    @property
    def is_import(self) -> bool:
        """Say whether it only brings names in."""
        return self.kind in IMPORTS or (
            self.kind in {"call", "lexical_declaration", "variable_declaration"}
            and self.tokens[:1] in {("require",), ("require_relative",)}
        )


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Both trees of a change, and the statements that changed lines touch."""

    change: Change
    before: Tree
    after: Tree

    @cached_property
    def before_units(self) -> list[Unit]:
        """The old statements on changed lines and those beside, with what stands around them."""
        rows = [(block.before_start - 2, block.before_end) for block in self.change.blocks]
        return units(self.before.root_node, rows)

    @cached_property
    def after_units(self) -> list[Unit]:
        """The new statements on changed lines, with those around them."""
        rows = [(block.after_start - 2, block.after_end) for block in self.change.blocks]
        return units(self.after.root_node, rows)

    @cached_property
    def before_definitions(self) -> list[str]:
        """Kinds and names of old functions and classes."""
        return definitions(self.before_units)

    @cached_property
    def after_definitions(self) -> list[str]:
        """Kinds and names of new functions and classes."""
        return definitions(self.after_units)


def pair_of(change: Change) -> Pair | None:
    """Parse both sides; None where no grammar reads the file, or it is too large."""
    language = language_of(change.path)
    if language is None or max(len(change.before), len(change.after)) > MAX_BYTES:
        return None
    parser = Parser(grammar(language))
    trees = [
        _parsed(parser, text.encode("utf-8", "surrogatepass"))
        for text in (change.before, change.after)
    ]
    return Pair(change=change, before=trees[0], after=trees[1])


def _parsed(parser: Parser, source: bytes) -> Tree:
    """Parse, for a few seconds at most: some grammars take time beyond all measure.

    Raises ValueError when the time is over.
    """
    deadline = time.monotonic() + PARSE_SECONDS
    return parser.parse(
        lambda offset, _point: source[offset : offset + READ_BYTES],
        progress_callback=lambda _offset, _has_error: time.monotonic() > deadline,
    )


def text_of(node: Node) -> str:
    """Return a node's text."""
    return (node.text or b"").decode("utf-8", "replace")


def units(root: Node, rows: Sequence[tuple[int, int]]) -> list[Unit]:
    """Return the statements that touch `rows` (0-based, half open), in the order of the text."""
    found: list[Unit] = []
    stack = [(root, 0, False)]
    while stack:
        node, depth, is_unit = stack.pop()
        if not _touches(node, rows):
            continue
        if is_unit:
            parts = tuple(_own_parts(node))
            tokens = tuple(text_of(part) for part in parts if is_token(part))
            if tokens:
                found.append(Unit(node=node, depth=depth, tokens=tokens, parts=parts))
        below = depth + is_unit
        stack.extend((child, below, is_statement(child)) for child in reversed(node.children))
    return found


def is_statement(node: Node) -> bool:
    """Say whether a node is a statement, or a clause that stands for itself."""
    if not node.is_named or "comment" in node.type or node.type in LISTS - CLAUSE_LISTS:
        return False
    if node.type in CLAUSES or node.type in CLAUSE_LISTS:
        return True
    parent = node.parent
    return parent is not None and (
        (parent.type in LISTS and not _is_label(node, parent))
        or (node.type.endswith("_statement") and parent.type != "labeled_statement")
    )


def _is_label(node: Node, parent: Node) -> bool:
    """Say whether a node is what a branch is chosen by, not what it does."""
    if parent.type not in CLAUSE_LISTS:
        return False
    return not (node.type.endswith(("_statement", "_declaration")) or node.type in CALLS) and (
        parent.child_by_field_name("value") == node
        or parent.child_by_field_name("condition") == node
        or node.type in {"switch_label", "when_condition", "exceptions", "exception_variable"}
        or parent.type in {"when_entry", "switch_section", "expression_case", "case_item"}
    )


def _touches(node: Node, rows: Sequence[tuple[int, int]]) -> bool:
    first, last = node.start_point.row, node.end_point.row
    return any(first < end and last >= start for start, end in rows)


def _own_parts(node: Node) -> Iterator[Node]:
    """Give a statement's nodes without those of statements inside it."""
    stack = [*reversed(node.children)] if node.children else [node]
    while stack:
        current = stack.pop()
        if "comment" in current.type or is_statement(current):
            continue
        yield current
        if not (is_text(current) and not _has_code(current)):
            stack.extend(reversed(current.children))


def is_text(node: Node) -> bool:
    """Say whether a node is a literal text."""
    return node.type in STRINGS and node.is_named


def _has_code(node: Node) -> bool:
    return any(
        child.is_named
        and child.type not in STRINGS
        and not child.type.startswith(
            ("string_", "escape_", "heredoc_", "interpreted_", "raw_", "interpolation_")
        )
        for child in node.children
    )


def is_token(node: Node) -> bool:
    """Say whether a node is a token: a leaf of the tree, or a text without code in it."""
    return not node.children or (is_text(node) and not _has_code(node))


def definitions(found: Sequence[Unit]) -> list[str]:
    """Return the names of functions and classes among statements, each with its kind."""
    result = []
    for unit in found:
        for node in (unit.node, *unit.parts):
            kind = _definition_kind(node)
            name = _name_of(node) if kind else None
            if name and not _is_inline(node):
                result.append(f"{kind} {name}")
    return result


def _definition_kind(node: Node) -> str | None:
    if not node.child_count or not node.is_named:
        return None
    if node.type in FUNCTION_NODES:
        return "function"
    return "class" if node.type in CLASS_NODES else None


def _name_of(node: Node) -> str | None:
    name = node.child_by_field_name("name") or node.child_by_field_name("declarator")
    while name is not None and (inner := name.child_by_field_name("declarator")) is not None:
        name = inner
    return text_of(name) if name is not None else None


def _is_inline(node: Node) -> bool:
    """Say whether a definition stands in an expression, as in an anonymous class."""
    parent = node.parent
    while parent is not None and parent.type in LISTS:
        parent = parent.parent
    return parent is not None and parent.type in CALLS


def callee_of(call: Node) -> tuple[str, ...]:
    """Return the names that a call is made by, the last one what is called."""
    if call.type in {"subshell", "shell_command_expression"}:
        return ("`",)
    names = tuple(text_of(node) for node in callee_nodes(call))
    return names or (text_of(call.children[0]) if call.children else text_of(call),)


def callee_nodes(call: Node) -> list[Node]:
    """Return the nodes that hold these names."""
    found: list[Node] = []
    arguments = arguments_node(call)
    stack = [child for child in reversed(call.children) if child != arguments]
    while stack:
        node = stack.pop()
        if node.type in NAMES:
            found.append(node)
        elif not (node.type in ARGUMENTS or is_statement(node) or node.type in BLOCK_ARGUMENTS):
            stack.extend(reversed(node.children))
    return found


def arguments_node(call: Node) -> Node | None:
    """Return the node that holds a call's arguments."""
    found = call.child_by_field_name("arguments")
    if found is not None:
        return found
    return next((child for child in call.children if child.type in ARGUMENTS), None)


def arguments_of(call: Node) -> list[Node]:
    """Return a call's arguments."""
    holder = arguments_node(call)
    if holder is None:
        return []
    return [child for child in holder.named_children if "comment" not in child.type]
