"""What reaches a match: signs told by following the values that matter there."""

import re

from tree_sitter import Node

from triage.context import JudgeContext
from triage.dataflow import Tracer
from triage.expressions import Call, outermost_calls, read_call
from triage.knowledge import Family, is_sink
from triage.languages import FUNCTION_NODES
from triage.programs import program_without_shell
from triage.receivers import (
    around,
    is_own_function,
    reads_its_program,
    stands_in_sink,
    values_of_callbacks,
    values_of_receiver,
)
from triage.values import Trust, Value, worst

_STATEMENTS_OF_SQL = re.compile(
    r"(?:^|\.)(?:execute|executemany|query|queryRow|Query|QueryRow|Exec|raw|RawSQL|prepare|Prepare"
    r"|prepareStatement|createQuery|createNativeQuery|executeQuery|executeUpdate|all|get|run|each"
    r"|text|sqlalchemy\.text|fetch|fetchrow|fetchval)$"
)
_WITH_CONTEXT = re.compile(r"\.(?:QueryContext|QueryRowContext|ExecContext|PrepareContext)$")
_OPTIONS = {
    Family.COMMAND: frozenset({
        "stdout", "stderr", "stdin", "timeout", "check", "capture_output", "text", "encoding",
        "universal_newlines", "shell", "bufsize", "close_fds", "errors", "start_new_session",
    }),
    Family.PATH: frozenset({"mode", "encoding", "errors", "newline", "buffering"}),
}  # fmt: skip
_SEVERAL = frozenset({"module", "block", "statement_block", "program", "expression_list"})
_STATEMENTS = frozenset({
    "expression_statement", "return_statement", "throw_statement", "raise_statement",
    "lexical_declaration", "local_variable_declaration", "variable_declaration",
    "parenthesized_expression", "await_expression", "await",
})  # fmt: skip
_ASSIGNMENTS = frozenset({
    "assignment", "assignment_expression", "variable_declarator", "short_var_declaration",
    "assignment_statement", "augmented_assignment", "keyword_argument", "pair", "var_spec",
})  # fmt: skip
_ARGUMENT_PARTS = frozenset({
    "argument_list", "arguments", "argument", "keyword_argument", "pair", "object", "dictionary",
    "list", "array", "tuple", "spread_element", "dictionary_splat", "parenthesized_expression",
    "composite_literal", "literal_value", "keyed_element", "literal_element", "hash",
})  # fmt: skip
_HARMLESS = frozenset({Trust.CONSTANT, Trust.NEUTRALIZED})
_TEMPLATES = re.compile(r"(?:^|\.)(?:render_template_string|Template|from_string)$")


def matched_node(context: JudgeContext) -> Node | None:
    """Return the syntax node that the rule matched."""
    place = context.question.place
    node = context.source.node_at(
        start=(place.start_line, place.start_column), end=(place.end_line, place.end_column)
    )
    # A match of a bare statement is its expression.
    while node is not None and node.type == "expression_statement" and node.named_child_count == 1:
        node = node.named_children[0]
    return node


def value_at(tracer: Tracer, node: Node) -> Value | None:
    """Return what reaches a matched node; None when it is nothing that has a value."""
    value = _value_at(tracer, node)
    list_of = node.parent.parent if node.parent is not None else None
    outer = read_call(tracer.source, list_of) if list_of is not None else None
    if value is not None and outer is not None and reads_its_program(tracer, outer):
        value = worst(value, Value(trust=Trust.UNKNOWN))
    if value is None or read_call(tracer.source, node) is not None:
        return value
    whole = around(node)
    if whole != node:
        value = worst(value, tracer.value_of(whole))
    # A rule may point at an option (`shell=True`): its being fixed says nothing of the command.
    call = _call_with_argument(tracer, whole) if value.trust in _HARMLESS else None
    of_call = _value_of_match(tracer, call) if call is not None else None
    return value if of_call is None else worst(value, of_call)


def _call_with_argument(tracer: Tracer, node: Node) -> Call | None:
    """Return the call of which a node is an argument, or stands in one as an option."""
    current = node
    while current.parent is not None and current.parent.type in _ARGUMENT_PARTS:
        current = current.parent
    is_argument = current != node and current.parent is not None
    return read_call(tracer.source, current.parent) if is_argument and current.parent else None


def _value_at(tracer: Tracer, node: Node) -> Value | None:
    call = read_call(tracer.source, node)
    if call is not None:
        return _value_of_match(tracer, call)
    if node.type in _SEVERAL or node.type in _STATEMENTS:
        parts = [part for part in node.named_children if "comment" not in part.type]
        values = [value_at(tracer, part) for part in parts]
        known = [value for value in values if value is not None]
        return worst(*known) if known and len(known) == len(values) else None
    right = node.child_by_field_name("right") or node.child_by_field_name("value")
    if node.type in _ASSIGNMENTS:
        left = node.child_by_field_name("left")
        if right is None:
            return None
        value = value_at(tracer, right)
        is_added = node.type.startswith("augmented") and left is not None and value is not None
        return worst(value, tracer.value_of(left)) if is_added and left and value else value
    if node.type.endswith(("_statement", "_definition", "_declaration", "block", "module")):
        return None
    return tracer.value_of(node)


def _value_of_match(tracer: Tracer, call: Call) -> Value | None:
    """Return what reaches a matched call; a rule may also match a value on its way to the sink."""
    as_value = tracer.value_of(call.node)
    if as_value.trust == Trust.UNTRUSTED:
        return as_value
    as_sink = _value_of_call(tracer, call)
    is_harmful = is_sink(call.callee, tracer.family) and not stands_in_sink(tracer, call.node)
    if as_sink is not None and is_harmful:
        return as_sink
    return worst(as_value, *([as_sink] if as_sink is not None else []))


def _value_of_call(tracer: Tracer, call: Call) -> Value | None:
    """Return what reaches the dangerous arguments of a call; None when none can be told."""
    program = program_without_shell(tracer, call)
    if program is not None:
        return program
    nodes = _dangerous(call, tracer.family)
    if is_own_function(tracer, call):
        nodes = [a.value for a in call.arguments if a.value.type not in FUNCTION_NODES]
    values = [tracer.value_of(node) for node in nodes]
    values += [*values_of_receiver(tracer, call), *values_of_callbacks(tracer, call)]
    if reads_its_program(tracer, call) or _quotes_a_place(tracer, call):
        values.append(Value(trust=Trust.UNKNOWN))
    if call.receiver is not None:
        inner = outermost_calls(tracer.source, call.receiver)
        values += [v for c in inner if c.arguments and (v := _value_of_call(tracer, c)) is not None]
        if not nodes:
            values.append(tracer.value_of(call.receiver))
    return worst(*values) if values else None


def _quotes_a_place(tracer: Tracer, call: Call) -> bool:
    """Say whether a statement puts quotes around the place of a value: they end the value's own."""
    is_sql = tracer.family is Family.SQL and len(call.arguments) > 1
    text = tracer.source.text_of(call.arguments[0].value) if is_sql else ""
    return re.search(r"""['"](?:%s|%\(\w+\)s|\?|\{\})['"]""", text[1:-1]) is not None


def _dangerous(call: Call, family: Family) -> list[Node]:
    arguments = [a for a in call.arguments if a.value.type not in FUNCTION_NODES]
    if family is Family.SQL and arguments and not arguments[0].name:
        if _WITH_CONTEXT.search(call.callee):
            return [arguments[1].value] if len(arguments) > 1 else []
        if _STATEMENTS_OF_SQL.search(call.callee):
            return [arguments[0].value]
    if family is Family.CODE and arguments and _TEMPLATES.search(call.callee):
        return [arguments[0].value]
    options = _OPTIONS.get(family, frozenset())
    return [a.value for a in arguments if a.name not in options]
