"""Whether new statements keep old code from running; pure."""

import re
from collections import Counter

from remediation.comparison.groups import Group
from remediation.comparison.idling import is_idle, stops
from remediation.comparison.trees import Pair, Unit, text_of

SKIPPING = re.compile(
    r"\b(?:skip|skipif|xfail|xit|xdescribe|xtest|disabled|ignore|pending|skipnow|"
    r"markTestSkipped|expectedFailure)\b",
    re.IGNORECASE,
)
HANDLERS = frozenset({"except_clause", "catch_clause", "catch_block", "rescue"})
BODIES = frozenset({"block", "statement_block", "compound_statement", "then", "statements"})
# Names of all errors at once.
BROAD = frozenset({"Exception", "BaseException", "Throwable", "StandardError", "Error"})
NOTHING = re.compile(
    r"return(?: (?:None|null|nil|false|False|\"\"|''|\[\]|\{\}|0|-1))?|pass|null|nil"
)
NEVER = frozenset({"False", "false", "0", "None", "nil", "null", "!true", "not True", "!1", "''"})


def disabled_in(group: Group, pair: Pair) -> str | None:
    """Return in a sentence what new statements keep from running."""
    for unit in group.after:
        if swallows(unit) and not any(swallows(one) for one in group.before):
            return f"`{unit.text[:80]}` hides every failure of the code before it."
        if _never_holds(unit):
            return f"What stands under `{unit.text[:80]}` never runs."
        if unit.kind in {"preproc_if", "preproc_ifdef"}:
            return "Code was put under a condition of the preprocessor."
        if _ends_early(unit) and unit.kind not in {one.kind for one in group.before}:
            return f"What stands after `{unit.text[:80]}` never runs."
        if SKIPPING.search(unit.text) and "test" in pair.change.path.lower():
            return "A test was switched off."
    return _uncalled(group, pair)


def swallows(unit: Unit) -> bool:
    """Say whether a statement catches errors and does nothing about them."""
    if unit.kind not in HANDLERS:
        return False
    holders = [child for child in unit.node.named_children if child.type in BODIES]
    body = [
        text_of(child).strip(" ;")
        for holder in holders
        for child in holder.named_children
        if "comment" not in child.type
    ]
    if all(text in {"pass", "continue", "...", ""} for text in body):
        return True
    is_broad = unit.tokens[:2] == ("except", ":") or bool(BROAD & set(unit.tokens))
    return is_broad and all(NOTHING.fullmatch(text) for text in body)


def _never_holds(unit: Unit) -> bool:
    if unit.tokens[0] not in {"if", "while", "elif", "for", "unless"}:
        return False
    inner = unit.tokens[1:]
    if inner[:1] == ("(",) and ")" in inner:
        inner = inner[: inner.index(")")] if inner.count(")") > 1 and "if" in unit.kind else inner
    condition = " ".join(word for word in inner if word not in {*"(){}:;"})
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
    ends = is_idle(unit) and stops(unit) and unit.tokens[0] not in {"...", "None", "nil", "null"}
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
