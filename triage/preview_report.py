"""What a preview found, as its page tells it."""

from collections.abc import Sequence
from dataclasses import dataclass

from findings.models import Conclusion, Finding
from triage.models import AnalysisStatus, MemoryPreview

_IS_UNDER_WAY = (AnalysisStatus.WAITING, AnalysisStatus.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    """One finding: what was concluded, and what would be."""

    finding: Finding
    before: str
    after: str
    reason: str
    problem: str

    @property
    def is_change(self) -> bool:
        """Say whether the memory would change the verdict."""
        return bool(self.after) and self.after != self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many findings would end so."""

    label: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewReport:
    """A preview with its rows, those that would change first."""

    preview: MemoryPreview
    rows: tuple[PreviewRow, ...]
    tallies: tuple[Tally, ...]

    @property
    def is_under_way(self) -> bool:
        """Say whether more results are to come."""
        return self.preview.status in _IS_UNDER_WAY

    @property
    def done(self) -> int:
        """How many findings are through."""
        return sum(1 for row in self.rows if row.after or row.problem)

    @property
    def changed(self) -> int:
        """How many verdicts would change."""
        return sum(1 for row in self.rows if row.is_change)


def newest_preview(memory_id: int) -> MemoryPreview | None:
    """Return the newest preview of a memory, or None when there is none."""
    preview: MemoryPreview | None = (
        MemoryPreview.objects.filter(memory_id=memory_id).order_by("-id").first()
    )
    return preview


def report_of(preview: MemoryPreview) -> PreviewReport:
    """Return a preview as its page tells it; findings that are gone are left out."""
    ids = [one["finding_id"] for one in preview.results]
    found = Finding.objects.select_related("rule", "file", "project").in_bulk(ids)
    rows = [
        PreviewRow(
            finding=found[one["finding_id"]],
            before=one["before"],
            after=one["after"],
            reason=one["reason"],
            problem=one["problem"],
        )
        for one in preview.results
        if one["finding_id"] in found
    ]
    rows.sort(key=lambda row: not row.is_change)
    return PreviewReport(preview=preview, rows=tuple(rows), tallies=_tallies(rows))


def _tallies(rows: Sequence[PreviewRow]) -> tuple[Tally, ...]:
    tallies = [
        Tally(
            label=f"{word} {conclusion.label.lower()}",
            count=sum(
                1 for row in rows if row.after == conclusion and row.is_change is (word == "newly")
            ),
        )
        for word in ("newly", "remains")
        for conclusion in Conclusion
    ]
    return tuple(one for one in tallies if one.count or "positive" in one.label)
