"""Text whose syntax tree cannot be trusted: broken files, and pieces cut out of files."""

import re

from tree_sitter import Node

from triage.modules import Module
from triage.syntax import Ink, end_line_of, line_of

_OTHER_WAY = re.compile(r"^\s*(?:\}?\s*(?:else|elif|except|catch|finally|case|default)\b)")


def block_stays_open(source: Module, name: str, *, after: Node, until: Node) -> bool:
    """Say whether the block of one statement is still open at a later one, by the text alone.

    Python's blocks are told by indentation, others by braces. An assignment to `name` between the
    two that the tree does not know is a no.
    """
    lines = range(end_line_of(after) + 1, line_of(until) + 1)
    code = {line: _code_of(source, line) for line in lines}
    if any(_OTHER_WAY.match(text) for text in code.values()) and source.language != "python":
        return False
    if name and _has_hidden_assignment(source, name, code):
        return False
    if source.language == "python":
        base = _indent(source.line(line_of(after)))
        return all(_indent(text) >= base for text in code.values() if text.strip())
    if not _begins_a_statement(source, after):
        return False
    depth = 0
    for text in code.values():
        for character in text:
            depth += (character == "{") - (character == "}")
            if depth < 0:
                return False
    return True


def _code_of(source: Module, line: int) -> str:
    inks = source.ink[line - 1]
    marked = zip(source.line(line), inks, strict=False)
    return "".join(character if ink == Ink.CODE else " " for character, ink in marked)


def _indent(text: str) -> int:
    expanded = text.expandtabs(8)
    return len(expanded) - len(expanded.lstrip())


def _begins_a_statement(source: Module, node: Node) -> bool:
    """Say whether what stands before a statement ends another one: no bare `if (x)` or `else`."""
    start = node.start_byte
    line_start = source.content.rfind(b"\n", 0, start) + 1
    if re.search(rb"[(){}]", source.content[line_start:start]):
        return False
    for line in range(line_of(node) - 1, 0, -1):
        text = _code_of(source, line).rstrip()
        if text:
            return text.endswith((";", "{", "}"))
    return True


def _has_hidden_assignment(source: Module, name: str, code: dict[int, str]) -> bool:
    known = {line_of(definition.node) for definition in source.definitions_of(name)}
    pattern = re.compile(
        rf"\b{re.escape(name)}\b\s*(?:\[[^\]]*\]\s*)?(?:[-+*/%|&^:.]?=(?!=)|\+\+|--)"
    )
    return any(line not in known and pattern.search(text) for line, text in code.items())
