"""What rule files offer: rules fit to be stored, and what is refused of the rest."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rules.definitions import RuleRefusedError, check_definition, hash_definition
from rules.documents import FoundRule, RuleFileError, read_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why something was not imported; `place` is file and line, `rule_id` empty for a file."""

    place: str
    rule_id: str
    reason: str

    def __str__(self) -> str:
        name = f"rule {self.rule_id}: " if self.rule_id else ""
        return f"{self.place}: {name}{self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A rule that is fit to be stored."""

    place: str
    path: str
    definition: dict[str, Any]
    content_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The rules of some files."""

    candidates: tuple[Candidate, ...]
    refused: tuple[Refusal, ...]


def read_offer(files: Iterable[Path]) -> Offer:
    """Read all files; what is wrong in one of them keeps none of the others from being read."""
    candidates: list[Candidate] = []
    refused: list[Refusal] = []
    for file in files:
        try:
            found = read_rules(file)
        except RuleFileError as error:
            refused.append(Refusal(place=error.place, rule_id="", reason=error.detail))
            continue
        for rule in found:
            try:
                candidates.append(_candidate(rule))
            except RuleRefusedError as error:
                refused.append(_refusal(rule, error))
    return Offer(candidates=tuple(candidates), refused=(*refused, *_repeated(candidates)))


def _candidate(rule: FoundRule) -> Candidate:
    definition = check_definition(rule.value)
    return Candidate(
        place=rule.place,
        path=definition["id"],
        definition=definition,
        content_hash=hash_definition(definition),
    )


def _refusal(rule: FoundRule, error: RuleRefusedError) -> Refusal:
    rule_id = rule.value.get("id") if isinstance(rule.value, dict) else None
    return Refusal(
        place=rule.place,
        rule_id=rule_id[:100] if isinstance(rule_id, str) else "",
        reason=error.detail,
    )


def _repeated(candidates: Iterable[Candidate]) -> list[Refusal]:
    firsts: dict[str, Candidate] = {}
    refused = []
    for rule in candidates:
        first = firsts.setdefault(rule.path, rule)
        if first is not rule:
            reason = f"its id also stands at {first.place}; give one of the two another."
            refused.append(Refusal(place=rule.place, rule_id=rule.path, reason=reason))
    return refused
