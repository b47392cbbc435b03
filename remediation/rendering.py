"""The questions about remedies as text; all that comes from outside stands in fences."""

import json
from collections.abc import Sequence
from pathlib import Path

from core.redaction import redact
from findings.models import Conclusion
from llm.prompts import Prompt, RenderedPrompt, fence, load_prompt
from remediation.gathering import Case
from remediation.models import FixAttempt, Guidance
from triage.knowledge import cwe_numbers
from triage.rendering import MAX_RULE_CHARACTERS, notes_of, numbered_code, rule_text

_PROMPTS = Path(__file__).parent / "prompts"
REMEDY_PROMPT: Prompt = load_prompt(_PROMPTS / "remedy.md")
RETRY_PROMPT: Prompt = load_prompt(_PROMPTS / "remedy_retry.md")
MAX_PACKAGES = 80
MAX_FAILURE_CHARACTERS = 6000
_RULE_FACTS = ("category", "subcategory", "technology", "owasp", "references")


def render_remedy(case: Case) -> RenderedPrompt:
    """Return the question for guidance and, where the case wants them, edits."""
    verdict = case.verdict
    conclusion = Conclusion(verdict.conclusion).label if verdict else "not judged"
    return REMEDY_PROMPT.render(
        **_material(case),
        verdict=conclusion.lower(),
        reason=fence(verdict.reason if verdict else "None was given.", label="reason"),
        fix_task=_fix_task(case.candidates),
    )


def render_retry(
    case: Case, *, guidance: Guidance, failures: Sequence[FixAttempt]
) -> RenderedPrompt:
    """Return the question for other edits, with the exact failure of the first ones."""
    told = "\n".join(_failure(attempt) for attempt in failures)
    return RETRY_PROMPT.render(
        **_material(case),
        guidance=fence(f"{guidance.summary}\n\n{guidance.instructions}", label="guidance"),
        failures=fence(told[:MAX_FAILURE_CHARACTERS], label="failures"),
        fix_task=_fix_task(case.candidates),
    )


def _material(case: Case) -> dict[str, str]:
    question = case.context.question
    rule, place = question.rule, question.place
    packages = ", ".join(case.manifest.names[:MAX_PACKAGES])
    steps = [f"{step.path}:{step.start_line}" for step in question.trace]
    return {
        "check_id": fence(rule.check_id, label="rule id"),
        "weaknesses": ", ".join(f"CWE-{n}" for n in cwe_numbers(dict(rule.metadata)))
        or "not stated",
        "message": fence(rule.message[:MAX_RULE_CHARACTERS], label="message"),
        "rule": fence(rule_text(rule, facts=_RULE_FACTS), label="rule"),
        "memories": fence(notes_of(case.memories), label="notes"),
        "place": fence(
            f"{place.path}, lines {place.start_line} to {place.end_line}", label="place"
        ),
        "code": fence(numbered_code(case.context), label="code"),
        "trace": fence("\n".join(steps) or "None reported.", label="data flow"),
        "packages": fence(packages or "Not known.", label="packages"),
        "left_out": fence("\n".join(case.context.left_out) or "Nothing of note.", label="left out"),
    }


def _failure(attempt: FixAttempt) -> str:
    edits = [{name: redact(edit[name]) for name in ("search", "replace")} for edit in attempt.edits]
    failed = [check for check in attempt.checks if check.get("ok") is False]
    told = {
        "edits": edits,
        "refused": attempt.reason,
        "why": attempt.detail,
        "failed_checks": [{"name": c.get("name"), "detail": c.get("detail")} for c in failed],
    }
    return json.dumps(told, ensure_ascii=False)


def _fix_task(candidates: int) -> str:
    if not candidates:
        return "Give guidance alone: [] for fixes."
    number = "one fix" if candidates == 1 else f"up to {candidates} different fixes"
    return (
        f"Give {number}, made from your guidance."
        if candidates == 1
        else (f"Give {number}, each made from your guidance in another way.")
    )
