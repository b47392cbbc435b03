"""The judge's question as text: facts of the rule, numbered code, all of it fenced."""

import json
from collections.abc import Sequence
from pathlib import Path

import yaml

from core.redaction import redact
from llm.prompts import Prompt, RenderedPrompt, fence, load_prompt
from memories.selectors import MemoryFact
from triage.components import HIGH_RISK, LOW_RISK
from triage.context import MAX_LINE_CHARACTERS, EarlierTriage, JudgeContext, RuleFacts
from triage.knowledge import cwe_numbers
from triage.signs import Sign

JUDGE_PROMPT: Prompt = load_prompt(Path(__file__).parent / "prompts" / "judge.md")
MAX_RULE_CHARACTERS = 4000
_RULE_FACTS = (
    "category",
    "subcategory",
    "confidence",
    "impact",
    "likelihood",
    "technology",
    "owasp",
)
_COMPONENTS = ", ".join([*HIGH_RISK, *LOW_RISK])


def render_question(
    context: JudgeContext,
    *,
    signs: Sequence[Sign],
    asks_component: bool,
    prompt: Prompt = JUDGE_PROMPT,
) -> RenderedPrompt:
    """Return the prompt for one finding."""
    question = context.question
    rule = question.rule
    return prompt.render(
        check_id=fence(rule.check_id, label="rule id"),
        weaknesses=", ".join(f"CWE-{n}" for n in cwe_numbers(dict(rule.metadata))) or "not stated",
        message=fence(rule.message[:MAX_RULE_CHARACTERS], label="message"),
        rule=fence(rule_text(rule, facts=_RULE_FACTS), label="rule"),
        earlier_triage=fence(_earlier(question.earlier_triage), label="decisions"),
        memories=fence(notes_of(question.memories), label="notes"),
        place=fence(_place(context), label="place"),
        code=fence(numbered_code(context), label="code"),
        trace=fence(_trace(context), label="data flow"),
        signals=fence(_signs(signs), label="signs"),
        left_out=fence("\n".join(context.left_out) or "Nothing of note.", label="left out"),
        component_task=_component_task(asks_component=asks_component),
    )


def numbered_code(context: JudgeContext) -> str:
    """Return the shown lines with their numbers, file by file."""
    parts: list[str] = []
    path, last = "", 0
    texts: list[str] = []
    for line in context.lines:
        if line.path != path:
            parts.append(f"--- {line.path}")
            path, last = line.path, 0
            texts = _without_secrets(context, path)
        if line.number > last + 1 and last:
            parts.append("...")
        is_match = path == context.source.path and line.number in context.matched_lines
        parts.append(f"{line.number:>6} {'>' if is_match else '|'} {texts[line.number - 1]}")
        last = line.number
    return "\n".join(parts)


def _without_secrets(context: JudgeContext, path: str) -> list[str]:
    """Return all lines of a file, redacted as a whole: a key's middle lines show no sign of it."""
    source = context.source if path == context.source.path else context.other_sources[path]
    lines = redact(source.text).split("\n")
    return [line.rstrip("\r")[:MAX_LINE_CHARACTERS] for line in lines]


def _place(context: JudgeContext) -> str:
    place = context.question.place
    return f"{place.path}, lines {place.start_line} to {place.end_line}"


def rule_text(rule: RuleFacts, *, facts: Sequence[str]) -> str:
    """Return the rule's definition, where it is known, and the named parts of its metadata."""
    known = {key: rule.metadata[key] for key in facts if key in rule.metadata}
    shown = {key: value for key, value in (rule.definition or {}).items() if key != "metadata"}
    if not shown and not known:
        return "Not known beyond its message."
    text = yaml.safe_dump({**shown, **known}, sort_keys=False, allow_unicode=True, width=96)
    return text[:MAX_RULE_CHARACTERS]


def _earlier(decisions: Sequence[EarlierTriage]) -> str:
    lines = [
        json.dumps({"state": old.state, "reason": old.reason, "note": redact(old.note)[:500]})
        for old in decisions
    ]
    return "\n".join(lines) or "None."


def notes_of(memories: Sequence[MemoryFact]) -> str:
    """Return the organization's notes, one a line, as JSON texts.

    Redacted before: the backslashes of JSON would hide a secret from the search for it.
    """
    texts = [json.dumps(redact(one.text), ensure_ascii=False) for one in memories]
    return "\n".join(texts) or "None."


def _trace(context: JudgeContext) -> str:
    steps = [f"{step.path}:{step.start_line}" for step in context.question.trace]
    return "\n".join(steps) or "None reported."


def _signs(signs: Sequence[Sign]) -> str:
    lines = [
        f"{sign.direction.value}, {sign.strength.name.lower()}: {sign.sentence}" for sign in signs
    ]
    return "\n".join(lines) or "None."


def _component_task(*, asks_component: bool) -> str:
    if not asks_component:
        return "Give null for component."
    return (
        "Also say in component which part of the product this file belongs to, as {name, reason}:"
        f" one of {_COMPONENTS}; a blank name when none fits."
    )
