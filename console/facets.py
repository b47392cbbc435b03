"""The controls around the list of findings: each knows its count and the address it leads to."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from findings.models import ComponentRisk, Conclusion, Confidence, Product, Severity, Status
from insights.filters import (
    CONFIDENCES,
    NOT_ANALYZED,
    SEVERITIES,
    SHOWN_STATUSES,
    FindingFilter,
    Lifecycle,
    Moment,
)
from insights.search import Counts
from tenants.models import Project
from triage.components import HIGH_RISK, LOW_RISK

RECOMMENDATIONS = {
    Conclusion.TRUE_POSITIVE.value: "Fix",
    Conclusion.FALSE_POSITIVE.value: "Ignore",
    Conclusion.NEEDS_REVIEW.value: "Needs review",
    NOT_ANALYZED: "Not analyzed",
}
COMPONENTS: Mapping[ComponentRisk, Sequence[str]] = {
    ComponentRisk.HIGH: HIGH_RISK,
    ComponentRisk.LOW: LOW_RISK,
    ComponentRisk.NEUTRAL: (),
}
TAB_STATUSES = (Status.OPEN, Status.REVIEWING, Status.FIXING, Status.IGNORED, Status.FIXED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One value of a filter; `count` is None where it is not known."""

    name: str
    value: str
    label: str
    is_selected: bool
    count: int | None = None

    @property
    def element_id(self) -> str:
        """An id for its check box: htmx finds the focus again by it."""
        return f"filter-{self.name}-{zlib.crc32(self.value.encode()):08x}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One filter with its values."""

    label: str
    options: tuple[Option, ...]
    is_open: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A group of components: the group itself, and what is in it."""

    option: Option
    options: tuple[Option, ...]
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address with its label; `query` begins with a question mark or is blank."""

    label: str
    query: str
    count: int | None = None
    is_current: bool = False


def query_of(wanted: FindingFilter, cursor: str = "") -> str:
    """Return the filter, and the place in the list, as the end of an address."""
    query = wanted.to_query()
    if cursor:
        query["cursor"] = cursor
    return f"?{query.urlencode()}"


def tabs_of(wanted: FindingFilter, counts: Counts | None) -> list[Link]:
    """Return the statuses that are one click away, and all of them together."""
    tabs = [
        Link(
            label=status.label,
            query=query_of(replace(wanted, statuses=(status.value,))),
            count=counts.statuses.get(status.value, 0) if counts else None,
            is_current=wanted.statuses == (status.value,),
        )
        for status in TAB_STATUSES
    ]
    everything = Link(
        label="All",
        query=query_of(replace(wanted, statuses=())),
        count=sum(counts.statuses.values()) if counts else None,
        is_current=not wanted.statuses,
    )
    return [*tabs, everything]


def facets_of(
    wanted: FindingFilter, counts: Counts | None, projects: Sequence[Project]
) -> list[Facet]:
    """Return the filters whose values stand in a plain list."""
    severities = tuple(
        Option(
            name="severity",
            value=name,
            label=Severity(value).label,
            is_selected=value in wanted.severities,
            count=counts.severities.get(str(value), 0) if counts else None,
        )
        for name, value in SEVERITIES.items()
    )
    recommendations = tuple(
        Option(
            name="recommendation",
            value=value,
            label=label,
            is_selected=value in wanted.verdicts,
            count=counts.verdicts.get(value, 0) if counts else None,
        )
        for value, label in RECOMMENDATIONS.items()
    )
    confidences = tuple(
        Option(
            name="confidence",
            value=name,
            label=Confidence(value).label,
            is_selected=value in wanted.confidences,
        )
        for name, value in CONFIDENCES.items()
    )
    return [
        Facet(label="Product", options=_products(wanted, counts)),
        Facet(label="Severity", options=severities),
        Facet(label="Recommendation", options=recommendations),
        Facet(label="Project", options=_projects(wanted, counts, projects)),
        Facet(label="Rule confidence", options=confidences, is_open=bool(wanted.confidences)),
    ]


def branches_of(
    wanted: FindingFilter, components: Mapping[ComponentRisk, Sequence[str]]
) -> list[Branch]:
    """Return the components in their risk groups."""
    return [
        Branch(
            option=Option(
                name="risk", value=risk.value, label=risk.label, is_selected=risk in wanted.risks
            ),
            options=tuple(
                Option(name="component", value=tag, label=tag, is_selected=tag in wanted.components)
                for tag in tags
            ),
            is_open=any(tag in wanted.components for tag in tags),
        )
        for risk, tags in components.items()
    ]


def chips_of(wanted: FindingFilter, *, memory: str = "") -> list[Link]:
    """Return what is asked besides the lists, each with the address without it.

    `memory` is the text of the memory that is asked for, where it is known.
    """
    chips = [
        Link(
            label=f"Rule {rule}",
            query=query_of(
                replace(wanted, rules=tuple(other for other in wanted.rules if other != rule))
            ),
        )
        for rule in wanted.rules
    ]
    if wanted.ref:
        chips.append(Link(label=f"Branch {wanted.ref}", query=query_of(replace(wanted, ref=""))))
    if wanted.path:
        chips.append(Link(label=f"Path {wanted.path}", query=query_of(replace(wanted, path=""))))
    chips.extend(_chips_of_time(wanted))
    if wanted.memory_id is not None:
        label = f"Memory: {memory or wanted.memory_id}"
        chips.append(Link(label=label, query=query_of(replace(wanted, memory_id=None))))
    if wanted.task_id is not None:
        label = "A recommended task"
        chips.append(Link(label=label, query=query_of(replace(wanted, task_id=None))))
    return chips


def _chips_of_time(wanted: FindingFilter) -> list[Link]:
    """Return the time that is asked for, with what happened in it, and the lifecycle."""
    chips = []
    if wanted.since or wanted.until or wanted.moment != Moment.OPENED:
        since = f" since {wanted.since:%Y-%m-%d %H:%M}" if wanted.since else ""
        until = f" before {wanted.until:%Y-%m-%d %H:%M}" if wanted.until else ""
        zone = " UTC" if since or until else ""
        rest = replace(wanted, since=None, until=None, moment=Moment.OPENED.value)
        label = f"{Moment(wanted.moment).label}{since}{until}{zone}"
        chips.append(Link(label=label, query=query_of(rest)))
    if wanted.lifecycle:
        label = str(Lifecycle(wanted.lifecycle).label)
        chips.append(Link(label=label, query=query_of(replace(wanted, lifecycle=""))))
    return chips


def total_of(wanted: FindingFilter, counts: Counts | None) -> int | None:
    """Return how many findings the whole list holds, where the kept counts know it."""
    if counts is None:
        return None
    return sum(counts.statuses.get(status, 0) for status in wanted.statuses or SHOWN_STATUSES)


def _products(wanted: FindingFilter, counts: Counts | None) -> tuple[Option, ...]:
    return tuple(
        Option(
            name="product",
            value=product.value,
            label=product.label,
            is_selected=product.value in wanted.products,
            count=counts.products.get(product.value, 0) if counts else None,
        )
        for product in Product
    )


def _projects(
    wanted: FindingFilter, counts: Counts | None, projects: Sequence[Project]
) -> tuple[Option, ...]:
    return tuple(
        Option(
            name="repo",
            value=project.name,
            label=project.name,
            is_selected=project.name in wanted.project_names,
            count=counts.projects.get(str(project.pk), 0) if counts else None,
        )
        for project in projects
    )
