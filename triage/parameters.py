"""Which parameter an argument is given to."""

from tree_sitter import Node

from triage.modules import Module

_GATHERS = frozenset({
    "list_splat_pattern", "dictionary_splat_pattern", "rest_pattern", "spread_parameter",
    "variadic_parameter_declaration", "object_pattern", "array_pattern", "keyword_separator",
    "positional_separator",
})  # fmt: skip


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
