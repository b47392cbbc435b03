"""The question for a rule as text; all that people and models wrote stands in fences."""

from collections.abc import Sequence
from pathlib import Path

from llm.prompts import Prompt, RenderedPrompt, fence, load_prompt
from rules.annotations import Expectation, Kind
from rules.draft_rounds import Round
from rules.models import RuleDraft
from rules.samples import numbered
from rules.trial_results import Match

DRAFT_PROMPT: Prompt = load_prompt(Path(__file__).parent / "prompts" / "draft.md")
MAX_ATTEMPT_CHARACTERS = 12_000
MAX_FAILURES = 30
_UNMET = {
    Kind.RULEID: "`ruleid:` asks for a match that begins on it, and there is none",
    Kind.OK: "`ok:` asks for no match, and one begins on it",
    Kind.UNMARKED: "a match begins on it, and no comment before it asks for one",
}


def render_draft(draft: RuleDraft, rounds: Sequence[Round]) -> RenderedPrompt:
    """Return the question for a rule that knows what became of the earlier ones."""
    told = "\n\n".join(_attempt(number, one) for number, one in enumerate(rounds, start=1))
    return DRAFT_PROMPT.render(
        rule_id=rule_id_of(draft),
        language=draft.language,
        prompt=fence(draft.prompt, label="prompt"),
        bad_code=_sample(draft.bad_code, label="bad code"),
        good_code=_sample(draft.good_code, label="good code"),
        attempts=fence(told or "There is none yet.", label="attempts"),
    )


def rule_id_of(draft: RuleDraft) -> str:
    """Return the id that the model is to give its rule."""
    return f"generated-rule-{draft.language}"


def _sample(code: str, *, label: str) -> str:
    return fence(numbered(code) if code.strip() else "None was given.", label=label)


def _attempt(number: int, one: Round) -> str:
    parts = [f"Rule {number}:", one.text or "None.", f"What became of it: {one.why_red}"]
    if not one.problem:
        parts += ["Its test code:", numbered(one.test_code), *_failures(one)]
    elif one.result.problem_line:
        parts.append(f"Look at line {one.result.problem_line} of the rule.")
    return "\n".join(parts)[:MAX_ATTEMPT_CHARACTERS]


def _failures(one: Round) -> list[str]:
    failures = [_failure(expected) for expected in one.result.unmet[:MAX_FAILURES]]
    matched = ", ".join(_place(match) for match in one.result.matches[:MAX_FAILURES])
    return [*failures, f"It matches: {matched or 'nothing'}."]


def _failure(expected: Expectation) -> str:
    return f"- line {expected.line}: {_UNMET[expected.kind]}"


def _place(match: Match) -> str:
    if match.line == match.end_line:
        return f"line {match.line}"
    return f"lines {match.line} to {match.end_line}"
