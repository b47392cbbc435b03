"""Whether a change deletes or disables more than it must; pure.

A good fix puts something in place of what goes. What goes without that is refused, unless it was
a setting that turned a protection off, or became useless through the rest of the change.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from remediation.comparison.disabling import disabled_in
from remediation.comparison.groups import (
    Group,
    assignment_at,
    last_callees,
    target_of,
    value_tokens,
)
from remediation.comparison.idling import CONSTANT, is_idle, stops
from remediation.comparison.kept import lost_inputs
from remediation.comparison.syntax_kinds import ANNOTATIONS
from remediation.comparison.trees import Pair, Unit, callee_of
from remediation.comparison.unwrapping import unwrapped_call, weakened_condition
from triage.languages import FUNCTION_NODES

BRANCH_WORDS = frozenset({
    "if", "elif", "elsif", "else", "case", "catch", "except", "rescue", "when", "unless", "finally",
    "ensure", "default", "elseif", "switch",
})  # fmt: skip
BRANCH_KINDS = frozenset({"when_entry", "match_arm"})
# Statements that open something for the time of their block.
RESOURCES = frozenset({"using_statement", "with_statement"})
EMPTY_TEXTS = frozenset({"''", '""', "``", "[]", "{}", "null", "nil", "None"})
# What such a statement repeats is judged for itself.
LOOPS = frozenset({
    "for_statement", "while_statement", "for_in_statement", "foreach_statement", "for",
    "enhanced_for_statement", "for_expression", "for_range_loop", "do_statement", "while",
})  # fmt: skip
LOGGING = frozenset({
    "print", "println", "printf", "log", "debug", "info", "warn", "warning", "error", "puts",
    "echo", "Println", "Printf", "WriteLine", "var_dump", "error_log", "p", "trace", "NSLog",
    "console", "print_r", "phpinfo", "printStackTrace", "pp", "dd", "dump",
})  # fmt: skip
DEBUGGING = frozenset({
    "print", "println", "debug", "var_dump", "p", "trace", "NSLog", "print_r", "phpinfo",
    "printStackTrace", "pp", "dd", "dump", "Println",
})  # fmt: skip
# Calls, settings and marks that turn a protection off: to remove one mends something.
DISARMING = re.compile(
    r"disable|insecure|unsafe|unverified|bypass|exempt|permit_?all|allow_?(?:all|any|anonymous)|"
    r"^allow$|anonymous|debug|mark_?safe|html_?safe|^raw$|markup|no_?verify|dangerous|suppress|"
    r"validateinput|crossorigin|^HTML$|^JS$|^URL$|safe_?string|noop|noescape|unescape|"
    r"skip_?verif|ignore_?(?:ssl|cert|host)|trust_?all",
    re.IGNORECASE,
)
# The end of a callback that agrees to everything.
ALWAYS_TRUE = frozenset({("=>", "true", ";"), (")", "=>", "true"), ("=>", "True", ";")})


def deletion_in(pair: Pair, groups: list[Group], flagged: range | None) -> str | None:
    """Return in a sentence what is deleted or disabled beyond the need, or None.

    `flagged` are the finding's lines in the original.
    """
    finders = (
        _lost_definitions(pair),
        _lost_branches(pair),
        (_lost_in(group, pair, flagged) for group in groups),
        _lost_query_values(groups),
        (disabled_in(group, pair) for group in groups),
    )
    return next((found for finder in finders for found in finder if found), None)


def _lost_definitions(pair: Pair) -> Iterator[str | None]:
    lost = Counter(pair.before_definitions) - Counter(pair.after_definitions)
    yield from (f"The {name} is gone." for name in lost)


def _lost_branches(pair: Pair) -> Iterator[str | None]:
    lost = _branches(pair.before_units) - _branches(pair.after_units)
    if lost:
        yield f"A branch is gone: {', '.join(sorted(lost))}."


def _branches(units: list[Unit]) -> Counter[str]:
    found = Counter(token for unit in units for token in unit.tokens if token in BRANCH_WORDS)
    found.update(unit.kind for unit in units if unit.kind in BRANCH_KINDS)
    # Names of one thing: a chain of `if` may become one of `elif`.
    for other in ("elif", "elsif", "elseif", "unless"):
        found["if"] += found.pop(other, 0)
    found["case"] += found.pop("default", 0) + found.pop("when", 0)
    return +found


def _lost_in(group: Group, pair: Pair, flagged: range | None) -> str | None:
    """Return what of a group's old statements has nothing in its place."""
    gone = [unit for unit in group.before if not unit.is_import]
    new = [unit for unit in group.after if not unit.is_import]
    if gone and _only_ends(new) and not _only_ends([one for one in gone if not only_logs(one)]):
        return f"`{gone[0].text[:120]}` became `{new[0].text[:60]}`."
    for unit, other in Group(before=tuple(gone), after=tuple(new)).pairs():
        if other is None:
            if not _may_go(unit, group, pair, flagged):
                return f"Removed without anything in its place: `{unit.text[:120]}`."
        elif problem := _lost_between(unit, other, tuple(new)):
            return problem
    return None


def _lost_query_values(groups: list[Group]) -> Iterator[str | None]:
    new = [unit for group in groups for unit in group.after]
    yield from (
        lost_inputs(unit, new) for group in groups for unit, other in group.pairs() if other
    )


def lost_message_in(groups: Sequence[Group], flagged: Sequence[tuple[int, int]]) -> str | None:
    """Return in a sentence which message went that no finding stands at, or None.

    Such removals pass at first where the finding's lines are not known yet.
    """
    for unit, other in (pair for group in groups for pair in group.pairs()):
        is_lost = other is None and _is_for_developers(unit) and not is_idle(unit)
        if is_lost and not any(
            unit.line <= end and _end_line(unit) >= start for start, end in flagged
        ):
            return f"Removed without anything in its place: `{unit.text[:120]}`."
    return None


def _lost_between(unit: Unit, other: Unit, new: tuple[Unit, ...]) -> str | None:
    """Return what a statement's successor no longer does."""
    if is_idle(other) and not is_idle(unit):
        return f"`{unit.text[:120]}` became `{other.text[:60]}`, which does nothing."
    if only_logs(other) and not only_logs(unit):
        return f"`{unit.text[:120]}` became a message."
    lives_on = any(_inputs(unit) & one.names for one in new if one is not other)
    if _is_constant(other) and _computes(unit) and not (_is_setting(other) or lives_on):
        return f"`{unit.text[:120]}` became a constant."
    call = unwrapped_call(unit, other)
    if call and not any(DISARMING.search(name) for name in call):
        return f"The call of `{'.'.join(call)}` is removed and nothing stands in its place."
    return weakened_condition(unit, other)


def _only_ends(group: Sequence[Unit]) -> bool:
    """Say whether statements do nothing but stop."""
    return any(stops(unit) for unit in group) and all(is_idle(unit) for unit in group)


def _inputs(unit: Unit) -> frozenset[str]:
    """Return the names that a statement reads, without what it calls and assigns to."""
    called = {name for call in unit.calls for name in callee_of(call)}
    return unit.names - called - {target_of(unit) or ""}


def only_logs(unit: Unit) -> bool:
    """Say whether a statement only tells people something."""
    if assignment_at(unit) is not None or unit.tokens[:1] == ("return",) or not unit.calls:
        return False
    return bool({callee_of(unit.calls[0])[0], callee_of(unit.calls[0])[-1]} & LOGGING)


def _is_for_developers(unit: Unit) -> bool:
    """Say whether a statement shows something while a program is written, and is no log."""
    if not only_logs(unit):
        return False
    callee = callee_of(unit.calls[0])
    return callee[0] == "console" or callee[-1] in DEBUGGING


def _is_constant(unit: Unit) -> bool:
    is_value = assignment_at(unit) is not None or unit.tokens[:1] == ("return",)
    return is_value and all(CONSTANT.fullmatch(token) for token in value_tokens(unit))


def _computes(unit: Unit) -> bool:
    return bool(unit.calls) or not _is_constant(unit)


def _is_setting(unit: Unit) -> bool:
    """Say whether a statement sets a switch of a program, rather than a value it works with."""
    target = target_of(unit) or ""
    if "".join(value_tokens(unit)).rstrip(";") in EMPTY_TEXTS:
        return False
    return bool(target) and (target.isupper() or bool(re.search(r"[.\[>]", target)))


def _may_go(unit: Unit, group: Group, pair: Pair, flagged: range | None) -> bool:
    """Say whether a statement may be removed with nothing in its place."""
    is_flagged = flagged is None or unit.line in flagged or _end_line(unit) in flagged
    only_tells = is_flagged and (_is_for_developers(unit) or unit.tokens[0] == "debugger")
    if only_tells or unit.kind in LOOPS or (is_idle(unit) and not stops(unit)):
        return True
    if _was_moved(unit, pair) or _is_resource_unused(unit, pair):
        return True
    if unit.kind in ANNOTATIONS:
        return bool(DISARMING.search(unit.text))
    is_fixed = _is_constant(unit) or _names_constant(unit) or unit.tokens[-3:] in ALWAYS_TRUE
    if is_fixed and _is_setting(unit) and is_flagged:
        return True
    if unit.calls and is_flagged and _disarms(unit):
        return True
    return _became_useless(unit, group, pair)


def _is_resource_unused(unit: Unit, pair: Pair) -> bool:
    """Say whether nobody uses what a statement opened for the time of its block."""
    if unit.kind not in RESOURCES:
        return False
    names = [one or other for one, other in re.findall(r"(\w+) = |\bas (\w+)", unit.text)]
    return bool(names) and not any(
        _is_used(re.compile(rf"(?<![\w$.]){re.escape(name)}(?!\w)"), unit, pair) for name in names
    )


def _was_moved(unit: Unit, pair: Pair) -> bool:
    """Say whether a statement stands as often as before, only elsewhere."""
    old = sum(one.tokens == unit.tokens for one in pair.before_units)
    return sum(one.tokens == unit.tokens for one in pair.after_units) >= old


def _names_constant(unit: Unit) -> bool:
    """Say whether the value is a constant by its name, as in `ssl.CERT_NONE`."""
    value = "".join(value_tokens(unit)).rstrip(";")
    return bool(re.fullmatch(r"[\w.:]*[A-Z][A-Z0-9_]+", value))


def _end_line(unit: Unit) -> int:
    return unit.node.end_point.row + 1


def _disarms(unit: Unit) -> bool:
    return (
        assignment_at(unit) is None
        and any(DISARMING.search(name) for name in last_callees(unit) | set(unit.tokens))
        and not (last_callees(unit) & LOGGING)
        and all(
            CONSTANT.fullmatch(token) or token in unit.names or not token[:1].isalnum()
            for token in unit.tokens
        )
    )


def _became_useless(unit: Unit, group: Group, pair: Pair) -> bool:
    """Say whether what a statement made, or worked on, is used by nobody now."""
    name = target_of(unit) or _receiver(unit)
    if not name or not re.fullmatch(r"[$@]*\w+", name):
        return False
    wanted = re.compile(rf"(?<![\w$.]){re.escape(name)}(?!\w)")
    if any(name in other.names for other in pair.after_units) or _is_used(wanted, unit, pair):
        return False
    works_on = any(
        (one.calls and not only_logs(one)) or _inputs(unit) & one.names for one in group.after
    )
    if unit.calls and not works_on:
        return False
    others = [other for other in pair.before_units if other is not unit and name in other.names]
    made_here = any(target_of(other) == name for other in [*group.before, *pair.before_units])
    return bool(others) and made_here


def _is_used(wanted: "re.Pattern[str]", unit: Unit, pair: Pair) -> bool:
    lines = pair.change.after_lines[_lines_around(unit, pair)]
    return any(wanted.search(re.split(r"#|//", line)[0]) for line in lines)


def _lines_around(unit: Unit, pair: Pair) -> slice:
    """Return which lines of the new text are those of the function that a statement stood in."""
    node = unit.node.parent
    while node is not None and node.type not in FUNCTION_NODES:
        node = node.parent
    if node is None:
        return slice(None)
    start = pair.change.new_line(node.start_point.row + 1)
    # Its last line may be what changed: then the next one that did not ends it.
    rest = range(node.end_point.row + 1, len(pair.change.before_lines) + 1)
    end = next((new for row in rest if (new := pair.change.new_line(row))), None)
    return slice(start - 1 if start else None, end)


def _receiver(unit: Unit) -> str | None:
    if not unit.calls:
        return None
    callee = callee_of(unit.calls[0])
    return callee[0] if len(callee) > 1 else None
