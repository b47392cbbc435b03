"""From a judge's answer to a decision: what the evidence does not carry goes to a person."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from findings.models import Conclusion
from llm.leaks import quotes_prompt
from triage.answers import JudgeAnswer
from triage.context import JudgeContext
from triage.evidence import CheckedQuote, check_quotes
from triage.models import Origin
from triage.rendering import JUDGE_PROMPT
from triage.signs import Direction, Sign, Strength
from triage.steering import steering_in

CONFIDENCE_FLOOR = 0.6
MIN_REASON_CHARACTERS = 20
LEAKED = "The judge wrote down its instructions in place of a reason."


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is stored of a judgment."""

    conclusion: Conclusion
    proposed: Conclusion
    confidence: float
    reason: str
    downgrade_reason: str = ""
    quotes: tuple[CheckedQuote, ...] = ()
    left_out: tuple[str, ...] = ()
    origin: Origin
    signs: tuple[str, ...] = ()
    memory_ids: tuple[int, ...] = ()

    @classmethod
    def undecided(cls, reason: str) -> "Decision":
        """Return the decision for what could not be judged."""
        return cls(
            conclusion=Conclusion.NEEDS_REVIEW,
            proposed=Conclusion.NEEDS_REVIEW,
            confidence=0.0,
            reason=reason,
            origin=Origin.PLATFORM,
        )

    def with_origin(self, origin: Origin) -> "Decision":
        """Return the same decision from another origin."""
        return replace(self, origin=origin)


def decide(
    answer: JudgeAnswer, *, context: JudgeContext, signs: Sequence[Sign], is_offline: bool
) -> Decision:
    """Check the answer's evidence; a false positive without any becomes needs_review."""
    if quotes_prompt(answer.reason, prompts=(JUDGE_PROMPT,)):
        return Decision.undecided(LEAKED)
    proposed = Conclusion(answer.verdict)
    # Only of what is called safe must something besides the matched code be the proof.
    is_safe = proposed == Conclusion.FALSE_POSITIVE
    confirmed = _confirmed(signs) if is_safe else frozenset(context.matched_lines)
    quotes = check_quotes(answer.quotes, context=context, confirmed_lines=confirmed)
    problem = _problem(answer, quotes) if is_safe else ""
    if is_safe and not problem and not is_offline:
        problem = steering_in(context) or _contradiction(signs)
    return Decision(
        conclusion=Conclusion.NEEDS_REVIEW if problem else proposed,
        proposed=proposed,
        confidence=answer.confidence,
        reason=answer.reason or "The judge gave no reason.",
        downgrade_reason=problem,
        quotes=quotes,
        left_out=context.left_out,
        origin=Origin.RULE_OF_THUMB if is_offline else Origin.MODEL,
        signs=tuple(sign.name for sign in signs),
        memory_ids=context.question.memory_ids,
    )


def _confirmed(signs: Sequence[Sign]) -> frozenset[int]:
    """Return the lines that a program found harmless by itself."""
    strong = [
        sign
        for sign in signs
        if sign.direction is Direction.SAFE and sign.strength is Strength.STRONG
    ]
    return frozenset(line for sign in strong for line in sign.lines)


def _contradiction(signs: Sequence[Sign]) -> str:
    """Say what a program found that a model's answer denies; rules of thumb deny nothing."""
    strong = [sign for sign in signs if sign.strength is Strength.STRONG]
    against = [sign for sign in strong if sign.direction is Direction.UNSAFE]
    if not against or len(against) < len(strong):
        return ""
    return f"The judge calls it safe, and a rule of thumb holds against it: {against[0].sentence}"


def _problem(answer: JudgeAnswer, quotes: Sequence[CheckedQuote]) -> str:
    if len(answer.reason) < MIN_REASON_CHARACTERS:
        return "The judge called it safe without a reason."
    if answer.confidence < CONFIDENCE_FLOOR:
        return (
            f"The judge is only {answer.confidence:.0%} sure; a false positive needs"
            f" {CONFIDENCE_FLOOR:.0%}."
        )
    if not quotes:
        return "The judge quoted no code that makes it safe."
    if not any(quote.is_supported for quote in quotes):
        return f"No quote holds. {quotes[0].problem}"
    return ""
