"""Guidance without a model: from the rule's message, its references and notes on its weakness."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from core.redaction import redact
from findings.models import Finding
from remediation.answers import RemedyAnswer
from remediation.knowledge import Remedy, remedy_for
from triage.assignments import definitions_in
from triage.context import JudgeContext
from triage.expressions import parameters_of
from triage.knowledge import cwe_numbers

MAX_MESSAGE_CHARACTERS = 2000
MAX_REFERENCES = 5
MAX_NAMES = 4
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")
_NAME = re.compile(r"[A-Za-z_]\w{0,60}")
_CALL = re.compile(r"((?:new )?[A-Za-z_][\w.]{0,80})\(")
_WEIGHT = {"if", "for", "while", "return", "switch", "catch", "elif", "with", "assert"}


def rule_guidance(finding: Finding, *, context: JudgeContext | None) -> RemedyAnswer:
    """Return what a program can say by itself; `context`: None where the code cannot be read."""
    metadata: dict[str, Any] = dict(finding.rule.metadata)
    numbers = cwe_numbers(metadata)
    known = remedy_for(numbers)
    message = redact(finding.message).strip()[:MAX_MESSAGE_CHARACTERS]
    steps = [
        _where(finding, context),
        *(
            known[1].steps
            if known
            else ("Change the code so that the rule's words no longer hold.",)
        ),
        f"Scan again: `{_inline(finding.rule.check_id)}` should no longer match here.",
    ]
    parts = [
        _quoted(message),
        "\n".join(f"{number}. {step}" for number, step in enumerate(steps, start=1)),
        _references(metadata),
        _source(known),
    ]
    return RemedyAnswer(
        summary=_summary(known, message, finding),
        instructions=redact("\n\n".join(part for part in parts if part)),
    )


def _summary(known: tuple[int, Remedy] | None, message: str, finding: Finding) -> str:
    first = _SENTENCE_END.split(" ".join(message.split()), maxsplit=1)[0]
    return (known[1].summary if known else first[:200]) or finding.rule.check_id[:200]


def _quoted(message: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in message.splitlines())


def _where(finding: Finding, context: JudgeContext | None) -> str:
    place = f"`{_inline(finding.file.path)}`, line {finding.start_line}"
    if context is None:
        return f"Look at {place}, where the rule matches."
    call, names = _callee(context), _variables(context)
    what = f" the call of `{call}`" if call else " the matched code"
    if not names:
        return f"Look at{what} in {place}."
    listed = ", ".join(f"`{name}`" for name in names)
    return f"Look at{what} in {place}: follow {listed} back to where the value is set."


def _callee(context: JudgeContext) -> str:
    place = context.question.place
    text = context.source.line(place.start_line)
    # Columns count bytes where the scanner reports them; a call that stands alone is enough.
    names = [name for name in _CALL.findall(text) if name.split(" ")[-1] not in _WEIGHT]
    return names[0] if names else ""


def _variables(context: JudgeContext) -> list[str]:
    """Return matched names that the function around the match, or the file, gives a value."""
    if context.source.tree is None:
        return []
    function = context.slice.function
    scope = function if function is not None else context.source.root
    own = {definition.name for definition in definitions_in(context.source, scope)}
    own |= set(parameters_of(context.source, function)) if function is not None else set()
    text = context.source.line(context.question.place.start_line)
    ordered = dict.fromkeys(_NAME.findall(text))
    return [name for name in ordered if name in own & context.slice.matched_names][:MAX_NAMES]


def _references(metadata: Mapping[str, Any]) -> str:
    given = metadata.get("references")
    entries = given if isinstance(given, list) else [given]
    links = [entry for entry in entries if isinstance(entry, str) and _is_link(entry)]
    if not links:
        return ""
    return "\n".join(["To read on:", "", *(f"- <{link}>" for link in links[:MAX_REFERENCES])])


def _is_link(text: str) -> bool:
    if len(text) > 300 or re.search(r"[\s<>\"'`\\]", text):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _source(known: tuple[int, Remedy] | None) -> str:
    notes = f" and from notes on CWE-{known[0]}" if known else ""
    return f"*From the rule's own message{notes}; no model was asked.*"


def _inline(text: str) -> str:
    return text.replace("`", "'").replace("\n", " ")[:300]
