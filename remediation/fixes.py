"""Edits that a model or a rule proposes: what must not be written, and how sure one may be."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.redaction import redact
from findings.models import Confidence
from llm.leaks import quotes_prompt
from remediation.answers import ProposedFix
from remediation.edits import Edit
from remediation.models import RemedyOrigin
from remediation.names import Known, unknown_imports
from remediation.rendering import REMEDY_PROMPT, RETRY_PROMPT

KNOWN_PACKAGES = "known packages"
CONFIDENCES = {"low": Confidence.LOW, "medium": Confidence.MEDIUM, "high": Confidence.HIGH}
REPLACEMENT_CHARACTER = "\ufffd"
_MARK = re.compile(r"\[redacted:")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_DIFF = re.compile(r"^(?:--- \S|\+\+\+ \S|@@ -\d|diff --git )", re.MULTILINE)
_NUMBERED = re.compile(r"^ *\d+ [|>] ", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A candidate as it is first stored; `problem`: why it cannot be used, where that is known."""

    edits: tuple[Edit, ...]
    confidence: Confidence
    origin: RemedyOrigin
    round: int = 1
    rank: int = 0
    problem: str = ""
    model_call_id: int | None = None
    memory_ids: tuple[int, ...] = ()


def drafts_of(
    fixes: Sequence[ProposedFix],
    *,
    round_number: int,
    most: int,
    model_call_id: int,
    memory_ids: Sequence[int],
) -> list[Draft]:
    """Return a model's fixes as drafts, the best first, at most as many as were asked for."""
    return [
        Draft(
            edits=tuple(Edit(search=edit.search, replace=edit.replace) for edit in fix.edits),
            confidence=CONFIDENCES[fix.confidence],
            origin=RemedyOrigin.MODEL,
            round=round_number,
            rank=rank,
            problem=fix.problem,
            model_call_id=model_call_id,
            memory_ids=tuple(memory_ids),
        )
        for rank, fix in enumerate(fixes[:most])
    ]


def why_unwritable(edits: Iterable[Edit]) -> str:
    """Say why these edits must not be written, whatever they do; blank: they may."""
    for number, edit in enumerate(edits, start=1):
        for problem, is_so in _problems(edit):
            if is_so:
                return f"Edit {number} {problem}"
    return ""


def _problems(edit: Edit) -> list[tuple[str, bool]]:
    search, new = edit.search, edit.replace
    return [
        (
            "holds `[redacted:…]`: that text stood in for a secret and is not in the file.",
            bool(_MARK.search(search) or _MARK.search(new)),
        ),
        ("would write what looks like a secret into the code.", _secrets(new) > _secrets(search)),
        ("holds a character that cannot be read.", _adds(edit, REPLACEMENT_CHARACTER)),
        ("is a diff and not a piece of the file.", bool(_DIFF.search(search))),
        ("stands in a Markdown fence.", bool(_FENCE.match(search) or _FENCE.match(new))),
        (
            "holds the line numbers of the question, which are not in the file.",
            bool(_NUMBERED.match(search)),
        ),
        ("repeats the question's own instructions.", repeats_instructions(new)),
    ]


def _adds(edit: Edit, character: str) -> bool:
    return character in edit.replace and character not in edit.search


def _secrets(text: str) -> int:
    return len(_MARK.findall(redact(text)))


def repeats_instructions(text: str) -> bool:
    """Say whether a model wrote down what it was told to do."""
    return quotes_prompt(text, prompts=(REMEDY_PROMPT, RETRY_PROMPT))


def new_packages(edits: Iterable[Edit], known: Known) -> list[str]:
    """Return the packages that edits import and neither the file nor its manifest knows."""
    return unknown_imports("\n".join(edit.replace for edit in edits), known)


def lowered(confidence: Confidence, *, steps: int) -> Confidence:
    """Return a confidence so many steps lower, low at the least."""
    return Confidence(max(Confidence.LOW, confidence - steps))
