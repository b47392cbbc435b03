"""A model writes a rule, round after round: checked, validated, tested, told what failed."""

import logging
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn

from django.db.models import F

from core.errors import ProblemError
from integrations.semgrep.runner import validate_rules
from integrations.semgrep.sandbox import ScannerMissingError
from llm.leaks import quotes_prompt
from llm.models import Outcome
from llm.runner import NoAnswerError, ask, is_offline_provider
from rules.annotations import without_words
from rules.draft_answers import DraftAnswer
from rules.draft_prompt import DRAFT_PROMPT, render_draft, rule_id_of
from rules.draft_rounds import Round, best_of, rounds_of
from rules.drafts import MAX_ROUNDS, ModelNeededError
from rules.languages import are_same
from rules.models import RuleDraft
from rules.samples import build_test, join_code
from rules.texts import read_one_rule
from rules.trial_results import TrialResult
from rules.trying import trial_limits, try_rule
from tenants.jobs import CLAIM_LAPSES_AFTER, JobStatus

PURPOSE = "rule_draft"
# The model was asked and answered, and there is nothing in it to be tried: a round is over.
UNUSABLE = frozenset({Outcome.INVALID, Outcome.TRUNCATED, Outcome.REFUSED})
REPEATED = "The model wrote down its instructions in place of a rule."
READS_TEST = (
    "The rule reads the comments of the test: without their words it matches other lines. It must"
    " find code by the code alone."
)
HAS_PATHS = "paths: leave it out. The test has one file, and nobody asked for folders."

logger = logging.getLogger(__name__)


class ClaimLostError(ProblemError):
    """Another worker goes on with the draft."""

    code = "claim_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proposal:
    """What a model answered, and what that cost; no answer where `problem` says why."""

    answer: DraftAnswer | None
    problem: str
    cost_usd: Decimal


def run_draft(*, draft: RuleDraft, now: datetime) -> None:
    """Let the model write the rule of a claimed draft, in up to `MAX_ROUNDS` rounds.

    Each round is kept when it ends, so one that broke off goes on where it was. Raises
    ModelNeededError, NoAnswerError where no model can be asked any more, ScannerMissingError,
    and ModelBusyError where another try may help; the rounds so far stay.
    """
    rounds = rounds_of(draft)
    while len(rounds) < MAX_ROUNDS and not any(one.is_green for one in rounds):
        rounds.append(_round(draft, rounds, now))
        _keep(draft, rounds)


def _round(draft: RuleDraft, rounds: list[Round], now: datetime) -> Round:
    if is_offline_provider():
        raise ModelNeededError
    proposal = _propose(draft, rounds, now)
    if proposal.answer is None:
        return _failed(proposal, problem=proposal.problem)
    if quotes_prompt(proposal.answer.rule, prompts=(DRAFT_PROMPT,)):
        return _failed(proposal, problem=REPEATED)
    return _tried(draft, proposal, proposal.answer)


def _propose(draft: RuleDraft, rounds: list[Round], now: datetime) -> _Proposal:
    try:
        said = ask(
            purpose=PURPOSE,
            prompt=render_draft(draft, rounds),
            answer_type=DraftAnswer,
            offline_answer=_no_model,
            subject_id=None,
            now=now,
        )
    except NoAnswerError as error:
        if error.outcome not in UNUSABLE:
            raise
        problem = f"The model gave no usable answer: {error.detail}"
        return _Proposal(answer=None, problem=problem, cost_usd=error.cost_usd)
    return _Proposal(answer=said.value, problem="", cost_usd=said.cost_usd)


def _no_model() -> NoReturn:
    raise ModelNeededError  # switched off since we looked


def _tried(draft: RuleDraft, proposal: _Proposal, answer: DraftAnswer) -> Round:
    """Check the rule, run it on its test, and let the scanner's last word be had on a green one."""
    try:
        rule = read_one_rule(answer.rule)
    except ProblemError as error:
        line = getattr(error, "line", None)
        test_code = _test_of(draft, answer, rule_id_of(draft))
        return _failed(
            proposal, problem=error.detail, text=answer.rule, test_code=test_code, line=line
        )
    test_code = _test_of(draft, answer, rule["id"])
    if problem := _beside_the_point(draft, rule):
        return _failed(proposal, problem=problem, text=answer.rule, test_code=test_code)
    result = try_rule(text=answer.rule, test_code=test_code)
    problem = ""
    if result.is_green:
        problem = _reading_of_test(answer.rule, test_code, result) or _refusal(rule)
    return Round(
        text=answer.rule,
        test_code=test_code,
        problem=problem,
        result=result,
        cost_usd=proposal.cost_usd,
    )


def _beside_the_point(draft: RuleDraft, rule: dict[str, Any]) -> str:
    """Return why the rule is none that was asked for, whatever its test says; or nothing."""
    if not any(are_same(name, draft.language) for name in rule["languages"]):
        return f"languages: the rule must be for {draft.language}."
    return HAS_PATHS if "paths" in rule else ""


def _test_of(draft: RuleDraft, answer: DraftAnswer, rule_id: str) -> str:
    samples = build_test(
        language=draft.language,
        rule_id=rule_id,
        bad_code=draft.bad_code,
        bad_lines=answer.bad_lines,
        good_code=draft.good_code,
    )
    return join_code(samples, answer.test_code)


def _reading_of_test(text: str, test_code: str, result: TrialResult) -> str:
    """Return why a green test proves nothing: the rule finds the test's comments, not the code."""
    again = try_rule(text=text, test_code=without_words(test_code))
    lines, others = ([match.line for match in run.matches] for run in (result, again))
    return again.problem or ("" if lines == others else READS_TEST)


def _refusal(rule: dict[str, Any]) -> str:
    """Return why `semgrep ci` would not take the rule; empty where it does."""
    try:
        problems = validate_rules([rule], limits=trial_limits())
    except ScannerMissingError:
        raise
    except ProblemError as error:
        return error.detail
    return f"The scanner refuses the rule: {problems[0].reason}" if problems else ""


def _failed(
    proposal: _Proposal,
    *,
    problem: str,
    text: str = "",
    test_code: str = "",
    line: int | None = None,
) -> Round:
    return Round(
        text=text,
        test_code=test_code,
        problem=problem,
        result=TrialResult(problem=problem, problem_line=line),
        cost_usd=proposal.cost_usd,
    )


def _keep(draft: RuleDraft, rounds: list[Round]) -> None:
    """Store the rounds, which people watch, and hold the claim for as long as one may take."""
    is_mine = RuleDraft.objects.filter(
        id=draft.pk, claims=draft.claims, status=JobStatus.RUNNING
    ).update(
        rounds=[one.as_mapping() for one in rounds],
        best_round=best_of(rounds),
        is_green=any(one.is_green for one in rounds),
        next_attempt_at=F("next_attempt_at") + CLAIM_LAPSES_AFTER,
    )
    logger.info("rules.draft.round id=%s number=%s", draft.pk, len(rounds))
    if not is_mine:
        raise ClaimLostError("Another worker goes on with this draft.")
