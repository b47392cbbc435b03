"""The judge where no model is configured: rules of thumb, which decide only what is plain."""

from collections.abc import Sequence

from triage.answers import ComponentAnswer, JudgeAnswer, Quote
from triage.components import Component
from triage.context import JudgeContext
from triage.signs import Direction, Sign, Strength

MAX_QUOTES = 5
MAX_QUOTE_CHARACTERS = 300


def judge_by_thumb(
    context: JudgeContext, *, signs: Sequence[Sign], component: Component
) -> JudgeAnswer:
    """Return what the signs add up to; needs_review unless a strong one stands alone."""
    safe = [sign for sign in signs if sign.direction is Direction.SAFE]
    unsafe = [sign for sign in signs if sign.direction is Direction.UNSAFE]
    strong_safe = [sign for sign in safe if sign.strength is Strength.STRONG]
    strong_unsafe = [sign for sign in unsafe if sign.strength is Strength.STRONG]
    tag = ComponentAnswer(name=component.name, reason=component.reason)
    if strong_safe and not unsafe:
        return JudgeAnswer(
            verdict="false_positive",
            confidence=0.8,
            reason=_reason(strong_safe),
            quotes=_quotes(context, strong_safe),
            component=tag,
        )
    if strong_unsafe and not safe:
        return JudgeAnswer(
            verdict="true_positive",
            confidence=0.7,
            reason=_reason(strong_unsafe),
            quotes=_quotes(context, strong_unsafe),
            component=tag,
        )
    return JudgeAnswer(
        verdict="needs_review",
        confidence=0.5,
        reason=_reason([*unsafe, *safe]) or "No rule of thumb settles this finding.",
        quotes=_quotes(context, [*unsafe, *safe]),
        component=tag,
    )


def _reason(signs: Sequence[Sign]) -> str:
    return " ".join(sign.sentence for sign in signs)[:2000]


def _quotes(context: JudgeContext, signs: Sequence[Sign]) -> tuple[Quote, ...]:
    lines = dict.fromkeys(line for sign in signs for line in sign.lines)
    quotes = []
    for line in lines:
        text = context.source.line(line).strip()[:MAX_QUOTE_CHARACTERS]
        if text:
            quotes.append(Quote(text=text, line=line))
    return tuple(quotes[:MAX_QUOTES])
