"""One question to the judge, from the code to the checked decision; nothing is stored here."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.conf import settings

from llm.errors import NoAnswerError
from llm.prompts import Prompt, RenderedPrompt
from llm.providers.base import Provider
from llm.runner import ModelBusyError, UnrecordedAnswer, ask_unrecorded
from triage.answers import JudgeAnswer
from triage.components import Component, tag_of
from triage.context import JudgeContext, Question, build_context
from triage.decisions import Decision, decide
from triage.offline import judge_by_thumb
from triage.rendering import JUDGE_PROMPT, render_question
from triage.signals import find_signs
from triage.signs import Sign

MAX_WAITS = 3
WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A finding laid out for the judge: what it is shown, and what the code says by itself."""

    context: JudgeContext
    signs: tuple[Sign, ...]
    component: Component

    def prompt(self, *, prompt: Prompt = JUDGE_PROMPT) -> RenderedPrompt:
        """Return what a model is asked."""
        return render_question(self.context, signs=self.signs, asks_component=False, prompt=prompt)

    def offline_answer(self) -> JudgeAnswer:
        """Return what rules of thumb answer in a model's place."""
        return judge_by_thumb(self.context, signs=self.signs, component=self.component)

    def decide(self, answer: JudgeAnswer, *, is_offline: bool) -> Decision:
        """Check an answer's evidence; doubt ends in needs_review."""
        return decide(answer, context=self.context, signs=self.signs, is_offline=is_offline)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgment:
    """A decision, and what it took to get it."""

    decision: Decision
    tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    problem: str = ""
    """Why there was no usable answer, where there was none."""


def lay_out(question: Question, *, notes: Sequence[str] = ()) -> Case:
    """Return the case that a question makes; `notes` are told beside what is not shown."""
    context = build_context(question, budget=settings.CONTEXT_LINES)
    if notes:
        context = replace(context, left_out=(*context.left_out, *notes))
    return Case(context=context, signs=find_signs(context), component=tag_of(context.source))


def judge_case(case: Case, *, provider: Provider, prompt: Prompt = JUDGE_PROMPT) -> Judgment:
    """Ask a provider about a case, without any row; no usable answer is doubt."""
    try:
        answer = _ask_patiently(case, provider=provider, prompt=prompt)
    except (NoAnswerError, ModelBusyError) as error:
        reason = f"The model gave no usable answer: {error}"
        return Judgment(decision=Decision.undecided(reason), problem=str(error))
    usage = answer.usage
    return Judgment(
        decision=case.decide(answer.value, is_offline=answer.is_offline),
        tokens=usage.input_tokens + usage.output_tokens,
        cost_usd=answer.cost_usd,
    )


def _ask_patiently(
    case: Case, *, provider: Provider, prompt: Prompt
) -> UnrecordedAnswer[JudgeAnswer]:
    """Ask, and wait a few times where the provider is busy: nobody else will ask again."""
    waits = 0
    while True:
        try:
            return ask_unrecorded(
                prompt=case.prompt(prompt=prompt),
                answer_type=JudgeAnswer,
                offline_answer=case.offline_answer,
                provider=provider,
            )
        except ModelBusyError as error:
            waits += 1
            if waits > MAX_WAITS:
                raise
            seconds = (
                WAIT_SECONDS if error.retry_after_seconds is None else error.retry_after_seconds
            )
            time.sleep(min(seconds, LONGEST_WAIT_SECONDS))
