"""What a change of policies would have done to the newest scans, before it is stored.

Each scan keeps how many open matches of each rule it reported when its results were read
(`findings.open_matches`, which the gate asks too): a scan is blocked where one of these rules has
the mode block. Rules that a scan did not run cannot be told of.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from findings.models import Scan
from rules.models import Mode, Rule
from rules.policy_book import Book

SCANS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedScan:
    """A scan that would have been blocked, and by how many matches of which rules."""

    scan: Scan
    rules: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPreview:
    """What the newest scans tell of a change."""

    scan_count: int
    now_count: int
    """So many are blocked by the policies as they are."""
    blocked: Sequence[BlockedScan]
    """With the change, the newest first."""
    added: frozenset[int]
    """The ids of those that it blocks and that pass now."""
    freed: Sequence[Scan]
    """Those that are blocked now, and pass with it."""
    untried: Sequence[str]
    """Rules that it makes block and that ran in none of the scans that they would block."""


def preview_change(*, before: Book, after: Book) -> PolicyPreview:
    """Try a change on the newest completed scans, in four queries."""
    scans = _newest_scans()
    ids = _rule_ids(scans)
    now, then = _Judge(before, ids), _Judge(after, ids)
    blocked = [
        BlockedScan(scan=scan, rules=rules) for scan in scans if (rules := then.blocking(scan))
    ]
    blocked_now = {scan.pk for scan in scans if now.blocking(scan)}
    blocked_then = {one.scan.pk for one in blocked}
    return PolicyPreview(
        scan_count=len(scans),
        now_count=len(blocked_now),
        blocked=blocked,
        added=frozenset(blocked_then - blocked_now),
        freed=[scan for scan in scans if scan.pk in blocked_now - blocked_then],
        untried=_untried(
            scans,
            newly=_blocking_anywhere(after) - _blocking_anywhere(before),
            gained={scan.pk: then.rules_for(scan) - now.rules_for(scan) for scan in scans},
        ),
    )


class _Judge:
    """Says of scans what blocks them by the policies of a book; reckons each set of tags once."""

    def __init__(self, book: Book, ids: dict[str, int]) -> None:
        self._book, self._ids = book, ids
        self._blocking: dict[frozenset[str], frozenset[int]] = {}

    def blocking(self, scan: Scan) -> list[tuple[str, int]]:
        """Return the rules that block a scan, with their matches; the most matches first."""
        rule_ids = self.rules_for(scan)
        found = [
            (path, count)
            for path, count in (scan.open_by_rule or {}).items()
            if self._ids.get(path) in rule_ids
        ]
        return sorted(found, key=lambda one: (-one[1], one[0]))

    def rules_for(self, scan: Scan) -> frozenset[int]:
        """Return the rules that block scans of the scan's project."""
        tags = frozenset(scan.project.tags)
        if tags not in self._blocking:
            placed = self._book.placed_for(tags)
            self._blocking[tags] = frozenset(
                rule_id for rule_id, one in placed.items() if one.mode == Mode.BLOCK
            )
        return self._blocking[tags]


def _newest_scans() -> list[Scan]:
    scans = Scan.objects.filter(completed_at__isnull=False, open_by_rule__isnull=False)
    return list(
        scans.select_related("project", "ref")
        .defer("meta", "stats", "skipped_paths", "served_modes")
        .order_by("-id")[:SCANS]
    )


def _rule_ids(scans: Iterable[Scan]) -> dict[str, int]:
    paths = {path for scan in scans for path in scan.open_by_rule or {}}
    return dict(Rule.objects.filter(path__in=paths).values_list("path", "id"))


def _blocking_anywhere(book: Book) -> set[int]:
    placed = book.placed_in(book.pages)
    return {rule_id for rule_id, one in placed.items() if one.mode == Mode.BLOCK}


def _untried(
    scans: Sequence[Scan], newly: Collection[int], gained: Mapping[int, Collection[int]]
) -> list[str]:
    """Return the paths of new blocking rules that were served to none of the scans they are for.

    `newly` are those that block somewhere, and `gained`, by scan, those that block its project.
    """
    wanted = set(newly).union(*gained.values())
    if not wanted:
        return []
    paths = dict(Rule.objects.filter(id__in=wanted).values_list("id", "path"))
    rows = Scan.objects.filter(id__in=[scan.pk for scan in scans])
    tried: set[str] = set()
    for scan_id, served in rows.values_list("id", "served_modes"):
        tried |= {paths[key] for key in gained[scan_id] if key in paths} & served.keys()
    return sorted(set(paths.values()) - tried)
