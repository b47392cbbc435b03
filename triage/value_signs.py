"""Signs told by following the values that reach a match."""

import re

from tree_sitter import Node

from triage.context import JudgeContext
from triage.contexts import may_not_fit
from triage.dataflow import FOLLOWED, Tracer
from triage.expressions import read_call
from triage.knowledge import INJECTIONS, Family
from triage.signs import Direction, Sign, Strength
from triage.sinks import matched_node, value_at
from triage.values import Trust, Value

_WIDE = re.compile(r"\b(?:rmtree|rm|rmSync|rmdir|RemoveAll|listdir|readdir|readdirSync|ReadDir)$")
_NAMED_ONLY = re.compile(r"\bbasename\b|filepath\.Base\b|\bgetName\b")


def value_signs(context: JudgeContext, *, family: Family) -> list[Sign]:
    """Return what the values say that reach the match of an injection rule."""
    if family not in INJECTIONS or context.source.language not in FOLLOWED:
        return []
    match = matched_node(context)
    if match is None or match.has_error:
        return []
    tracer = Tracer(source=context.source, family=family)
    value = value_at(tracer, match)
    if value is None:
        return []
    return _signs_of(context, value, family=family, match=match)


def _signs_of(context: JudgeContext, value: Value, *, family: Family, match: Node) -> list[Sign]:
    what, has_trace = family.value, len(context.question.trace) > 1
    if value.trust == Trust.CONSTANT:
        signs = [
            Sign(
                name="constant_argument",
                direction=Direction.SAFE,
                strength=Strength.STRONG,
                sentence=f"Only values that are written in the code reach {what} here.",
                lines=_in_order(value.lines, context),
            )
        ]
        return [*signs, _unexplained_trace()] if has_trace else signs
    if value.trust == Trust.NEUTRALIZED:
        return [_neutralized(context, value, family=family, match=match)]
    return _open_signs(context, value, family=family, has_trace=has_trace)


def _neutralized(context: JudgeContext, value: Value, *, family: Family, match: Node) -> Sign:
    """Return the sign of a check or conversion; medium where it may not fit the place."""
    guards = _in_order(value.guards or value.lines, context)
    text = "\n".join(context.source.line(line) for line in {*value.lines, *context.matched_lines})
    lines = {*value.lines, *context.matched_lines}
    is_amiss = value.is_text and may_not_fit(context, sorted(lines), family=family)
    call = read_call(context.source, match)
    is_wide = (
        family is Family.PATH
        and call is not None
        and _WIDE.search(call.callee) is not None
        and _NAMED_ONLY.search(text) is not None
    )
    return Sign(
        name="neutralized_value",
        direction=Direction.SAFE,
        strength=Strength.MEDIUM if is_amiss or is_wide else Strength.STRONG,
        sentence=(
            f"Each value that reaches {family.value} is written in the code, converted to a"
            " harmless form or checked before it gets there."
        ),
        lines=guards,
    )


def _open_signs(
    context: JudgeContext, value: Value, *, family: Family, has_trace: bool
) -> list[Sign]:
    signs: list[Sign] = []
    if value.is_checked:
        signs.append(
            Sign(
                name="possible_check",
                direction=Direction.SAFE,
                strength=Strength.MEDIUM,
                sentence="What may be a check stands on the way; it is not settled if it suffices.",
                lines=_in_order(value.guards, context),
            )
        )
    if value.trust == Trust.UNTRUSTED or has_trace:
        told = "" if value.trust == Trust.UNTRUSTED else ", by the scanner's data flow"
        steps = {
            step.start_line
            for step in context.question.trace[:1]
            if step.path == context.source.path
        }
        lines = _in_order(value.sources or frozenset(steps), context)
        signs.append(
            Sign(
                name="untrusted_value",
                direction=Direction.UNSAFE,
                strength=Strength.MEDIUM if value.is_checked else Strength.STRONG,
                sentence=f"A value that a stranger chooses reaches {family.value} unchanged{told}.",
                lines=(*lines, context.question.place.start_line),
            )
        )
    return signs


def _unexplained_trace() -> Sign:
    return Sign(
        name="reported_flow",
        direction=Direction.UNSAFE,
        strength=Strength.MEDIUM,
        sentence="The scanner reports a data flow from a source, which constants do not explain.",
    )


def _in_order(lines: frozenset[int], context: JudgeContext) -> tuple[int, ...]:
    """Return lines with those off the match first: they are the better evidence."""
    matched = context.matched_lines
    return tuple(sorted(lines, key=lambda line: (line in matched, line)))
