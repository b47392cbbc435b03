"""Pairs two rows of places in one file so that the lines move as little as possible.

Equal matches of one rule in one file cannot be told apart but by their lines. Their order is kept:
a pairing that crosses would need code to jump over its like.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

# Above this many steps the exact way would take seconds; the near way is good enough there.
EXACT_STEPS = 300_000


def align(few: Sequence[int], many: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield pairs of indexes, one for each of `few`, with the smallest sum of distances.

    Both hold ascending line numbers, and `few` is not the longer one.
    """
    spare = len(many) - len(few)
    if spare == 0:
        yield from ((index, index) for index in range(len(few)))
    elif len(few) * (spare + 1) <= EXACT_STEPS:
        yield from _align_exactly(few, many, spare)
    else:
        yield from _align_nearly(few, many, spare)


def _align_exactly(
    few: Sequence[int], many: Sequence[int], spare: int
) -> Iterator[tuple[int, int]]:
    """Choose by dynamic programming how many of `many` are passed over before each of `few`."""
    costs = [0] * (spare + 1)
    choices: list[list[int]] = []
    for index, line in enumerate(few):
        chosen, best = [], 0
        totals = []
        for passed in range(spare + 1):
            if costs[passed] < costs[best]:
                best = passed
            chosen.append(best)
            totals.append(costs[best] + abs(line - many[index + passed]))
        choices.append(chosen)
        costs = totals
    passed = min(range(spare + 1), key=costs.__getitem__)
    for index in range(len(few) - 1, -1, -1):
        yield index, index + passed
        passed = choices[index][passed]


def _align_nearly(few: Sequence[int], many: Sequence[int], spare: int) -> Iterator[tuple[int, int]]:
    """Give each of `few` in turn the nearest one left that leaves enough for the others."""
    least = 0
    for index, line in enumerate(few):
        most = index + spare
        at = bisect_left(many, line, least, most + 1)
        if at > most or (at > least and line - many[at - 1] <= many[at] - line):
            at -= 1
        at = max(at, least)
        yield index, at
        least = at + 1
