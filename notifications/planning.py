"""Which comments a change request gets: one a finding, or one for many of a rule.

What was said once stays where it was said: a plan adds to the comments that exist, and never moves
a finding from one comment to another.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from findings.change_requests import scans_of
from findings.models import (
    BROKEN_OFF,
    ChangeRequest,
    Conclusion,
    Finding,
    Instance,
    Product,
    Scan,
    State,
    TriageState,
)
from findings.reported import reported_ids
from llm.configuration import assistant_settings
from llm.models import NoiseFilter
from notifications.models import CommentKind, CommentState, ReviewComment
from rules.models import Mode

MOST_SINGLE_COMMENTS = 5
TELLING_MODES = (Mode.COMMENT, Mode.BLOCK)
# What a person decided before the first word was said is not brought up again.
SETTLED = (TriageState.IGNORED, TriageState.PROVISIONALLY_IGNORED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a finding stands at the commit of a scan; lines are 1-based, the end inclusive."""

    path: str
    start_line: int
    end_line: int

    def overlaps(self, other: "Spot") -> bool:
        """Say whether both share a line."""
        return (
            self.path == other.path
            and self.start_line <= other.end_line
            and other.start_line <= self.end_line
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One comment that a change request is to have; `finding_ids` are those it ever spoke of."""

    kind: CommentKind
    key: str
    check_id: str
    finding_ids: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All comments of a change request, by the scan that decides; None: none has decided yet."""

    scan: Scan | None
    entries: Sequence[Entry]
    spots: Mapping[int, Spot]
    """Of every open finding that the scan reported, by id; also of those not spoken of."""

    @property
    def finding_ids(self) -> list[int]:
        """Every finding that is spoken of."""
        return sorted({one for entry in self.entries for one in entry.finding_ids})


def plan(*, change_request: ChangeRequest) -> Plan:
    """Return the comments that a change request is to have, in a constant number of queries."""
    told = _told(change_request)
    scan = deciding_scan(change_request)
    if scan is None:
        return Plan(scan=None, entries=[entry for entry, _ in told], spots={})
    reported = list(_reported(scan))
    spots = {row.finding_id: _spot(row) for row in reported}
    return Plan(
        scan=scan, entries=_entries(change_request, told, _news(scan, reported)), spots=spots
    )


def deciding_scan(change_request: ChangeRequest) -> Scan | None:
    """Return the newest scan whose findings are in; one that broke off says nothing."""
    scans = scans_of(change_request).filter(ingested_at__isnull=False)
    return scans.exclude(status__in=BROKEN_OFF).select_related("project").first()


def rule_key(change_request: ChangeRequest, check_id: str, number: int) -> str:
    """Return the key of a change request's comment on a rule; `number` counts them from 0.

    Another project of the same repository speaks in the same change request: its key is another.
    """
    digest = hashlib.sha256(check_id.encode()).hexdigest()[:16]
    return f"rule-{change_request.pk}-{digest}" + (f"-{number + 1}" if number else "")


def _reported(scan: Scan) -> QuerySet[Instance]:
    """Return the open matches that the scan reported, and not those that it left behind.

    A diff scan writes itself into each row that it reports. Where a later scan of the ref has
    written over that, the report itself is asked.
    """
    rows = Instance.objects.filter(ref_id=scan.ref_id, state=State.UNRESOLVED)
    written_over = rows.filter(last_scan__started_at__gte=scan.started_at).exclude(last_scan=scan)
    said = Q(last_scan=scan)
    if written_over.exists():
        later = written_over.filter(match_based_id__in=reported_ids(scan))
        said |= Q(id__in=later.values("id"))
    on_primary = Instance.objects.filter(
        finding_id=OuterRef("finding_id"),
        ref__name=scan.project.primary_branch,
        state=State.UNRESOLVED,
    ).exclude(ref_id=scan.ref_id)
    found: QuerySet[Instance] = (
        rows.filter(said)
        .select_related("finding", "file")
        .annotate(check_id=F("rule__check_id"), is_on_primary=Exists(on_primary))
        .order_by("file__path", "start_line", "start_column", "finding_id")
    )
    return found


def _spot(row: Instance) -> Spot:
    return Spot(path=row.file.path, start_line=row.start_line, end_line=row.end_line)


def _news(scan: Scan, reported: Iterable[Instance]) -> list[tuple[int, str]]:
    """Return which matches are to be spoken of, as finding and rule, in the order of the code."""
    settings = assistant_settings()
    hides = settings.judges_in_comments and settings.noise_filter == NoiseFilter.HIDE
    news = []
    for row in reported:
        check_id: str = row.check_id  # type: ignore[attr-defined]  # annotated
        mode = scan.served_modes.get(check_id)
        is_known = row.is_on_primary  # type: ignore[attr-defined]  # annotated
        is_hidden = hides and mode != Mode.BLOCK and _is_noise(row.finding)
        if mode in TELLING_MODES and not is_known and not is_hidden and _is_tellable(row.finding):
            news.append((row.finding_id, check_id))
    return news


def _is_tellable(finding: Finding) -> bool:
    return finding.product == Product.SAST and finding.triage_state not in SETTLED


def _is_noise(finding: Finding) -> bool:
    return finding.verdict == Conclusion.FALSE_POSITIVE


def _told(change_request: ChangeRequest) -> list[tuple[Entry, bool]]:
    """Return the comments that exist, and whether each can still grow."""
    rows = ReviewComment.objects.filter(review__change_request=change_request).order_by("id")
    return [(_entry(row), row.state != CommentState.DELETED) for row in rows]


def _entry(row: ReviewComment) -> Entry:
    return Entry(
        kind=CommentKind(row.kind),
        key=row.key,
        check_id=row.check_id,
        finding_ids=row.finding_ids if row.finding_id is None else [row.finding_id],
    )


def _entries(
    change_request: ChangeRequest,
    told: Sequence[tuple[Entry, bool]],
    news: Sequence[tuple[int, str]],
) -> list[Entry]:
    """Put the news beside, or into, the comments that exist."""
    known = {one for entry, _ in told for one in entry.finding_ids}
    fresh: dict[str, list[int]] = defaultdict(list)
    for finding_id, check_id in news:
        if finding_id not in known:
            fresh[check_id].append(finding_id)
    entries = []
    of_rule: dict[str, int] = defaultdict(int)
    for entry, can_grow in told:
        of_rule[entry.check_id] += entry.kind == CommentKind.RULE
        grows = entry.kind == CommentKind.RULE and can_grow
        added = fresh.pop(entry.check_id, []) if grows else []
        entries.append(_grown(entry, added))
    for check_id, finding_ids in fresh.items():
        key = rule_key(change_request, check_id, of_rule[check_id])
        entries.extend(_new_entries(check_id, finding_ids, key))
    return entries


def _grown(entry: Entry, added: Collection[int]) -> Entry:
    finding_ids = [*entry.finding_ids, *added]
    return Entry(kind=entry.kind, key=entry.key, check_id=entry.check_id, finding_ids=finding_ids)


def _new_entries(check_id: str, finding_ids: Sequence[int], key: str) -> list[Entry]:
    if len(finding_ids) > MOST_SINGLE_COMMENTS:
        return [Entry(kind=CommentKind.RULE, key=key, check_id=check_id, finding_ids=finding_ids)]
    return [
        Entry(
            kind=CommentKind.FINDING,
            key=f"finding-{finding_id}",
            check_id=check_id,
            finding_ids=[finding_id],
        )
        for finding_id in finding_ids
    ]
