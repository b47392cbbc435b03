"""What a match is made of besides its arguments: receiver, callbacks, what is around it."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from triage.dataflow import Tracer
from triage.expressions import INDEX_NODES, MEMBER_NODES, Call, calls_in, outermost_calls, read_call
from triage.knowledge import Family, is_sink
from triage.languages import FUNCTION_NODES, INTERPOLATION_NODES, STRING_NODES
from triage.programs import INTERPRETERS
from triage.values import Trust, Value

_BUILT_UP = frozenset({
    "binary_operator", "binary_expression", "concatenated_string", "parenthesized_expression",
    "conditional_expression", "ternary_expression", "argument_list", "arguments", "pair",
}) | MEMBER_NODES | INDEX_NODES | INTERPOLATION_NODES | STRING_NODES  # fmt: skip
_UNKNOWN = Value(trust=Trust.UNKNOWN)


def values_of_receiver(tracer: Tracer, call: Call) -> Iterator[Value]:
    """Give what matters of the object whose method is called: a path, a prepared statement."""
    source, receiver = tracer.source, call.receiver
    if receiver is None or outermost_calls(source, receiver):
        return
    names = source.names_in(receiver)
    definitions = [d for name in names for d in source.definitions_of(name) if d.value is not None]
    texts = [source.text_of(d.value) for d in definitions if d.value is not None]
    if texts and all(text.startswith(("require(", "await import(")) for text in texts):
        return
    value = tracer.value_of(receiver)
    is_path = tracer.family is Family.PATH and (definitions or names & source.parameter_names)
    if is_path or value.trust == Trust.UNTRUSTED:
        yield value
    else:
        for definition in definitions:
            yield from _values_of_making(tracer, definition.value)


def _values_of_making(tracer: Tracer, made: Node | None) -> Iterator[Value]:
    """Give the arguments of a call that made an object whose methods do the harm."""
    for call in outermost_calls(tracer.source, made) if made is not None else ():
        name = call.callee.removeprefix("new ")
        is_maker = is_sink(name, tracer.family) or is_sink(call.callee, tracer.family)
        if is_maker or tracer.family is Family.REQUEST:
            yield from (tracer.value_of(argument.value) for argument in call.arguments)


def values_of_callbacks(tracer: Tracer, call: Call) -> Iterator[Value]:
    """Give what reaches the dangerous calls inside functions that are handed to a call."""
    for argument in call.arguments:
        if argument.value.type not in FUNCTION_NODES:
            continue
        for inner in calls_in(tracer.source, argument.value):
            if is_sink(inner.callee, tracer.family):
                yield from (tracer.value_of(a.value) for a in inner.arguments[:1])


def is_own_function(tracer: Tracer, call: Call) -> bool:
    """Say whether the file itself defines a function or method of this name."""
    return call.callee.rsplit(".", 1)[-1] in tracer.source.functions


def reads_its_program(tracer: Tracer, call: Call) -> bool:
    """Say whether a constant command only starts a shell or an interpreter, which reads on."""
    if tracer.family is not Family.COMMAND:
        return False
    words = re.findall(
        r"[\w./-]+", " ".join(tracer.source.text_of(a.value) for a in call.arguments[:1])
    )
    stdin = [tracer.source.text_of(a.value) for a in call.arguments if a.name == "stdin"]
    is_fed = any(not text.endswith(("DEVNULL", "None")) for text in stdin)
    return is_fed or (len(words) == 1 and words[0].rsplit("/", 1)[-1] in INTERPRETERS)


def around(node: Node) -> Node:
    """Return the whole expression that a matched part of one belongs to."""
    current = node
    while current.parent is not None:
        parent = current.parent
        function = parent.child_by_field_name("function")
        is_called = parent.type in {"call", "call_expression"} and function == current
        owner = parent.child_by_field_name("object")
        is_called = is_called or (parent.type == "method_invocation" and owner == current)
        is_list = parent.type in {"argument_list", "arguments", "pair"}
        if is_list or not (is_called or parent.type in _BUILT_UP):
            break
        current = parent
    return current


def stands_in_sink(tracer: Tracer, node: Node) -> bool:
    """Say whether a call is itself an argument of one that does the harm."""
    current = node.parent
    while current is not None and not current.type.endswith(("statement", "block", "module")):
        call = read_call(tracer.source, current)
        is_argument = call is not None and any(
            a.value.start_byte <= node.start_byte and node.end_byte <= a.value.end_byte
            for a in call.arguments
        )
        if call is not None and is_argument and is_sink(call.callee, tracer.family):
            return True
        current = current.parent
    return False
