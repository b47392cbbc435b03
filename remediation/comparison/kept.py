"""Whether what a rule fired at was kept in another form: settings, secrets, queries; pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tree_sitter import Node

from remediation.comparison.groups import (
    assignment_at,
    literals_of,
    target_of,
    unquoted,
    value_tokens,
)
from remediation.comparison.idling import CONSTANT
from remediation.comparison.signatures import CONSTANTS, IDENTITY, sinks_of, values_by_name
from remediation.comparison.trees import Unit, arguments_of, callee_of, text_of
from remediation.comparison.unwrapping import squeezed_text

ENTRIES = frozenset({
    "keyword_argument", "pair", "keyed_element", "named_argument", "argument", "value_argument",
    "array_element_initializer",
})  # fmt: skip
# A query without its white space.
QUERY = re.compile(r"(?:select|insertinto|update|deletefrom)", re.IGNORECASE)
SHORTEST_SECRET = 6
SETTER = re.compile(r"(?:set_?|with_?)(?P<name>\w+)")


@dataclass(frozen=True, slots=True)
class Setting:
    """A name and the value it is given: as an entry of a call, or as a property."""

    name: str
    value: str
    is_entry: bool
    is_constant: bool = True


def kept_settings(hit: Sequence[Unit], new: Sequence[Unit]) -> Iterator[str]:
    """Give settings that the rule fired at and that are now made in another way."""
    came = {setting for unit in new for setting in settings_of(unit)}
    for setting in (setting for unit in hit for setting in settings_of(unit)):
        other = replace(setting, is_entry=not setting.is_entry)
        if setting.is_entry and not setting.is_constant:
            continue
        if other in came and setting not in came:
            yield f"`{setting.name}` is only set in another way."


def settings_of(unit: Unit) -> Iterator[Setting]:
    """Give what a statement sets: entries of calls, properties, setters."""
    target = target_of(unit) or ""
    words = re.findall(r"\w+", target)
    if words and re.search(r"[.\[>]", target):
        yield _setting(words[-1], "".join(value_tokens(unit)))
    for node in unit.parts:
        if node.type in ENTRIES and len(node.named_children) == len(("name", "value")):
            name, value = node.named_children
            # `**{"name": value}` is another way than `name=value`.
            is_spread = node.type == "pair" and _is_spread(node)
            yield _setting(unquoted(text_of(name)), text_of(value), is_entry=not is_spread)
    for call in unit.calls:
        found, arguments = SETTER.fullmatch(callee_of(call)[-1]), arguments_of(call)
        if found and len(arguments) == 1:
            yield _setting(found["name"], text_of(arguments[0]))


def _setting(name: str, value: str, *, is_entry: bool = False) -> Setting:
    value = squeezed_text(value)
    return Setting(
        name=name.casefold(),
        value=CONSTANTS.get(value, value),
        is_entry=is_entry,
        is_constant=bool(CONSTANT.fullmatch(value)),
    )


def _is_spread(entry: Node) -> bool:
    holder = entry.parent.parent if entry.parent is not None else None
    return holder is not None and "splat" in holder.type


def kept_texts(hit: Sequence[Unit], new: Sequence[Unit]) -> Iterator[str]:
    """Give texts that were a value of their own and are now a part of another."""
    came = {literal for unit in new for literal in literals_of(unit)}
    for unit in hit:
        value = [part for part in value_tokens(unit) if part != ";"]
        if assignment_at(unit) is None or len(value) != 1 or value[0][-1:] not in "\"'`":
            continue
        text = unquoted(value[0])
        if len(text) >= SHORTEST_SECRET and text in came:
            yield "The text that the rule fired at still stands there."


def kept_queries(hit: Sequence[Unit], old: Sequence[Unit], new: Sequence[Unit]) -> Iterator[str]:
    """Give queries that are still put together of text and the same values."""
    before = {names for texts, names, _ in _queries(hit, values_by_name(old)) if names}
    if not before:
        return
    for texts, names, text in _queries(new, values_by_name(new)):
        if names in before:
            yield f"`{text[:80]}` still puts values into the query's text."
        if texts.count("'") % 2:
            yield f"`{text[:80]}` ends inside a text of the query: a value is put there."


def _queries(
    units: Sequence[Unit], values: Mapping[str, Sequence[Node]]
) -> Iterator[tuple[str, frozenset[str], str]]:
    """Give the texts and the names that make each argument that is a query."""
    for unit in units:
        for sink in sinks_of(unit, values):
            for argument in sink.arguments:
                texts, names, shape = argument.rsplit("|", 2)
                # In a list, the values stand beside the query.
                if QUERY.match(texts) and not shape.startswith("["):
                    yield texts, frozenset(names.split()) - IDENTITY, sink.text


def lost_inputs(unit: Unit, others: Sequence[Unit]) -> str | None:
    """Return in a sentence which values a query no longer asks with."""
    lost: frozenset[str] = frozenset()
    for _texts, names, _text in _queries([unit], {}):
        lost = names
    if lost and not any(lost & (other.names | {target_of(other)}) for other in others):
        return f"The query no longer asks with `{', '.join(sorted(lost))[:80]}`."
    return None
