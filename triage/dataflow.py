"""Where a value comes from, followed backwards through one file.

Conservative: what is not understood is UNKNOWN, and a value that may be one of several is as bad
as the worst of them. Only Python, JavaScript, TypeScript, Java and Go are followed.
"""

import re
from dataclasses import dataclass, field, replace

from tree_sitter import Node

from triage import guards
from triage.assignments import Definition
from triage.definitions import reaching_definitions
from triage.expressions import (
    CONTAINER_NODES,
    INDEX_NODES,
    MEMBER_NODES,
    Call,
    chain_of,
    owner_of,
    read_call,
    scope_of,
)
from triage.folding import outcome
from triage.knowledge import (
    NUMBERS_DO_NOT_HELP,
    PROPAGATING_FUNCTIONS,
    PROPAGATING_METHODS,
    UNTRUSTED,
    Family,
    full_name,
    is_number_maker,
    keeps_form,
    neutralizes,
    sounds_like_a_check,
)
from triage.languages import INTERPOLATION_NODES, STRING_NODES
from triage.modules import Module
from triage.parameters import TYPED_NUMBER, declared_value, places_of
from triage.syntax import line_of, walk
from triage.values import NOTHING, Trust, Value, worst

FOLLOWED = frozenset({"python", "javascript", "typescript", "tsx", "java", "go"})
_FUEL = 1500
_MAX_DEPTH = 40
_LITERALS = frozenset({
    "integer", "float", "number", "true", "false", "none", "null", "undefined", "null_literal",
    "nil", "decimal_integer_literal", "hex_integer_literal", "decimal_floating_point_literal",
    "int_literal", "float_literal", "character_literal", "regex", "class_literal",
})  # fmt: skip
_JOINED = CONTAINER_NODES | frozenset({
    "binary_expression", "binary_operator", "boolean_operator", "comparison_operator",
    "concatenated_string", "parenthesized_expression", "unary_expression", "unary_operator",
    "not_operator", "await_expression", "await", "spread_element", "list_splat",
    "dictionary_splat", "pair", "literal_value", "literal_element", "keyed_element",
    "expression_list", "non_null_expression", "template_substitution", "interpolation",
    "slice", "type_conversion", "format_specifier",
})  # fmt: skip


@dataclass(kw_only=True)
class Tracer:
    """Follows values of one file for one family of weaknesses."""

    source: Module
    family: Family
    _fuel: int = _FUEL
    _open: set[int] = field(default_factory=set)
    _bound: dict[tuple[int, str], Value] = field(default_factory=dict)

    def value_of(self, node: Node, depth: int = 0) -> Value:
        """Return what is known of an expression."""
        self._fuel -= 1
        unknown = Value(trust=Trust.UNKNOWN, lines=frozenset({line_of(node)}))
        if self._fuel < 0 or depth > _MAX_DEPTH or node.has_error:
            return unknown
        call = read_call(self.source, node)
        if call is not None:
            return self._call(call, depth)
        return self._simple(node, depth) or self._composed(node, depth) or unknown

    def _simple(self, node: Node, depth: int) -> Value | None:
        if node.type in _LITERALS:
            return Value(trust=Trust.CONSTANT, lines=frozenset({line_of(node)}))
        if node.type in STRING_NODES:
            return self._text(node, depth)
        if node.type == "identifier":
            return self._name(node, depth)
        return self._part(node, depth) if node.type in MEMBER_NODES | INDEX_NODES else None

    def is_constant(self, node: Node) -> bool:
        """Say whether an expression's value is written in the code."""
        return self.value_of(node).trust == Trust.CONSTANT

    def _composed(self, node: Node, depth: int) -> Value | None:
        here = Value(trust=Trust.CONSTANT, lines=frozenset({line_of(node)}))
        if node.type in {"conditional_expression", "ternary_expression"}:
            return worst(here, *(self.value_of(part, depth + 1) for part in self._choices(node)))
        if node.type == "cast_expression":
            kind = node.child_by_field_name("type")
            is_number = kind is not None and TYPED_NUMBER.match(self.source.text_of(kind))
            if is_number and self.family not in NUMBERS_DO_NOT_HELP:
                return Value(trust=Trust.NEUTRALIZED, lines=here.lines, guards=here.lines)
        if node.type in {"cast_expression", "keyword_argument"}:
            value = node.child_by_field_name("value")
            return self.value_of(value, depth + 1) if value else None
        if node.type in {"as_expression", "satisfies_expression"}:
            return self.value_of(node.named_children[0], depth + 1)
        if node.type not in _JOINED:
            return None
        return worst(here, *(self.value_of(part, depth + 1) for part in _operands(node)))

    def _choices(self, node: Node) -> list[Node]:
        """Return the values that a conditional expression can have, without its condition."""
        parts = [part for part in node.named_children if "comment" not in part.type]
        if len(parts) != 3:
            return parts
        is_python = self.source.language == "python"
        yes, condition, no = parts if is_python else (parts[1], parts[0], parts[2])
        truth = outcome(self.source, condition)
        return [yes, no] if truth is None else [yes if truth else no]

    def _text(self, node: Node, depth: int) -> Value:
        parts = [
            inner
            for outer in node.named_children
            if outer.type in INTERPOLATION_NODES
            for inner in outer.named_children
            if inner.type != "type_conversion"
        ]
        lines = frozenset({line_of(node)})
        here = Value(trust=Trust.CONSTANT, lines=lines)
        return worst(here, *(self.value_of(part, depth + 1) for part in parts))

    def _part(self, node: Node, depth: int) -> Value:
        lines = frozenset({line_of(node)})
        if UNTRUSTED.search(chain_of(self.source, node)):
            return Value(trust=Trust.UNTRUSTED, lines=lines, sources=lines)
        owner = owner_of(node)
        if owner is None:
            return Value(trust=Trust.UNKNOWN, lines=lines)
        inner = self.value_of(owner, depth + 1)
        if inner.is_text and inner.trust == Trust.NEUTRALIZED:
            return replace(inner, trust=Trust.UNKNOWN, is_checked=True)
        return worst(Value(trust=Trust.CONSTANT, lines=lines), inner)

    def _call(self, call: Call, depth: int) -> Value:
        lines = frozenset({line_of(call.node)})
        name = self._function_name(call)
        if neutralizes(name, family=self.family):
            return self._cleaned(call, name, lines)
        if UNTRUSTED.search(chain_of(self.source, call.node)):
            return Value(trust=Trust.UNTRUSTED, lines=lines, sources=lines)
        function = self.source.functions.get(call.callee)
        if function is not None and depth < _MAX_DEPTH // 4:
            return self._returned(call, function, depth)
        is_function = bool(name and PROPAGATING_FUNCTIONS.search(name))
        parts = [a.value for a in call.arguments] if is_function else _passed_on(call)
        here = Value(trust=Trust.CONSTANT, lines=lines)
        known = worst(here, *(self.value_of(part, depth + 1) for part in parts))
        if known.is_text and (not keeps_form(call.callee) or _cuts(call)):
            return replace(known, trust=max(known.trust, Trust.UNKNOWN), is_checked=True)
        if is_function or (call.receiver and PROPAGATING_METHODS.search(call.callee)):
            return known
        return self._unknown_call(call, known, depth)

    def _cleaned(self, call: Call, name: str, lines: frozenset[int]) -> Value:
        """Return the value of a cleaning function; options may say that it cleans nothing."""
        is_text = not is_number_maker(name)
        first = call.arguments[0].value if call.arguments else None
        is_splat = any(
            "splat" in a.value.type or a.value.type == "spread_element" for a in call.arguments
        )
        is_plain = len(call.arguments) == 1 or (self.family is Family.PATH and not is_splat)
        if self.family is Family.REDIRECT and first is not None:
            is_plain = (
                first.type in STRING_NODES
                and not is_splat
                and not any(argument.name.startswith("_") for argument in call.arguments)
            )
        if is_text and (not is_plain or name in {"shlex.join", "pipes.join"}):
            return Value(trust=Trust.UNKNOWN, lines=lines, is_checked=True)
        return Value(trust=Trust.NEUTRALIZED, lines=lines, guards=lines, is_text=is_text)

    def _function_name(self, call: Call) -> str:
        """Return the library function that a call means; blank where the file means its own."""
        root = re.split(r"\W", call.callee.removeprefix("new "), maxsplit=1)[0]
        values = [d.value for d in self.source.definitions_of(root)]
        is_required = bool(values) and all(
            value is not None
            and re.match(r"(?:require|await import)\(\s*[\"'`](?!\.)", self.source.text_of(value))
            for value in values
        )
        if call.callee in self.source.functions or (values and not is_required):
            return ""
        if root in self.source.parameter_names | self.source.own_classes:
            return ""
        imports = self.source.import_text
        return full_name(call.callee, imports=imports, imported=self.source.imported_names)

    def _unknown_call(self, call: Call, known: Value, depth: int) -> Value:
        owner = self.value_of(call.receiver, depth + 1) if call.receiver else NOTHING
        is_getter = owner.trust == Trust.UNTRUSTED and not sounds_like_a_check(call.callee)
        return Value(
            trust=Trust.UNTRUSTED if is_getter else Trust.UNKNOWN,
            lines=known.lines,
            sources=known.sources if is_getter else frozenset(),
            is_checked=known.is_checked or sounds_like_a_check(call.callee),
        )

    def _returned(self, call: Call, function: Node, depth: int) -> Value:
        if function.id in self._open or not guards.is_plain_function(self.source, function):
            return Value(trust=Trust.UNKNOWN, lines=frozenset({line_of(call.node)}))
        names = places_of(self.source, function)
        given = [self.value_of(argument.value, depth + 1) for argument in call.arguments]
        is_listed = all(
            not a.name and "splat" not in a.value.type and a.value.type != "spread_element"
            for a in call.arguments
        )
        if names is None or len(given) > len(names) or not is_listed:
            return worst(Value(trust=Trust.UNKNOWN), *given)
        before = dict(self._bound)
        for name, value in zip(names, given, strict=False):
            self._bound[function.id, name] = value
        self._open.add(function.id)
        results = [
            self.value_of(part, depth + 1)
            for node in walk(function)
            if node.type == "return_statement" and scope_of(node) == function
            for part in node.named_children
        ]
        self._open.discard(function.id)
        self._bound = before
        return worst(Value(trust=Trust.CONSTANT, lines=frozenset({line_of(call.node)})), *results)

    def _name(self, node: Node, depth: int) -> Value:
        name = self.source.text_of(node)
        guard = guards.guard_of(self, name=name, use=node)
        if guard is not None:
            lines = frozenset(guard.lines)
            return Value(
                trust=Trust.NEUTRALIZED, lines=lines, guards=lines, is_text=guard.is_by_form
            )
        found = reaching_definitions(self.source, name=name, use=node)
        values = [self._defined(definition, depth) for definition in found.definitions]
        if found.parameter_of is not None:
            values.append(self._parameter(found.parameter_of, name))
        elif not found.is_complete:
            values.append(Value(trust=Trust.UNKNOWN, lines=frozenset({line_of(node)})))
        value = worst(*values)
        is_checked = guards.looks_checked(self.source, name=name, use=node)
        here = Value(trust=Trust.CONSTANT, lines=frozenset({line_of(node)}), is_checked=is_checked)
        return worst(here, value)

    def _defined(self, definition: Definition, depth: int) -> Value:
        lines = frozenset({line_of(definition.node)})
        if definition.value is None:
            return Value(trust=Trust.UNKNOWN, lines=lines)
        key = definition.value.id
        if key in self._open:
            return NOTHING
        self._open.add(key)
        value = self.value_of(definition.value, depth + 1)
        self._open.discard(key)
        return worst(Value(trust=Trust.CONSTANT, lines=lines), value)

    def _parameter(self, function: Node, name: str) -> Value:
        if (function.id, name) in self._bound:
            return self._bound[function.id, name]
        return declared_value(self.source, function, name, family=self.family)


def _cuts(call: Call) -> bool:
    """Say whether a call that keeps a text's form otherwise takes something off it here."""
    method = call.callee.rsplit(".", 1)[-1]
    return method in {"strip", "trim", "encode", "get"} and bool(call.arguments)


def _passed_on(call: Call) -> list[Node]:
    """Return what a method's value is made of; a look-up in a table gives only its entries."""
    parts = [argument.value for argument in call.arguments]
    if call.receiver is None:
        return parts
    is_lookup = call.callee.rsplit(".", 1)[-1] in {"get", "getOrDefault"}
    return [call.receiver, *(parts[1:] if is_lookup else parts)]


def _operands(node: Node) -> list[Node]:
    if node.type == "pair":
        return [part for part in node.named_children if part.type != "property_identifier"]
    if node.type == "composite_literal":
        body = node.child_by_field_name("body")
        return [body] if body else []
    if node.type == "array_creation_expression":
        value = node.child_by_field_name("value")
        return [value] if value else node.named_children
    return [part for part in node.named_children if "comment" not in part.type]
