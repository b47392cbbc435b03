"""What the Dashboard's address asks for, and the addresses of the findings behind its numbers."""

from dataclasses import dataclass, replace

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
        return self._happened(Moment.OPENED)

    @property
    def fixed(self) -> str:
        """What was fixed."""
        return self._happened(Moment.FIXED)

    @property
    def ignored(self) -> str:
        """What was ignored."""
        return self._happened(Moment.IGNORED)

    @property
    def changed(self) -> str:
        """What was opened or closed."""
        return self._happened(Moment.CHANGED)

    @property
    def backlog(self) -> str:
        """What is undecided now."""
        return query_of(self._undecided())

    @property
    def found(self) -> str:
        """What was found in change requests."""
        return self._guarded(Lifecycle.CHANGE_REQUEST)

    @property
    def shown(self) -> str:
        """What was shown there."""
        return self._guarded(Lifecycle.SHOWN)

    @property
    def fixed_early(self) -> str:
        """What was fixed there."""
        return self._guarded(Lifecycle.FIXED_EARLY)

    def of_part(self, part: Part) -> dict[str, str]:
        """Return the addresses behind one row of the plots' tables."""
        here = replace(self, window=Window(bounds=(part.since, part.until), days=()))
        names = ("opened", "fixed", "ignored", "found", "shown", "fixed_early")
        links = {name: str(getattr(here, name)) for name in names}
        return links | {"backlog": here._happened(Moment.BACKLOG)}  # noqa: SLF001 its own class

    def of_severity(self, severity: int | None) -> str:
        """Return what is undecided now of one severity; of all for None."""
        wanted = self._undecided()
        return query_of(wanted if severity is None else replace(wanted, severities=(severity,)))

    def of_project(self, name: str, *, severity: int | None = None, product: str = "") -> str:
        """Return what is undecided now in one project, of one severity or product."""
        wanted = replace(self._undecided(), project_names=(name,))
        if severity is not None:
            wanted = replace(wanted, severities=(severity,))
        return query_of(replace(wanted, products=(product,)) if product else wanted)

    def _undecided(self) -> FindingFilter:
        return replace(
            self.query.findings,
            statuses=tuple(one.value for one in UNDECIDED),
            lifecycle=Lifecycle.PRODUCTION.value,
        )

    def _happened(self, moment: Moment) -> str:
        wanted = replace(
            self.query.findings,
            since=None if moment == Moment.BACKLOG else self.window.since,
            until=self.window.until,
            moment=moment.value,
            lifecycle=Lifecycle.PRODUCTION.value,
        )
        return query_of(wanted)

    def _guarded(self, lifecycle: Lifecycle) -> str:
        wanted = replace(
            self.query.findings,
            since=self.window.since,
            until=self.window.until,
            lifecycle=lifecycle.value,
        )
        return query_of(wanted)
