"""A source file as a syntax tree: which text is code, which function stands around a line."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node, Parser, Tree

from triage.languages import (
    FUNCTION_NODES,
    IMPORT_NODES,
    INLINE_FUNCTION_NODES,
    INTERPOLATION_NODES,
    STRING_NODES,
    grammar,
    language_of,
)

# Larger files are data more often than code, and each walk through one takes seconds.
MAX_PARSED_BYTES = 200_000
_NAME_NODES = frozenset({
    "identifier", "type_identifier", "field_identifier", "property_identifier",
    "shorthand_property_identifier", "shorthand_property_identifier_pattern", "variable_name",
    "package_identifier", "simple_identifier", "constant", "name",
})  # fmt: skip


class Ink(enum.IntEnum):
    """What a character of a source file is."""

    CODE = 0
    STRING = 1
    COMMENT = 2


@dataclass(frozen=True, kw_only=True)
class Source:
    """One file's text with its syntax tree, where a grammar reads it. Lines are 1-based."""

    path: str
    text: str

    @cached_property
    def language(self) -> str | None:
        """The name of the file's grammar."""
        return language_of(self.path)

    @cached_property
    def lines(self) -> list[str]:
        """The lines as scanners count them: split at line feeds alone."""
        return [line.rstrip("\r") for line in self.text.split("\n")]

    @cached_property
    def content(self) -> bytes:
        """The bytes that the tree's offsets mean."""
        return self.text.encode("utf-8", "surrogatepass")

    @cached_property
    def tree(self) -> Tree | None:
        """The syntax tree, with error nodes where the text is broken; None without a grammar."""
        if self.language is None or len(self.content) > MAX_PARSED_BYTES:
            return None
        return Parser(grammar(self.language)).parse(self.content)

    @cached_property
    def ink(self) -> list[list[Ink]]:
        """What each character of each line is; without a grammar, guessed by line comments."""
        if self.tree is None:
            return [[_guess(line)] * len(line) for line in self.lines]
        marks = bytearray(len(self.content))
        for node, ink in _inked(self.tree.root_node):
            marks[node.start_byte : node.end_byte] = bytes([ink]) * (
                node.end_byte - node.start_byte
            )
        return _by_line(self.content, marks)

    def line(self, number: int) -> str:
        """Return a line, blank outside the file."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def text_of(self, node: Node) -> str:
        """Return the text of a node."""
        return self.content[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def node_at(self, *, start: tuple[int, int], end: tuple[int, int]) -> Node | None:
        """Return the smallest named node over a place; (line, column), 1-based, end exclusive.

        Columns count bytes of UTF-8, as the scanner's do.
        """
        if self.tree is None or start[0] > len(self.lines):
            return None
        points = [self._point(start), self._point(end)]
        return self.tree.root_node.named_descendant_for_point_range(*points)

    def _point(self, place: tuple[int, int]) -> tuple[int, int]:
        """Return the tree's point: rows and columns from 0, inside the line."""
        line, column = place
        return (line - 1, min(max(column - 1, 0), byte_length(self.line(line))))

    def function_around(self, line: int) -> Node | None:
        """Return the function a line is in, inline ones passed over where another is around."""
        node = self.node_at(start=(line, self._indent(line)), end=(line, self._indent(line)))
        inline = None
        while node is not None:
            if node.type in FUNCTION_NODES and node.is_named and node.child_count:
                if node.type not in INLINE_FUNCTION_NODES:
                    return node
                inline = node
            node = node.parent
        return inline

    def _indent(self, line: int) -> int:
        text = self.line(line)
        return byte_length(text) - byte_length(text.lstrip()) + 1

    def imports(self) -> list[Node]:
        """Return the import statements of the file."""
        if self.tree is None:
            return []
        return [node for node in walk(self.tree.root_node) if node.type in IMPORT_NODES]

    @cached_property
    def functions(self) -> dict[str, Node]:
        """The named functions of the file; of two with one name the first."""
        found: dict[str, Node] = {}
        for node in walk(self.tree.root_node) if self.tree else ():
            name = node.child_by_field_name("name") if node.type in FUNCTION_NODES else None
            if name is not None:
                found.setdefault(self.text_of(name), node)
        return found

    @cached_property
    def root(self) -> Node:
        """The root of the tree; only for files that have one."""
        if self.tree is None:
            raise ValueError("There is no grammar for this file.")
        return self.tree.root_node

    @cached_property
    def import_text(self) -> str:
        """The text of the import statements."""
        return "\n".join(self.text_of(node) for node in self.imports())

    @cached_property
    def imported_names(self) -> frozenset[str]:
        """The names that import statements bring in."""
        return frozenset().union(*(self.names_in(node) for node in self.imports()))

    def names_in(self, node: Node) -> set[str]:
        """Return the identifiers in a node; strings and comments have none."""
        return {self.text_of(part) for part in walk(node) if part.type in _NAME_NODES}

    def names_on(self, line: int) -> set[str]:
        """Return the identifiers that stand on a line."""
        if self.tree is None:
            return set()
        row = line - 1
        return {
            self.text_of(node)
            for node in walk(self.tree.root_node, rows=(row, row))
            if node.type in _NAME_NODES and node.start_point.row == row
        }


def byte_length(text: str) -> int:
    """Return how many bytes a text has in UTF-8; halves of surrogate pairs count as well."""
    return len(text.encode("utf-8", "surrogatepass"))


def walk(node: Node, *, rows: tuple[int, int] | None = None) -> Iterator[Node]:
    """Give a node and all below it, in the order of the text; only those that touch `rows`."""
    stack = [node]
    while stack:
        current = stack.pop()
        if rows and (current.end_point.row < rows[0] or current.start_point.row > rows[1]):
            continue
        yield current
        stack.extend(reversed(current.children))


def line_of(node: Node) -> int:
    """Return the 1-based line on which a node begins."""
    return node.start_point.row + 1


def end_line_of(node: Node) -> int:
    """Return the 1-based line on which a node ends."""
    return node.end_point.row + 1


def is_docstring(node: Node) -> bool:
    """Say whether a statement is nothing but a text, which the program never looks at."""
    return (
        node.type == "expression_statement"
        and node.named_child_count == 1
        and node.named_children[0].type in STRING_NODES
    )


def _inked(root: Node) -> Iterator[tuple[Node, Ink]]:
    """Give what is not code, the outer before the inner, which overrules it."""
    for node in walk(root):
        if "comment" in node.type or is_docstring(node):
            yield node, Ink.COMMENT
        elif node.type in STRING_NODES and node.is_named and not _stands_in_docstring(node):
            yield node, Ink.STRING
        elif node.type in INTERPOLATION_NODES and not _stands_in_docstring(node):
            yield node, Ink.CODE


def _stands_in_docstring(node: Node) -> bool:
    parent: Node | None = node.parent
    while parent is not None and (parent.type in STRING_NODES or parent.type == "interpolation"):
        parent = parent.parent
    return parent is not None and is_docstring(parent)


def _by_line(content: bytes, marks: bytearray) -> list[list[Ink]]:
    result: list[list[Ink]] = []
    offset = 0
    for raw in content.split(b"\n"):
        text = raw.decode("utf-8", "surrogatepass")
        line, position = [], offset
        for character in text:
            line.append(Ink(marks[position]))
            position += len(character.encode("utf-8", "surrogatepass"))
        result.append(line)
        offset += len(raw) + 1
    return result


def _guess(line: str) -> Ink:
    begins = line.lstrip()
    starts = ("#", "//", "/*", "*", "<!--", "--", ";", "%", "'")
    return Ink.COMMENT if begins.startswith(starts) else Ink.CODE
