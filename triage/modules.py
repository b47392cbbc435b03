"""A source file with its definitions and calls, found once."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node

from triage.assignments import Definition, definitions_in
from triage.expressions import Call, calls_in, parameters_of
from triage.knowledge import sounds_like_a_check
from triage.languages import CLASS_NODES, FUNCTION_NODES
from triage.syntax import Source, walk


@dataclass(frozen=True, kw_only=True)
class Module(Source):
    """A source file in which values can be followed."""

    @cached_property
    def definitions(self) -> Mapping[str, Sequence[Definition]]:
        """Every definition of the file by the variable's name, in the order of the text."""
        found: dict[str, list[Definition]] = defaultdict(list)
        for definition in definitions_in(self, self.root):
            found[definition.name].append(definition)
        return found

    def definitions_of(self, name: str) -> Sequence[Definition]:
        """Return the definitions of a name, in the order of the text."""
        return self.definitions.get(name, ())

    @cached_property
    def calls(self) -> Sequence[Call]:
        """Every call of the file."""
        return list(calls_in(self, self.root))

    @cached_property
    def parameter_names(self) -> frozenset[str]:
        """The names of parameters of any function of the file."""
        functions = (node for node in walk(self.root) if node.type in FUNCTION_NODES)
        return frozenset(name for node in functions for name in parameters_of(self, node))

    @cached_property
    def ambiguous_functions(self) -> frozenset[str]:
        """Names that more than one function of the file has."""
        names = Counter(
            self.text_of(name)
            for node in walk(self.root)
            if node.type in FUNCTION_NODES
            and (name := node.child_by_field_name("name")) is not None
        )
        return frozenset(name for name, count in names.items() if count > 1)

    @cached_property
    def derived_names(self) -> Mapping[str, frozenset[str]]:
        """For each name the variables that are made of it directly."""
        found: dict[str, set[str]] = defaultdict(set)
        for definitions in self.definitions.values():
            for definition in definitions:
                for name in self.names_in(definition.value) if definition.value else ():
                    found[name].add(definition.name)
        return {name: frozenset(derived) for name, derived in found.items()}

    @cached_property
    def branches(self) -> Sequence[tuple[Node, frozenset[str]]]:
        """Every `if` of the file, with the names in its condition."""
        return [
            (node, frozenset(self.names_in(node.child_by_field_name("condition") or node)))
            for node in walk(self.root)
            if node.type in {"if_statement", "elif_clause"}
        ]

    @cached_property
    def checks(self) -> Sequence[tuple[Node, frozenset[str]]]:
        """Calls that sound like a check or a cleaning, with the names in their arguments."""
        return [
            (call.node, frozenset[str]().union(*(self.names_in(a.value) for a in call.arguments)))
            for call in self.calls
            if sounds_like_a_check(call.callee)
        ]

    @cached_property
    def bound_names(self) -> frozenset[str]:
        """Names that the file itself gives a meaning to: they are not the library's."""
        return frozenset(self.functions) | frozenset(self.definitions)

    @cached_property
    def own_classes(self) -> frozenset[str]:
        """The names of the classes of the file."""
        found = (node for node in walk(self.root) if node.type in CLASS_NODES)
        names = (node.child_by_field_name("name") for node in found)
        return frozenset(self.text_of(name) for name in names if name is not None)

    @cached_property
    def addressed_names(self) -> frozenset[str]:
        """Go: variables whose address is taken, so that others may change them."""
        found = (n for n in walk(self.root) if n.type == "unary_expression" and n.child_count == 2)
        return frozenset(
            self.text_of(node.children[1])
            for node in found
            if self.language == "go" and node.children[0].type == "&"
        )

    @cached_property
    def changes_its_globals(self) -> bool:
        """Python: whether names come from `import *` or are set by their text."""
        if any(node.type == "wildcard_import" for node in walk(self.root)):
            return True
        return any(
            call.callee in {"globals", "vars", "locals", "exec"}
            or (call.callee == "setattr" and "sys.modules" in self.text_of(call.node))
            for call in self.calls
        )

    @cached_property
    def is_fragment(self) -> bool:
        """Whether the text is broken or begins inside a block, so that branches are guessed."""
        if self.root.has_error:
            return True
        first = next((line for line in self.lines if line.strip()), "")
        return self.language == "python" and first[:1].isspace()
