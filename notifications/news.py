"""Which findings of a scan people have not heard of: never those of the primary branch."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from findings.models import UNDECIDED, Finding, Instance, Scan, State
from notifications.models import Subscription
from rules.models import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A finding that a scan was the first to report, with what subscriptions choose by."""

    finding_id: int
    product: str
    mode: str


def news_of(scan: Scan, finding_ids: Collection[int] | None = None) -> list[News]:
    """Return the new findings of a scan, or those among `finding_ids`, the worst first.

    A finding has one scan that first reported it, on whatever branch: it is news once.
    """
    if scan.ref.name == scan.project.primary_branch:
        return []
    rows = _open_off_primary(scan)
    if finding_ids is not None:
        rows = rows.filter(id__in=finding_ids)
    facts = rows.order_by("-severity", "-confidence", "id").values_list(
        "id", "product", "rule__check_id"
    )
    return [
        News(finding_id=finding_id, product=product, mode=mode_in(scan, check_id))
        for finding_id, product, check_id in facts
    ]


def mode_in(scan: Scan, check_id: str) -> str:
    """Return the mode in which a rule was handed to a scan; a report that was uploaded has none."""
    mode: str = scan.served_modes.get(check_id, Mode.MONITOR.value)
    return mode


def wanted_by(subscription: Subscription, news: Iterable[News]) -> list[int]:
    """Return the ids of the findings that a subscription asks for, in their order."""
    products, modes = set(subscription.products), set(subscription.modes)
    return [
        one.finding_id
        for one in news
        if (not products or one.product in products) and (not modes or one.mode in modes)
    ]


def _open_off_primary(scan: Scan) -> QuerySet[Finding]:
    on_primary = Instance.objects.filter(
        finding_id=OuterRef("id"), ref__name=scan.project.primary_branch, state=State.UNRESOLVED
    )
    rows: QuerySet[Finding] = Finding.objects.filter(
        ~Exists(on_primary), first_scan=scan, status__in=UNDECIDED
    )
    return rows
