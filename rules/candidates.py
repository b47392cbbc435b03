"""What rule files offer: rules fit to be stored, and what is refused of the rest."""

import contextlib
import glob
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from rules.definitions import RuleRefusedError, check_definition, hash_definition
from rules.documents import FoundRule, RuleFileError, parse_rules, read_text
from rules.languages import suffixes_of


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
class RuleFile:
    """The text of a rule file; `tests` are those of the files beside it, by their names."""

    place: str
    text: str
    tests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A rule that is fit to be stored; `text` is blank where its file has other rules too."""

    place: str
    path: str
    definition: dict[str, Any]
    content_hash: str
    text: str = ""
    test_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The rules of some files."""

    candidates: tuple[Candidate, ...]
    refused: tuple[Refusal, ...]


def read_offer(files: Iterable[Path]) -> Offer:
    """Read all files; what is wrong in one of them keeps none of the others from being read."""
    texts: list[RuleFile] = []
    refused: list[Refusal] = []
    for file in files:
        try:
            texts.append(
                RuleFile(place=str(file), text=read_text(file, str(file)), tests=_tests_of(file))
            )
        except RuleFileError as error:
            refused.append(Refusal(place=error.place, rule_id="", reason=error.detail))
    return offer_of(texts, refused=refused)


def offer_of(files: Iterable[RuleFile], *, refused: Iterable[Refusal] = ()) -> Offer:
    """Return the rules of these texts, and what is refused, beside what is already."""
    candidates: list[Candidate] = []
    refusals = list(refused)
    for file in files:
        try:
            found = parse_rules(file.text, file=file.place)
        except RuleFileError as error:
            refusals.append(Refusal(place=error.place, rule_id="", reason=error.detail))
            continue
        for rule in found:
            try:
                candidates.append(_candidate(rule, file, is_only=len(found) == 1))
            except RuleRefusedError as error:
                refusals.append(_refusal(rule, error))
    return Offer(candidates=tuple(candidates), refused=(*refusals, *_repeated(candidates)))


def tests_for(languages: Sequence[str], tests: Mapping[str, str]) -> str:
    """Return the test code in the first of the languages that has some; any where none is named.

    The first, because a test is run as code of the rule's first language.
    """
    for language in languages:
        suffixes = suffixes_of([language])
        for name, text in tests.items():
            if PurePosixPath(name).suffix in suffixes:
                return text
    return "" if suffixes_of(languages) else next(iter(tests.values()), "")


def _tests_of(file: Path) -> dict[str, str]:
    """Return the readable files beside a rule file that have its name."""
    tests: dict[str, str] = {}
    for other in sorted(file.parent.glob(f"{glob.escape(file.stem)}.*")):
        if other.stem != file.stem or other.suffix in {".yml", ".yaml"}:
            continue
        with contextlib.suppress(RuleFileError):
            tests[other.name] = read_text(other, str(other))
    return tests


def _candidate(rule: FoundRule, file: RuleFile, *, is_only: bool) -> Candidate:
    definition = check_definition(rule.value)
    return Candidate(
        place=rule.place,
        path=definition["id"],
        definition=definition,
        content_hash=hash_definition(definition),
        text=file.text if is_only else "",
        test_code=tests_for(definition["languages"], file.tests),
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
