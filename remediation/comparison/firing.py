"""Which matches of a file went, stayed or came with a change; pure.

A match is the same when it stands at the same place of unchanged lines, when it has the same
text elsewhere, or when its place was changed and the rule still fires there.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from integrations.semgrep.reports import RuleMatch
from remediation.comparison.changes import Block, Change

# Changes so few lines apart are one place.
NEAR_LINES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """What became of the matches of all rules."""

    gone: tuple[RuleMatch, ...]
    still: tuple[tuple[RuleMatch, RuleMatch], ...]
    new: tuple[RuleMatch, ...]


def compare(*, change: Change, before: Sequence[RuleMatch], after: Sequence[RuleMatch]) -> Firing:
    """Pair the matches of both sides."""
    old, new = _without_unmoved(change, before, after)
    still: list[tuple[RuleMatch, RuleMatch]] = []
    for is_same in (_has_same_text, _stands_in_same_place):
        for match in list(old):
            other = next((one for one in new if is_same(change, match, one)), None)
            if other is not None:
                old.remove(match)
                new.remove(other)
                still.append((match, other))
    return Firing(gone=tuple(old), still=tuple(still), new=tuple(new))


def _without_unmoved(
    change: Change, before: Sequence[RuleMatch], after: Sequence[RuleMatch]
) -> tuple[list[RuleMatch], list[RuleMatch]]:
    """Return both sides without the matches that stand on the same, unchanged lines."""
    places = Counter(_place(match, match.start_line, match.end_line) for match in after)
    old = []
    for match in before:
        start, end = change.new_line(match.start_line), change.new_line(match.end_line)
        place = _place(match, start or 0, end or 0)
        is_whole = start is not None and end == start + match.end_line - match.start_line
        if is_whole and places[place]:
            places[place] -= 1
        else:
            old.append(match)
    new = []
    for match in after:
        place = _place(match, match.start_line, match.end_line)
        if places[place]:
            places[place] -= 1
            new.append(match)
    return old, new


def _place(match: RuleMatch, start: int, end: int) -> tuple[str, int, int, int, int]:
    return (match.rule_id, start, match.start_column, end, match.end_column)


def _has_same_text(change: Change, match: RuleMatch, other: RuleMatch) -> bool:
    return match.rule_id == other.rule_id and text_of_match(
        change.before_lines, match
    ) == text_of_match(change.after_lines, other)


def _stands_in_same_place(change: Change, match: RuleMatch, other: RuleMatch) -> bool:
    if match.rule_id != other.rule_id:
        return False
    for place in places_of(change):
        touched = (place.before_start, max(place.before_end, place.before_start + 1))
        came = (place.after_start, max(place.after_end, place.after_start + 1))
        if _overlaps(match, touched) and _overlaps(other, came):
            return True
    return False


def places_of(change: Change) -> list[Block]:
    """Return the changed blocks, near ones joined."""
    joined: list[Block] = []
    for block in change.blocks:
        last = joined[-1] if joined else None
        if last and block.before_start - last.before_end <= NEAR_LINES:
            joined[-1] = Block(
                before_start=last.before_start,
                before_end=block.before_end,
                after_start=last.after_start,
                after_end=block.after_end,
            )
        else:
            joined.append(block)
    return joined


def _overlaps(match: RuleMatch, lines: tuple[int, int]) -> bool:
    return match.start_line < lines[1] and match.end_line >= lines[0]


def text_of_match(lines: Sequence[str], match: RuleMatch) -> str:
    """Return the matched text without white space."""
    part = list(lines[match.start_line - 1 : match.end_line])
    if not part:
        return ""
    # Columns count bytes or characters: with others than ASCII letters, take whole lines.
    if all(line.isascii() for line in part):
        part[-1] = part[-1][: match.end_column - 1]
        part[0] = part[0][match.start_column - 1 :]
    return "".join("".join(part).split())
