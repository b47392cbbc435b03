"""One question to the judge, from the code to the checked decision; nothing is stored here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.conf import settings

from llm.prompts import Prompt, RenderedPrompt
from triage.answers import JudgeAnswer
from triage.components import Component, tag_of
from triage.context import JudgeContext, Question, build_context
from triage.decisions import Decision, decide
from triage.offline import judge_by_thumb
from triage.rendering import JUDGE_PROMPT, render_question
from triage.signals import find_signs
from triage.signs import Sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A finding laid out for the judge: what it is shown, and what the code says by itself."""

    context: JudgeContext
    signs: tuple[Sign, ...]
    component: Component

    def prompt(
        self, *, asks_component: bool = False, prompt: Prompt = JUDGE_PROMPT
    ) -> RenderedPrompt:
        """Return what a model is asked."""
        return render_question(
            self.context, signs=self.signs, asks_component=asks_component, prompt=prompt
        )

    def offline_answer(self) -> JudgeAnswer:
        """Return what rules of thumb answer in a model's place."""
        return judge_by_thumb(self.context, signs=self.signs, component=self.component)

    def decide(self, answer: JudgeAnswer, *, is_offline: bool) -> Decision:
        """Check an answer's evidence; doubt ends in needs_review."""
        return decide(answer, context=self.context, signs=self.signs, is_offline=is_offline)


def lay_out(question: Question, *, notes: Sequence[str] = ()) -> Case:
    """Return the case that a question makes; `notes` are told beside what is not shown."""
    context = build_context(question, budget=settings.CONTEXT_LINES)
    if notes:
        context = replace(context, left_out=(*context.left_out, *notes))
    return Case(context=context, signs=find_signs(context), component=tag_of(context.source))
