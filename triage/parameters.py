"""Parameters: which one an argument is given to, and what its declaration says."""

import re

from tree_sitter import Node

from triage.expressions import parameters_of
from triage.knowledge import NUMBERS_DO_NOT_HELP, Family
from triage.modules import Module
from triage.syntax import line_of
from triage.values import Trust, Value

_GATHERS = frozenset({
    "list_splat_pattern", "dictionary_splat_pattern", "rest_pattern", "spread_parameter",
    "variadic_parameter_declaration", "object_pattern", "array_pattern", "keyword_separator",
    "positional_separator",
})  # fmt: skip

TYPED_NUMBER = re.compile(
    r"^(?:int|long|short|byte|double|float|boolean|u?int(?:8|16|32|64)?|float(?:32|64)|bool|UUID"
    r"|Integer|Long|Short|Double|Float|Boolean)$"
)
_ROUTE = re.compile(r"^@[\w.]+\.(?:route|get|post|put|patch|delete|websocket|api_route)\b")
_ROUTE_ANNOTATION = re.compile(
    r"@(?:RequestParam|PathVariable|RequestBody|RequestHeader|QueryParam|PathParam|FormParam"
    r"|CookieValue|HeaderParam)\b"
)


def places_of(source: Module, function: Node) -> list[str] | None:
    """Return the names of a function's parameters in order; None where one is no plain name."""
    declared = function.child_by_field_name("parameters")
    names: list[str] = []
    for part in declared.named_children if declared is not None else []:
        if "comment" in part.type:
            continue
        found = [part] if part.type == "identifier" else _named(part)
        if not found or any(name.type != "identifier" for name in found) or part.type in _GATHERS:
            return None
        names += [source.text_of(name) for name in found]
    return names if declared is not None else None


def _named(part: Node) -> list[Node]:
    names = part.children_by_field_name("name")
    if names:
        return names
    for field in ("pattern", "left"):
        child = part.child_by_field_name(field)
        if child is not None:
            return [child]
    return part.named_children[:1]


def declared_value(source: Module, function: Node, name: str, *, family: Family) -> Value:
    """Return what a parameter's declaration says of the values that it is given."""
    declared = parameters_of(source, function)[name]
    lines = frozenset({line_of(declared)})
    kind = declared.child_by_field_name("type")
    is_number = kind is not None and TYPED_NUMBER.match(source.text_of(kind)) is not None
    is_number = is_number and family not in NUMBERS_DO_NOT_HELP
    if is_number and source.language in {"java", "go"}:
        return Value(trust=Trust.NEUTRALIZED, lines=lines, guards=lines)
    if _ROUTE_ANNOTATION.search(source.text_of(declared)):
        return Value(trust=Trust.UNTRUSTED, lines=lines, sources=lines)
    return _route_value(source, function, name, family=family)


def _route_value(source: Module, function: Node, name: str, *, family: Family) -> Value:
    lines = frozenset({line_of(parameters_of(source, function)[name])})
    above = function.parent
    decorators = above.children if above and above.type == "decorated_definition" else []
    routes = [source.text_of(node) for node in decorators if node.type == "decorator"]
    routes = [text for text in routes if _ROUTE.match(text)]
    is_number = routes and all(
        re.search(rf"<(?:int|float|uuid):{re.escape(name)}>", text) for text in routes
    )
    if is_number and family not in NUMBERS_DO_NOT_HELP:
        guard = frozenset({line_of(node) for node in decorators if node.type == "decorator"})
        return Value(trust=Trust.NEUTRALIZED, lines=lines, guards=guard)
    if any(re.search(rf"[<{{](?:\w+:)?{re.escape(name)}[>}}]", text) for text in routes):
        return Value(trust=Trust.UNTRUSTED, lines=lines, sources=lines)
    return Value(trust=Trust.UNKNOWN, lines=lines)
