"""Whether a change deletes or disables more than it must; pure.

A good fix puts something in place of what goes. What goes without that is refused, unless it was
a setting that turned a protection off, or became useless through the rest of the change.
"""

import re
from collections import Counter
from collections.abc import Iterator

from remediation.groups import (
    Group,
    assignment_at,
    last_callees,
    target_of,
    value_tokens,
)
from remediation.trees import ANNOTATIONS, Pair, Unit, callee_of
from remediation.unwrapping import unwrapped_call, weakened_condition

BRANCH_WORDS = frozenset({
    "if", "elif", "elsif", "else", "case", "catch", "except", "rescue", "when", "unless", "finally",
    "ensure", "default", "elseif", "switch",
})  # fmt: skip
BRANCH_KINDS = frozenset({"when_entry", "match_arm"})
# Statements that do nothing, or only stop.
IDLE = frozenset({
    "pass_statement", "empty_statement", "raise_statement", "throw_statement", "break_statement",
    "continue_statement", "throw_expression", "ellipsis",
})  # fmt: skip
# What such a statement repeats is judged for itself.
LOOPS = frozenset({
    "for_statement", "while_statement", "for_in_statement", "foreach_statement", "for",
    "enhanced_for_statement", "for_expression", "for_range_loop", "do_statement", "while",
})  # fmt: skip
IDLE_WORDS = frozenset({
    "pass", "return", "raise", "throw", "break", "continue", "nil", "null", "...", "None",
    "exit", "die", "abort", "panic", "sys.exit", "process.exit", "os.Exit", "System.exit",
    "todo", "unimplemented", "unreachable",
})  # fmt: skip
CONSTANT = re.compile(
    r"true|false|null|nil|none|undefined|[-+]?[\d.]+[a-z]?|[\"'`].*[\"'`]|[rbuf]*[\"'].*[\"']|"
    r"[\[\](){},;:]|''|\"\"|new|return|as|i?nt|str|string",
    re.IGNORECASE | re.DOTALL,
)
LOGGING = frozenset({
    "print", "println", "printf", "log", "debug", "info", "warn", "warning", "error", "puts",
    "echo", "Println", "Printf", "WriteLine", "var_dump", "error_log", "p", "trace", "NSLog",
    "console",
})  # fmt: skip
# Calls, settings and marks that turn a protection off: to remove one mends something.
DISARMING = re.compile(
    r"disable|insecure|unsafe|unverified|bypass|exempt|permit_?all|allow_?(?:all|any|anonymous)|"
    r"^allow$|anonymous|debug|mark_?safe|html_?safe|^raw$|markup|no_?verify|dangerous|suppress|"
    r"validateinput|crossorigin|^HTML$|^JS$|^URL$|safe_?string|noop|noescape|unescape|"
    r"skip_?verif|ignore_?(?:ssl|cert|host)|trust_?all",
    re.IGNORECASE,
)
SKIPPING = re.compile(
    r"\b(?:skip|skipif|xfail|xit|xdescribe|xtest|disabled|ignore|pending|skipnow|"
    r"markTestSkipped|expectedFailure)\b",
    re.IGNORECASE,
)
NEVER = frozenset({"False", "false", "0", "None", "nil", "null", "!true", "not True", "!1", "''"})


def deletion_in(pair: Pair, groups: list[Group], flagged: range | None) -> str | None:
    """Return in a sentence what is deleted or disabled beyond the need, or None.

    `flagged` are the finding's lines in the original.
    """
    finders = (
        _lost_definitions(pair),
        _lost_branches(pair),
        (_lost_in(group, pair, flagged) for group in groups),
        (_disabled_in(group, pair) for group in groups),
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
    for unit, other in Group(before=tuple(gone), after=tuple(new)).pairs():
        if other is None:
            if not _may_go(unit, group, pair, flagged):
                return f"Removed without anything in its place: `{unit.text[:120]}`."
        elif problem := _lost_between(unit, other):
            return problem
    return None


def _lost_between(unit: Unit, other: Unit) -> str | None:
    """Return what a statement's successor no longer does."""
    if is_idle(other) and not is_idle(unit):
        return f"`{unit.text[:120]}` became `{other.text[:60]}`, which does nothing."
    if _only_logs(other) and not _only_logs(unit):
        return f"`{unit.text[:120]}` became a message."
    if _is_constant(other) and _computes(unit) and not _is_setting(other):
        return f"`{unit.text[:120]}` became a constant."
    call = unwrapped_call(unit, other)
    if call and not any(DISARMING.search(name) for name in call):
        return f"The call of `{'.'.join(call)}` is removed and nothing stands in its place."
    return weakened_condition(unit, other)


def is_idle(unit: Unit) -> bool:
    """Say whether a statement does nothing, or only ends what goes on."""
    words = [token for token in unit.tokens if token not in {";", "(", ")", "{", "}", ",", "!"}]
    if unit.kind in IDLE or not words:
        return True
    if unit.kind in {"string", "string_literal"} or (
        unit.kind == "expression_statement" and len(words) == 1 and words[0][:1] in "\"'`"
    ):
        return True
    begin = "".join(words[:3]) if words[0] in {"sys", "process", "os", "System"} else words[0]
    if begin not in IDLE_WORDS:
        return False
    rest = words[1:]
    return begin != "return" or all(CONSTANT.fullmatch(token) for token in rest)


def _only_logs(unit: Unit) -> bool:
    if assignment_at(unit) is not None or unit.tokens[:1] == ("return",) or not unit.calls:
        return False
    return bool({callee_of(unit.calls[0])[0], callee_of(unit.calls[0])[-1]} & LOGGING)


def _is_constant(unit: Unit) -> bool:
    is_value = assignment_at(unit) is not None or unit.tokens[:1] == ("return",)
    return is_value and all(CONSTANT.fullmatch(token) for token in value_tokens(unit))


def _computes(unit: Unit) -> bool:
    return bool(unit.calls) or not _is_constant(unit)


def _is_setting(unit: Unit) -> bool:
    """Say whether a statement sets a switch of a program, rather than a value it works with."""
    target = target_of(unit) or ""
    return bool(target) and (target.isupper() or bool(re.search(r"[.\[>]", target)))


def _may_go(unit: Unit, group: Group, pair: Pair, flagged: range | None) -> bool:
    """Say whether a statement may be removed with nothing in its place."""
    is_flagged = flagged is None or unit.line in flagged or _end_line(unit) in flagged
    if unit.kind in LOOPS or (is_idle(unit) and not _stops(unit)):
        return True
    if unit.kind in ANNOTATIONS:
        return bool(DISARMING.search(unit.text))
    if _is_constant(unit) and _is_setting(unit) and is_flagged:
        return True
    if unit.calls and is_flagged and _disarms(unit):
        return True
    return _became_useless(unit, group, pair)


def _stops(unit: Unit) -> bool:
    return unit.kind not in {"pass_statement", "empty_statement"}


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
    wanted = re.compile(rf"(?<![\w$]){re.escape(name)}(?!\w)")
    if any(name in other.names for other in pair.after_units) or _is_used(wanted, pair):
        return False
    others = [other for other in pair.before_units if other is not unit and name in other.names]
    made_here = any(target_of(other) == name for other in [*group.before, *pair.before_units])
    return bool(others) and made_here


def _is_used(wanted: "re.Pattern[str]", pair: Pair) -> bool:
    return any(wanted.search(re.split(r"#|//", line)[0]) for line in pair.change.after_lines)


def _receiver(unit: Unit) -> str | None:
    if not unit.calls:
        return None
    callee = callee_of(unit.calls[0])
    return callee[0] if len(callee) > 1 else None


def _disabled_in(group: Group, pair: Pair) -> str | None:
    """Return what new statements keep from running."""
    for unit in group.after:
        if _never_holds(unit):
            return f"What stands under `{unit.text[:80]}` never runs."
        if unit.kind in {"preproc_if", "preproc_ifdef"}:
            return "Code was put under a condition of the preprocessor."
        if _ends_early(unit):
            return f"What stands after `{unit.text[:80]}` never runs."
        if SKIPPING.search(unit.text) and "test" in pair.change.path.lower():
            return "A test was switched off."
    return _uncalled(group, pair)


def _never_holds(unit: Unit) -> bool:
    if unit.tokens[0] not in {"if", "while", "elif", "for", "unless"}:
        return False
    condition = " ".join(word for word in unit.tokens[1:] if word not in {*"(){}:;"})
    if unit.tokens[0] == "unless":
        return condition in {"true", "1"}
    compared = re.fullmatch(r"(\d+) ([=!<>]=*) (\d+)", condition)
    if compared:
        return not _holds(int(compared[1]), compared[2], int(compared[3]))
    return (
        condition in NEVER
        or condition.replace(" ", "") in NEVER
        or bool(re.search(r"(?:^|&& |and )(?:false|False|0)(?: &&| and |$)", condition))
    )


def _holds(one: int, sign: str, other: int) -> bool:
    results = {"<": one < other, ">": one > other, "<=": one <= other, ">=": one >= other}
    return results.get(sign, (one == other) == sign.startswith("="))


def _ends_early(unit: Unit) -> bool:
    """Say whether a statement that ends its block stands before others there."""
    ends = is_idle(unit) and _stops(unit) and unit.tokens[0] not in {"...", "None", "nil", "null"}
    if not (ends or unit.kind in {"return_statement", "return_expression", "return"}):
        return False
    if unit.kind == "string" or unit.tokens[0][:1] in "\"'`":
        return False
    following = unit.node.next_named_sibling
    while following is not None and "comment" in following.type:
        following = following.next_named_sibling
    parent = unit.node.parent
    if following is None or parent is None or unit.tokens[0] in {"if", "unless"}:
        return False
    return parent.type not in {"if_statement", "labeled_statement", "else_clause"} and (
        "declaration" not in following.type
        and following.type not in {"else_clause", "rescue"}
        and "modifier" not in unit.kind
    )


def _uncalled(group: Group, pair: Pair) -> str | None:
    """Return a new function that holds old code and that nobody calls."""
    old = Counter(unit.tokens for unit in pair.before_units)
    gained = Counter(pair.after_definitions) - Counter(pair.before_definitions)
    for name in (kind_and_name.split(" ", 1)[1] for kind_and_name in gained):
        uses = len(re.findall(rf"(?<!\w){re.escape(name)}(?!\w)", pair.change.after))
        head = next((unit for unit in group.after if name in unit.names), None)
        if head is None or uses > 1:
            continue
        span = range(head.node.start_byte, head.node.end_byte)
        inside = [unit for unit in pair.after_units if unit.node.start_byte in span]
        if any(old[unit.tokens] for unit in inside if unit is not head):
            return f"Code was moved into `{name}`, which nothing calls."
    return None
