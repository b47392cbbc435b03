"""What a judge concludes of a finding: asked and checked, and nothing stored but the call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from core.errors import ProblemError
from llm.providers.registry import current_provider
from llm.runner import Answer, ask
from memories.selectors import MemoryFact
from triage.answers import JudgeAnswer
from triage.decisions import Decision
from triage.gathering import Subject, gather_question
from triage.judging import Case, lay_out
from triage.models import Origin, Verdict
from triage.rendering import JUDGE_PROMPT, render_question
from triage.signals import SIGNALS_VERSION


class CodeChangedError(ProblemError):
    """The code that was read is not the code that was scanned."""

    code = "code_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Concluded:
    """A checked decision, and the answer that it comes from."""

    decision: Decision
    answer: Answer[JudgeAnswer]


def prepare(subject: Subject, *, memories: Sequence[MemoryFact] | None = None) -> Case:
    """Read what is to be judged; `memories` stand in for those that apply, where given.

    Raises CodeUnavailableError, and CodeChangedError where the file is too short for the match.
    """
    case = lay_out(gather_question(subject, memories=memories))
    if case.context.question.place.end_line > len(case.context.source.lines):
        raise CodeChangedError(
            "The file has fewer lines than the match says: it changed; scan again."
        )
    return case


def input_hash_of(case: Case) -> str:
    """Return the key of a question, as the judge in use would be asked it."""
    provider = current_provider()
    judge = [
        JUDGE_PROMPT.version,
        SIGNALS_VERSION,
        provider.name,
        provider.model,
        str(settings.CONTEXT_LINES),
    ]
    return case.context.input_hash(judged_by="\n".join(judge))


def conclude(
    case: Case, *, asks_component: bool, purpose: str, finding_id: int, now: datetime
) -> Concluded:
    """Ask the judge and check its evidence. Raises NoAnswerError and TransientError."""
    answer = ask(
        purpose=purpose,
        prompt=render_question(case.context, signs=case.signs, asks_component=asks_component),
        answer_type=JudgeAnswer,
        offline_answer=case.offline_answer,
        subject_id=finding_id,
        now=now,
    )
    decision = case.decide(answer.value, is_offline=answer.is_offline)
    return Concluded(decision=decision, answer=answer)


def conclude_as_before(case: Case, *, earlier: Verdict) -> Decision:
    """Return the decision of an equal question, its quotes checked against today's lines."""
    answer = JudgeAnswer.model_validate(
        {
            "verdict": earlier.proposed,
            "confidence": earlier.confidence_ratio,
            "reason": earlier.reason,
            "quotes": [{"text": quote["text"]} for quote in earlier.quotes],
        }
    )
    is_offline = earlier.origin == Origin.RULE_OF_THUMB
    return case.decide(answer, is_offline=is_offline).with_origin(Origin.REUSED)
