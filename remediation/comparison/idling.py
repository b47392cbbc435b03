"""Statements that do nothing, or only end what goes on; pure."""

import re

from remediation.comparison.groups import target_of
from remediation.comparison.trees import Unit

# Statements that do nothing, or only stop.
IDLE = frozenset({
    "pass_statement", "empty_statement", "raise_statement", "throw_statement", "break_statement",
    "continue_statement", "throw_expression", "ellipsis",
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

# Values without anything in them.
EMPTY = re.compile(
    r"new(?:byte|char|int|long|String|Object|string|object)\[0?\](?:\{\})?"
    r"|new(?:Array|Linked|Hash|Tree|LinkedHash)?(?:List|Map|Set|Dictionary)(?:<.*>)?\(\)"
    r"|(?:Collections\.empty\w+|(?:List|Map|Set)\.of|Optional\.empty|Array\.Empty(?:<\w+>)?)\(\)"
    r"|(?:list|dict|set|tuple|bytes|str|emptyList|emptyMap|byteArrayOf|ByteArray)\(0?\)|array\(\)"
)


def is_idle(unit: Unit) -> bool:
    """Say whether a statement does nothing, or only ends what goes on."""
    words = [token for token in unit.tokens if token not in {";", "(", ")", "{", "}", ",", "!"}]
    if unit.kind in IDLE or not words or (target_of(unit) == "_" and not unit.calls):
        return True
    if unit.kind in {"string", "string_literal"} or (
        unit.kind == "expression_statement" and len(words) == 1 and words[0][:1] in "\"'`"
    ):
        return True
    begin = "".join(words[:3]) if words[0] in {"sys", "process", "os", "System"} else words[0]
    if begin not in IDLE_WORDS:
        return False
    rest = words[1:]
    if begin == "return" and EMPTY.fullmatch("".join(unit.tokens[1:]).rstrip(";")):
        return True
    return begin != "return" or all(CONSTANT.fullmatch(token) for token in rest)


def stops(unit: Unit) -> bool:
    """Say whether a statement that is idle ends its block."""
    return unit.kind not in {"pass_statement", "empty_statement"}
