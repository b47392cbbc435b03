"""Which lines and names of a file have to do with a match, for what a judge is shown."""

from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node

from triage.assignments import definitions_in
from triage.expressions import calls_in, is_at_top, scope_of
from triage.syntax import Source, end_line_of, line_of, walk

_MAX_NAMES = 60
_MAX_ROUNDS = 6
_CONDITIONS = frozenset({
    "if_statement", "elif_clause", "while_statement", "conditional_expression", "assert_statement",
    "ternary_expression", "if_expression", "if", "unless", "switch_statement", "match_statement",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Slice:
    """The neighborhood of a match: what feeds it, what guards it, what it calls."""

    source: Source
    start_line: int
    end_line: int

    @cached_property
    def function(self) -> Node | None:
        """The function around the match."""
        return self.source.function_around(self.start_line)

    @cached_property
    def function_lines(self) -> range:
        """The lines of that function with its decorators; empty without one."""
        if self.function is None:
            return range(0)
        return range(line_of(self.outer), end_line_of(self.function) + 1)

    @property
    def outer(self) -> Node:
        """The function with its decorators."""
        function = self.function
        if function is None:
            return self.source.root
        above = function.parent
        return above if above is not None and above.type == "decorated_definition" else function

    @cached_property
    def header_lines(self) -> list[int]:
        """Decorators and signature of the function around the match."""
        if self.function is None:
            return []
        body = self.function.child_by_field_name("body")
        last = line_of(body) if body is not None else line_of(self.function)
        if body is not None and self.source.language in {"python", "ruby"}:
            last = max(line_of(body) - 1, line_of(self.function))
        return list(range(line_of(self.outer), min(last, line_of(self.outer) + 14) + 1))

    @cached_property
    def matched_names(self) -> frozenset[str]:
        """The identifiers on the matched lines."""
        last = min(self.end_line, self.start_line + 19)
        names = (self.source.names_on(line) for line in range(self.start_line, last + 1))
        return frozenset().union(*names)

    @cached_property
    def feeding(self) -> tuple[frozenset[str], list[int]]:
        """The names that feed the match, directly or not, and the lines that define them."""
        names, lines = set(self.matched_names), list[int]()
        if self.source.tree is None:
            return frozenset(names), lines
        scope = self.function or self.source.root
        local = definitions_in(self.source, scope)
        top = [d for d in definitions_in(self.source, self.source.root) if is_at_top(d.node)]
        for _round in range(_MAX_ROUNDS):
            before = len(names)
            for definition in [*local, *top]:
                if definition.name not in names or len(names) > _MAX_NAMES:
                    continue
                lines += range(
                    line_of(definition.node),
                    min(end_line_of(definition.node), line_of(definition.node) + 5) + 1,
                )
                if definition.value is not None:
                    names |= self.source.names_in(definition.value)
            if len(names) == before:
                break
        return frozenset(names), list(dict.fromkeys(lines))

    @cached_property
    def guard_lines(self) -> list[int]:
        """Lines of conditions around or before the match that look at what feeds it."""
        if self.function is None:
            return []
        names, lines = self.feeding[0], list[int]()
        for node in walk(self.function):
            if node.type not in _CONDITIONS or line_of(node) > self.end_line:
                continue
            condition = node.child_by_field_name("condition") or node
            if names & self.source.names_in(condition):
                lines += range(line_of(node), min(line_of(node) + 2, end_line_of(node)) + 1)
        return lines

    @cached_property
    def callees(self) -> dict[str, Node]:
        """The functions of this file that the function around the match calls."""
        functions = self.source.functions
        found: dict[str, Node] = {}
        if self.source.tree is None:
            return found
        rows = range(self.start_line, self.end_line + 1)
        for call in calls_in(self.source, self.function or self.source.root):
            if self.function is None and line_of(call.node) not in rows:
                continue
            name = call.callee.rsplit(".", 1)[-1].removeprefix("new ")
            target = functions.get(name)
            if target is not None and target != self.function:
                found.setdefault(name, target)
        return found

    @cached_property
    def import_lines(self) -> list[int]:
        """The import statements that bring in a name of the match or of what feeds it."""
        names = self.feeding[0] | self.callees.keys()
        lines: list[int] = []
        for node in self.source.imports():
            if names & self.source.names_in(node):
                lines += range(line_of(node), min(end_line_of(node), line_of(node) + 3) + 1)
        return lines

    def is_related(self, *, line: int, names: set[str] | frozenset[str]) -> bool:
        """Say whether a line with these names can have to do with the match."""
        if names & self.feeding[0]:
            return True
        if line in self.header_lines or line in self.import_lines:
            return True
        return any(
            line_of(node) <= line <= end_line_of(node) and scope_of(node) is not None
            for node in self.callees.values()
        )
