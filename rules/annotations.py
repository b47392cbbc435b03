"""Pure: what test code says of the lines that a rule should match, compared with those it does.

A comment speaks of the next line that is no such comment itself: `ruleid: a, b` where these rules
must match, `ok: a` where the rule must not; `todoruleid:` and `todook:` say what shall hold once,
and hold nothing up. A match on a line of which nothing is said is a fault too, as for the
scanner's own test command.
"""

import enum
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

# Whatever marks a comment in a language stands before it, and after it what ends one.
_HEAD = re.compile(r"[^\w\n]{0,100}(?P<kind>ruleid|ok|todoruleid|todook)[ \t]{0,20}:")
_ENDS = ("*/", "-->", "*)", "-}", "*}", "%>")
_RULE_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
MAX_EXPECTATIONS = 1000


class Kind(enum.StrEnum):
    """What is expected of a line, in the words of the scanner's own tests.

    `todoruleid` and `todook` are two of these words, for lines that the rule gets wrong as yet.
    They stand in people's test code and leave nothing of ours to be done.
    """

    RULEID = "ruleid"
    OK = "ok"
    TODORULEID = "todoruleid"
    TODOOK = "todook"
    UNMARKED = "unmarked"
    """Nothing is said of the line, and the rule matches it: always unmet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What a line says as a comment on rules; `head` and `end` are the text around their ids."""

    head: str
    kind: Kind
    rule_ids: tuple[str, ...]
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What a comment says of a line, 1-based, for one rule."""

    line: int
    kind: Kind
    rule_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What is expected of a line, 1-based, and whether it came so.

    One that is `is_todo` may be unmet without the test failing.
    """

    line: int
    kind: Kind
    is_met: bool

    @property
    def is_todo(self) -> bool:
        """Say whether it only shall hold once."""
        return self.kind in {Kind.TODORULEID, Kind.TODOOK}


def compare(*, test_code: str, rule_id: str, matches: Collection[int]) -> list[Expectation]:
    """Return each expectation of one rule, in the order of lines.

    `matches` are the lines, 1-based, on which a match begins.
    """
    matched = set(matches)
    said = {
        (one.line, one.kind)
        for one in annotations_in(test_code)
        if one.rule_id in {rule_id, rule_id.rpartition(".")[2]}
    }
    spoken_of = {line for line, _kind in said}
    said |= {(line, Kind.UNMARKED) for line in matched - spoken_of}
    return [
        Expectation(line=line, kind=kind, is_met=_is_met(kind, is_matched=line in matched))
        for line, kind in sorted(said)
    ]


def most_telling(expectations: Collection[Expectation]) -> list[Expectation]:
    """Return as many as are kept, in the order of lines; what came otherwise goes first."""
    kept = sorted(expectations, key=lambda one: one.is_met or one.is_todo)[:MAX_EXPECTATIONS]
    return sorted(kept, key=lambda one: (one.line, one.kind))


def is_green(expectations: Collection[Expectation]) -> bool:
    """Say whether a test proves its rule: it must match somewhere, and all that counts is met."""
    counting = [one for one in expectations if not one.is_todo]
    return any(one.kind == Kind.RULEID for one in counting) and all(one.is_met for one in counting)


def annotations_in(test_code: str) -> Iterator[Annotation]:
    """Give what the comments of a test say, in order."""
    waiting: list[Comment] = []
    for number, line in enumerate(test_code.split("\n"), start=1):
        found = read_comment(line)
        if found is not None:
            waiting.append(found)
            continue
        for one in waiting:
            for rule_id in one.rule_ids:
                yield Annotation(line=number, kind=one.kind, rule_id=rule_id)
        waiting = []


def read_comment(line: str) -> Comment | None:
    """Return what a line says as a comment on rules, or None where it is something else."""
    head = _HEAD.match(line)
    if head is None:
        return None
    rest = line[head.end() :].strip()
    end = next((sign for sign in _ENDS if rest.endswith(sign)), "")
    names = [name.strip() for name in rest.removesuffix(end).split(",")]
    # More than names is a sentence that happens to begin so: "ok: this is fine".
    if not all(_RULE_ID.fullmatch(name) for name in names):
        return None
    return Comment(
        head=head[0], kind=Kind(head["kind"]), rule_ids=tuple(dict.fromkeys(names)), end=end
    )


def without_words(test_code: str) -> str:
    """Return test code whose comments name no rule and say nothing; every line stays in place."""
    return "\n".join(_wordless(line) for line in test_code.split("\n"))


def _wordless(line: str) -> str:
    found = read_comment(line)
    if found is None:
        return line
    sign = found.head[: found.head.index(found.kind)]
    return f"{sign}note {found.end}".rstrip()


def _is_met(kind: Kind, *, is_matched: bool) -> bool:
    if kind is Kind.UNMARKED:
        return False
    return is_matched == (kind in {Kind.RULEID, Kind.TODORULEID})
