"""Rules of thumb: what the code around a match says, without asking anybody."""

import re
from collections.abc import Mapping
from dataclasses import replace

from triage.branches import dead_branch_around
from triage.context import JudgeContext
from triage.dataflow import FOLLOWED
from triage.knowledge import family_of
from triage.signs import Direction, Sign, Strength
from triage.sinks import matched_node
from triage.standing import standing_signs
from triage.syntax import line_of
from triage.value_signs import value_signs

SIGNALS_VERSION = "4"
_TESTS = (
    r"(?:^|/)(?:tests?|__tests__|specs?|e2e|testdata|fixtures?|mocks?)/"
    r"|(?:^|/)(?:test_[^/]*|conftest)\.py$|_test\.(?:go|py)$|\.(?:test|spec)\.[cm]?[jt]sx?$"
    r"|Tests?\.java$"
)
_VENDORED = (
    r"(?:^|/)(?:vendor|vendored|third_party|node_modules|bower_components|site-packages)/"
    r"|\.min\.js$"
)
_GENERATED = r"(?:^|/)(?:generated|gen|dist|build)/|_pb2(?:_grpc)?\.py$|\.pb\.go$|\.generated\.\w+$"
_DEAD_BRANCH = "dead_branch"
_PLACES: Mapping[str, tuple[str, str]] = {
    "test_code": (_TESTS, "The file is test code, by its path."),
    "vendored_code": (_VENDORED, "The file is somebody else's code, by its path."),
    "generated_code": (_GENERATED, "The file is generated, by its path."),
    "sample_code": (
        r"(?:^|/)(?:examples?|samples?|demos?|docs)/",
        "The file is a sample, by its path.",
    ),
}


def find_signs(context: JudgeContext) -> tuple[Sign, ...]:
    """Return every sign in the code of a finding, the weightiest first."""
    family = family_of(dict(context.question.rule.metadata))
    signs = [
        *_dead_branch(context),
        *value_signs(context, family=family),
        *standing_signs(context, family=family),
        *_place(context),
    ]
    signs = [_as_far_as_known(sign, context) for sign in signs]
    return tuple(sorted(signs, key=lambda sign: -sign.strength))


def _as_far_as_known(sign: Sign, context: JudgeContext) -> Sign:
    """Weaken what makes a finding safe where lines on the way are not known: they may undo it."""
    if sign.direction is not Direction.SAFE or sign.strength is not Strength.STRONG:
        return sign
    lines = (*sign.lines, context.matched_lines.start, context.matched_lines.stop - 1)
    if sign.name == _DEAD_BRANCH:
        lines = (1, *lines)  # what its condition is made of may stand anywhere before
    hidden = context.question.hidden_lines
    if not any(min(lines) <= line <= max(lines) for line in hidden):
        return sign
    sentence = f"{sign.sentence} Lines between are not known."
    return replace(sign, strength=Strength.MEDIUM, sentence=sentence)


def _place(context: JudgeContext) -> list[Sign]:
    """Return what the path says: never enough to dismiss a finding."""
    return [
        Sign(name=name, direction=Direction.SAFE, strength=Strength.WEAK, sentence=sentence)
        for name, (pattern, sentence) in _PLACES.items()
        if re.search(pattern, context.source.path)
    ]


def _dead_branch(context: JudgeContext) -> list[Sign]:
    if context.source.language not in FOLLOWED:
        return []
    match = matched_node(context)
    condition = dead_branch_around(context.source, match) if match is not None else None
    if condition is None or context.source.root.has_error:
        return []
    return [
        Sign(
            name=_DEAD_BRANCH,
            direction=Direction.SAFE,
            strength=Strength.STRONG,
            sentence="The match stands in a branch whose condition is written to be never met.",
            lines=(line_of(condition),),
        )
    ]
