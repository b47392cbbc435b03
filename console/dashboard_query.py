"""What the Dashboard's address asks for, and the addresses of the findings behind its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.http import QueryDict

from console.facets import query_of
from findings.models import UNDECIDED, Confidence, Product, Severity
from insights.dashboard_figures import Part
from insights.filters import FindingFilter, Lifecycle, Moment
from insights.periods import DEFAULT_PERIOD, PERIODS, Period, Window

LONGEST_NAME = 400
MOST_NAMES = 20
EVERYTHING = "all"
# What is worth a look first, says the product's word "recommended priority".
PRIORITY_SEVERITIES = (Severity.CRITICAL.value, Severity.HIGH.value)
PRIORITY_CONFIDENCES = (Confidence.HIGH.value,)


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardQuery:
    """What is asked for; without a word about it the priority is the recommended one."""

    period_key: str = DEFAULT_PERIOD
    project_names: tuple[str, ...] = ()
    product: str = ""
    is_everything: bool = False
    is_by_product: bool = False

    @classmethod
    def from_query(cls, query: QueryDict) -> "DashboardQuery":
        """Read the address; what makes no sense there asks for nothing."""
        period, product = query.get("period", ""), query.get("product", "")
        names = (name.replace("\0", "").strip()[:LONGEST_NAME] for name in query.getlist("repo"))
        return cls(
            period_key=period if period in PERIODS else DEFAULT_PERIOD,
            project_names=tuple(dict.fromkeys(name for name in names if name))[:MOST_NAMES],
            product=product if product in Product.values else "",
            is_everything=query.get("priority") == EVERYTHING,
            is_by_product=query.get("split") == "product",
        )

    @property
    def period(self) -> Period:
        """The period."""
        return PERIODS[self.period_key]

    @property
    def address(self) -> str:
        """The end of an address that asks for this."""
        query = QueryDict(mutable=True)
        if self.period_key != DEFAULT_PERIOD:
            query["period"] = self.period_key
        query.setlist("repo", list(self.project_names))
        if self.product:
            query["product"] = self.product
        if self.is_everything:
            query["priority"] = EVERYTHING
        if self.is_by_product:
            query["split"] = "product"
        return f"?{query.urlencode()}"

    @property
    def everything(self) -> str:
        """The address without the limit to the recommended priority."""
        return replace(self, is_everything=True).address

    @property
    def other_split(self) -> str:
        """The address that splits the projects' findings the other way."""
        return replace(self, is_by_product=not self.is_by_product).address

    @property
    def findings(self) -> FindingFilter:
        """Which findings are counted, whatever happened to them."""
        return FindingFilter(
            project_names=self.project_names,
            products=(self.product,) if self.product else (),
            severities=() if self.is_everything else PRIORITY_SEVERITIES,
            confidences=() if self.is_everything else PRIORITY_CONFIDENCES,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The ends of the addresses of findings lists; each list holds what its number counts."""

    query: DashboardQuery
    window: Window

    @property
    def opened(self) -> str:
        """What was opened in the period."""
        return self._in_period("opened")

    @property
    def fixed(self) -> str:
        """What was fixed."""
        return self._in_period("fixed")

    @property
    def ignored(self) -> str:
        """What was ignored."""
        return self._in_period("ignored")

    @property
    def changed(self) -> str:
        """What was opened or closed."""
        return self._in_period("changed")

    @property
    def backlog(self) -> str:
        """What is undecided now."""
        return query_of(self._undecided())

    @property
    def found(self) -> str:
        """What was found in change requests."""
        return self._in_period("found")

    @property
    def shown(self) -> str:
        """What was shown there."""
        return self._in_period("shown")

    @property
    def fixed_early(self) -> str:
        """What was fixed there."""
        return self._in_period("fixed_early")

    def of_parts(self, parts: Sequence[Part]) -> list[dict[str, str]]:
        """Return the addresses behind each row of the plots' tables."""
        # Many rows with many addresses: what is the same in all is written once.
        ends = {name: query_of(wanted) for name, wanted in self._kinds().items()}
        spans = [(_span(part.since, part.until), _span(None, part.until)) for part in parts]
        return [
            {
                name: f"{end}&{up_to_its_end if name == Moment.BACKLOG else within}"
                for name, end in ends.items()
            }
            for within, up_to_its_end in spans
        ]

    def of_severity(self, severity: int | None) -> str:
        """Return what is undecided now of one severity; of all for None."""
        wanted = self._undecided()
        return query_of(wanted if severity is None else replace(wanted, severities=(severity,)))

    def of_any_project(self, *, severity: int | None = None, product: str = "") -> str:
        """Return what is undecided now, of one severity or product; `in_project` narrows it."""
        wanted = replace(self._undecided(), project_names=())
        if severity is not None:
            wanted = replace(wanted, severities=(severity,))
        return query_of(replace(wanted, products=(product,)) if product else wanted)

    def _undecided(self) -> FindingFilter:
        return replace(
            self.query.findings,
            statuses=tuple(one.value for one in UNDECIDED),
            lifecycle=Lifecycle.PRODUCTION.value,
        )

    def _kinds(self) -> dict[str, FindingFilter]:
        """Return what is asked behind each kind of number, at any time."""
        wanted = self.query.findings
        on_primary = replace(wanted, lifecycle=Lifecycle.PRODUCTION.value)
        moments = {moment.value: replace(on_primary, moment=moment.value) for moment in Moment}
        lifecycles = {
            "found": Lifecycle.CHANGE_REQUEST,
            "shown": Lifecycle.SHOWN,
            "fixed_early": Lifecycle.FIXED_EARLY,
        }
        return moments | {
            name: replace(wanted, lifecycle=lifecycle.value)
            for name, lifecycle in lifecycles.items()
        }

    def _in_period(self, kind: str) -> str:
        wanted = replace(self._kinds()[kind], since=self.window.since, until=self.window.until)
        return query_of(wanted)


def in_project(address: str, name: str) -> str:
    """Return the end of an address, narrowed to one project."""
    return f"{address}&{urlencode({'repo': name})}"


def _span(since: datetime | None, until: datetime) -> str:
    span = {"since": since.isoformat()} if since else {}
    return urlencode({**span, "until": until.isoformat()})
