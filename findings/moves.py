"""Which file became which: files that are gone, paired with files that hold the same matches."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from pathlib import PurePosixPath

# A match that stands in very many files says little about any of them.
MOST_FILES = 20

Match = tuple[str, Hashable]


def pair_files(gone: Iterable[Match], arrived: Iterable[Match]) -> dict[str, str]:
    """Return old paths with their new ones; both arguments are (path, what matched there).

    The pair that shares most matches wins, then the one with the same name.
    """
    old_paths, new_paths = _paths_by_content(gone), _paths_by_content(arrived)
    shared: Counter[tuple[str, str]] = Counter()
    for content, olds in old_paths.items():
        news = new_paths.get(content, Counter())
        if len(olds) * len(news) <= MOST_FILES**2:
            for old, times in olds.items():
                for new, others in news.items():
                    shared[old, new] += min(times, others)
    return _choose(shared)


def _paths_by_content(matches: Iterable[Match]) -> dict[Hashable, Counter[str]]:
    found: dict[Hashable, Counter[str]] = defaultdict(Counter)
    for path, content in matches:
        found[content][path] += 1
    return found


def _choose(shared: Counter[tuple[str, str]]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    taken: set[str] = set()

    def rank(paths: tuple[str, str]) -> tuple[int, int, str, str]:
        return -shared[paths], -_common_end(*paths), *paths

    for old, new in sorted(shared, key=rank):
        if old != new and old not in chosen and new not in taken:
            chosen[old] = new
            taken.add(new)
    return chosen


def _common_end(old: str, new: str) -> int:
    """Return how many parts the two paths share from their ends."""
    count = 0
    for one, other in zip(
        reversed(PurePosixPath(old).parts), reversed(PurePosixPath(new).parts), strict=False
    ):
        if one != other:
            break
        count += 1
    return count
