"""Pure: what the editor begins with when somebody comes from a finding."""

import textwrap
from collections.abc import Collection
from dataclasses import dataclass

import yaml

from core.errors import ProblemError
from rules.languages import language_of
from rules.samples import build_test, join_code
from rules.texts import read_one_rule

MAX_PATTERN_LINES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefill:
    """A rule's text and its test code, not saved and not tried."""

    text: str
    test_code: str


class _Block(str):
    """Text that YAML shows over several lines."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes rules as people do."""


_Dumper.add_representer(
    _Block,
    lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:str", str(value), style="|"),
)


def not_here(
    *, text: str, test_code: str, path: str, code: str, matched_lines: Collection[int]
) -> Prefill:
    """Return a rule as it is, whose test now says that a finding's code is fine.

    `code` are lines of the file `path` around the finding, which are 1-based `matched_lines` of
    it. The run is red until the rule leaves them out.
    """
    sample = build_test(
        language=language_of(path),
        rule_id=_id_in(text),
        bad_code="",
        bad_lines=(),
        good_code=textwrap.dedent(code),
        good_lines=matched_lines,
    )
    return Prefill(text=text, test_code=join_code(test_code, sample))


def more_like_this(
    *,
    rule_id: str,
    path: str,
    code: str,
    matched_lines: Collection[int],
    matched_text: str = "",
) -> Prefill:
    """Return a new rule that finds a finding's code letter by letter, to be made wider.

    `code` are lines of the file `path` around the finding, which are 1-based `matched_lines` of
    it; `rule_id` is that of the rule that found it. `matched_text` is the match itself, where it
    is known: whole lines may hold half a statement beside it.
    """
    language = language_of(path)
    code = textwrap.dedent(code)
    rows = code.split("\n")
    matched = [rows[number - 1] for number in sorted(matched_lines) if 0 < number <= len(rows)]
    lines = matched_text.split("\n") if matched_text.strip() else matched
    pattern = textwrap.dedent("\n".join(lines[:MAX_PATTERN_LINES])).strip()
    name = f"more-like-{rule_id.rpartition('.')[2]}"
    rule = {
        "id": name,
        "languages": [language],
        "severity": "MEDIUM",
        "message": "Say what is wrong here and what to do instead.",
        "pattern": _Block(pattern or "$X"),
    }
    text = yaml.dump({"rules": [rule]}, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    test_code = build_test(
        language=language,
        rule_id=name,
        bad_code=code,
        bad_lines=sorted(matched_lines)[:1],
        good_code="",
    )
    return Prefill(text=text, test_code=test_code)


def _id_in(text: str) -> str:
    try:
        return str(read_one_rule(text)["id"])
    except ProblemError:
        return "rule-id"
