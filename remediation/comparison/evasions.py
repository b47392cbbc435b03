"""Whether a change only hides the weakness from the rule: the same call by another name; pure.

Run once the rule no longer fires, over the statements that it fired at.
"""

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from tree_sitter import Node

from remediation.comparison.aliases import Aliases, aliases_in
from remediation.comparison.groups import Group, assignment_at, literals_of, target_of, unquoted
from remediation.comparison.kept import kept_queries, kept_settings, kept_texts
from remediation.comparison.signatures import LOADERS, Sink, sinks_of, values_by_name
from remediation.comparison.syntax_kinds import CALLS, NAMES, STRINGS
from remediation.comparison.trees import Pair, Unit, arguments_of, callee_nodes, callee_of, text_of
from remediation.comparison.weaknesses import same_weakness

# What does the same harm with the same argument.
FAMILIES = (
    frozenset({"eval", "exec", "Function", "execScript", "instance_eval", "class_eval",
               "create_function", "setTimeout", "setInterval"}),
    frozenset({"system", "popen", "getoutput", "getstatusoutput", "shell_exec", "passthru",
               "execSync", "exec", "proc_open", "`", "popen2", "popen3"}),
    frozenset({"innerHTML", "outerHTML", "insertAdjacentHTML", "write", "writeln", "srcdoc",
               "html"}),
    frozenset({"md5", "sha1", "md4", "md2", "MD5", "SHA1", "ripemd160"}),
    frozenset({"href", "assign", "replace", "location"}),
    frozenset({"strcpy", "strcat", "stpcpy", "wcscpy"}),
    frozenset({"rand", "mt_rand", "random", "lcg_value", "randint", "randrange"}),
)  # fmt: skip
LAMBDAS = frozenset({"lambda", "arrow_function", "function_expression", "func_literal"})
# Methods of a function that call it.
HANDED_ON = frozenset({"call", "apply", "bind", "invoke", "__call__"})
SHORTEST_LITERAL = 3
CONCATENATIONS = frozenset({
    "binary_operator", "binary_expression", "concatenated_string", "binary", "chained_string",
    "additive_expression", "call", "call_expression", "parenthesized_expression",
})  # fmt: skip


def evasion_in(pair: Pair, groups: Sequence[Group], flagged: range) -> str | None:
    """Return in a sentence how the weakness was only hidden, or None.

    `flagged` are the lines of the original that the rule fired at, the end excluded.
    """
    old = [unit for group in groups for unit in group.before]
    new = [unit for group in groups for unit in group.after]
    hit = [unit for unit in old if _overlaps(unit, flagged)] or old
    before, after = aliases_in(pair.change.before), aliases_in(pair.change.after)
    finders = (
        _same_sink(hit, old, new, before, after),
        _mentioned(hit, old, new),
        _hidden_texts(hit, old, new),
        _wrapped_in_function(pair, hit, new),
        _kept_macro(hit, new),
        same_weakness(hit, old, new, before, after),
        kept_settings(hit, new),
        kept_texts(hit, new),
        kept_queries(hit, old, new),
    )
    return next((found for finder in finders for found in finder), None)


def _overlaps(unit: Unit, flagged: range) -> bool:
    return unit.line < flagged.stop and unit.node.end_point.row + 1 >= flagged.start


def _same_sink(
    hit: Sequence[Unit], old: Sequence[Unit], new: Sequence[Unit], before: Aliases, after: Aliases
) -> Iterator[str]:
    """Give sinks that are reached as before, by another name or with the argument respelled."""
    old_values, new_values = values_by_name(old), values_by_name(new)
    new_sinks = [sink for unit in new for sink in sinks_of(unit, new_values)]
    new_texts = {sink.text for sink in new_sinks}
    for sink in (sink for unit in hit for sink in sinks_of(unit, old_values)):
        if sink.text in new_texts or not sink.arguments:
            continue
        for other in new_sinks:
            if _reaches_the_same(sink, other, before, after):
                yield (
                    f"`{other.text[:80]}` does what `{sink.text[:80]}` did: the rule is avoided,"
                    " the weakness is not."
                )


def _reaches_the_same(sink: Sink, other: Sink, before: Aliases, after: Aliases) -> bool:
    mine, others = before.resolve(sink.name), after.resolve(other.name)
    if mine == others:
        return sink.arguments == other.arguments
    if mine[-1] == others[-1]:
        return bool(LOADERS & set(others)) and sink.arguments[-1] in other.arguments
    in_family = any(mine[-1] in family and others[-1] in family for family in FAMILIES)
    return in_family and sink.arguments[-1] in other.arguments


def _mentioned(hit: Sequence[Unit], old: Sequence[Unit], new: Sequence[Unit]) -> Iterator[str]:
    """Give what was called before and is now handed on without being called."""
    for name, root in {(callee_of(call)[-1], callee_of(call)[0]) for u in hit for call in u.calls}:
        before = sum(_mentions(unit, name, root) for unit in old)
        if len(name) > 1 and sum(_mentions(unit, name, root) for unit in new) > before:
            yield f"`{name}` is no longer called here, but given another name or handed on."


def _mentions(unit: Unit, name: str, root: str) -> int:
    """Count how often a statement names a function without calling it."""
    if unit.is_import and root != name and root not in " ".join(unit.tokens):
        return 0
    called = {
        node.id
        for call in unit.calls
        for node in callee_nodes(call)[-1 if callee_of(call)[-1] in HANDED_ON else 0 :]
    }
    return sum(
        text_of(node) == name and node.id not in called and not _is_key(node)
        for node in unit.parts
        if node.type in NAMES and node.type != "type_identifier"
    )


def _is_key(node: Node) -> bool:
    """Say whether a name is that of an argument, an entry, or something that is made here."""
    parent = node.parent
    if parent is None or parent.type in {"function_definition", "function_declaration"}:
        return True
    kinds = {"keyword_argument", "pair", "property_assignment", "named_argument", "argument"}
    return parent.type in kinds and parent.named_children[0] == node


def _hidden_texts(hit: Sequence[Unit], old: Sequence[Unit], new: Sequence[Unit]) -> Iterator[str]:
    """Give texts that stand for what the rule looks for, in pieces or in another spelling."""
    called = {callee_of(call)[-1] for unit in hit for call in unit.calls}
    targets = {target_of(unit) or "" for unit in hit}
    called |= {target.rpartition(".")[2] for target in targets if "." in target}
    known = {text for unit in old for text in literals_of(unit)}
    wanted = {text for unit in hit for text in literals_of(unit)} | called
    wanted = {text for text in wanted if len(text) >= SHORTEST_LITERAL}
    by_fold = {text.casefold(): text for text in wanted}
    for unit in new:
        for text in literals_of(unit):
            if text not in known and (text in called or text.casefold() in by_fold):
                yield f"The text `{text[:60]}` stands for what the rule looks for."
            if text not in known and any(f"{name}(" in text for name in called if len(name) > 1):
                yield f"The text `{text[:60]}` holds the call."
            if any(decoded in wanted for decoded in _decoded(text)):
                yield "A text was only encoded."
        for text in _joined_texts(unit):
            if text.casefold() in by_fold or any(f"{name}(" in text for name in called):
                yield f"`{text[:60]}` was only split into pieces."


def _kept_macro(hit: Sequence[Unit], new: Sequence[Unit]) -> Iterator[str]:
    """Give macros that stand for what was called."""
    called = {callee_of(call)[-1] for unit in hit for call in unit.calls}
    for unit in new:
        if unit.kind.startswith("preproc_") and called & set(re.findall(r"\w+", unit.text)):
            yield f"`{unit.text[:80]}` stands for what the rule looks for."


def _decoded(text: str) -> Iterator[str]:
    if len(text) < SHORTEST_LITERAL:
        return
    if text != text[::-1]:
        yield text[::-1]
    for decode in (base64.b64decode, bytes.fromhex):
        try:
            yield decode(text).decode()
        except (ValueError, binascii.Error):
            continue


def _joined_texts(unit: Unit) -> Iterator[str]:
    """Give what texts make together, where an expression puts nothing else between them."""
    for node in unit.parts:
        if node.type not in CONCATENATIONS:
            continue
        pieces = list(_pieces(node))
        if len(pieces) > 1 and all(piece is not None for piece in pieces):
            yield "".join(piece for piece in pieces if piece)


def _pieces(node: Node) -> Iterator[str | None]:
    """Give the texts of an expression, and None for all else that has a value."""
    if node.type in STRINGS and node.is_named and node.type != "concatenated_string":
        yield unquoted(text_of(node))
    elif not node.children:
        if node.is_named and text_of(node) not in {"join", "concat"}:
            yield None
    else:
        for child in node.children:
            yield from _pieces(child)


def _wrapped_in_function(pair: Pair, hit: Sequence[Unit], new: Sequence[Unit]) -> Iterator[str]:
    """Give new functions that only pass their argument on to what was called before."""
    gained = Counter(pair.after_definitions) - Counter(pair.before_definitions)
    names = {name.rpartition(" ")[2] for name in gained}
    names |= {target_of(unit) or "" for unit in new if _holds_function(unit)}
    called = {callee_of(call)[-1]: len(arguments_of(call)) for u in hit for call in u.calls}
    inner = {
        callee_of(call)[-1]
        for unit in new
        for call in unit.calls
        if _passes_names_on(call) and len(arguments_of(call)) == called.get(callee_of(call)[-1])
    }
    users = {callee_of(call)[-1] for unit in new for call in unit.calls}
    for name in sorted(names & users):
        for hidden in sorted(inner & called.keys()):
            if name != hidden:
                yield f"`{hidden}` was only moved into `{name}`."
    for call in (call for unit in new for call in unit.calls):
        if callee_of(call)[-1] in inner & called.keys() and _stands_in_lambda(call):
            yield f"`{callee_of(call)[-1]}` was only moved into a function without a name."


def _stands_in_lambda(call: Node) -> bool:
    """Say whether a function around a call is called at once."""
    node = call.parent
    while node is not None and node.type not in LAMBDAS:
        node = node.parent
    while node is not None and node.parent is not None:
        if node.parent.type in CALLS:
            return node.parent.children[0] == node
        if node.parent.type != "parenthesized_expression":
            return False
        node = node.parent
    return False


def _holds_function(unit: Unit) -> bool:
    return assignment_at(unit) is not None and any(node.type in LAMBDAS for node in unit.parts)


def _passes_names_on(call: Node) -> bool:
    arguments = arguments_of(call)
    return (
        bool(arguments)
        and all(
            node.type in NAMES or all(child.type in NAMES for child in node.named_children)
            for node in arguments
            if node.type not in STRINGS
        )
        and not any(node.type in {"list", "array", "tuple"} for node in arguments)
    )
