"""How rules do: what is open of each, and how much of what it found was fixed."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Q

from findings.models import Finding, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFigures:
    """Findings of one rule; `total` leaves out those that are removed."""

    open: int = 0
    fixed: int = 0
    total: int = 0

    @property
    def fix_ratio(self) -> float | None:
        """The share that was fixed; None where there was nothing to fix."""
        return self.fixed / self.total if self.total else None


def figures_of(paths: Collection[str]) -> dict[str, RuleFigures]:
    """Return the figures of rules by path, in one query; also of those without a finding."""
    rows = (
        Finding.objects.filter(rule__check_id__in=paths)
        .exclude(status=Status.REMOVED)
        .order_by()
        .values_list("rule__check_id")
        .annotate(
            open=Count("id", filter=Q(status=Status.OPEN)),
            fixed=Count("id", filter=Q(status=Status.FIXED)),
            total=Count("id"),
        )
    )
    found = {
        path: RuleFigures(open=is_open, fixed=fixed, total=total)
        for path, is_open, fixed, total in rows
    }
    return {path: found.get(path, RuleFigures()) for path in paths}
