"""The Dashboard's numbers with the addresses of the findings behind them, as pages list them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.dashboard_plots import name_of
from console.dashboard_query import DashboardQuery, Links, in_project
from findings.models import Product, Severity
from insights.dashboard_figures import Dashboard, OpenAge, Part, ProjectBacklog
from insights.filters import SEVERITIES


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """A row of the tables behind the plots."""

    name: str
    part: Part
    links: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A severity or a product; `key` is its word in addresses and style sheets."""

    label: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A number with its address."""

    column: Column
    count: int
    link: str
    x: float = 0
    width: float = 0
    """Where its piece of a bar begins and how long it is, in percent of the longest bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRow:
    """A project with its undecided findings, split by severity or product."""

    name: str
    total: int
    link: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeRow:
    """How long findings of one severity, or all, have been open."""

    severity: int | None
    label: str
    count: int
    days: float
    link: str


def part_rows(found: Dashboard, links: Links) -> list[PartRow]:
    """Return the parts of the period, the newest first."""
    newest_first = found.parts[::-1]
    return [
        PartRow(name=name_of(part), part=part, links=addresses)
        for part, addresses in zip(newest_first, links.of_parts(newest_first), strict=True)
    ]


def project_rows(found: Dashboard, columns: Sequence[Column], links: Links) -> list[ProjectRow]:
    """Return the projects with the most undecided findings."""
    most = max((project.total for project in found.projects), default=0)
    # Many cells: what is the same in all projects is written once.
    everything = links.of_any_project()
    addresses = {column.key: _address_of(column, links) for column in columns}
    return [
        ProjectRow(
            name=project.name,
            total=project.total,
            link=in_project(everything, project.name),
            cells=_cells(project, columns, addresses, most=most),
        )
        for project in found.projects
    ]


def age_rows(ages: Sequence[OpenAge], links: Links) -> list[AgeRow]:
    """Return the median ages with their findings."""
    return [
        AgeRow(
            severity=age.severity,
            label="All" if age.severity is None else str(Severity(age.severity).label),
            count=age.count,
            days=age.days,
            link=links.of_severity(age.severity),
        )
        for age in ages
    ]


def columns_of(found: Dashboard, query: DashboardQuery) -> list[Column]:
    """Return the severities or products of which some project has a finding."""
    if query.is_by_product:
        kinds = {kind for project in found.projects for kind in project.products}
        return [Column(label=str(one.label), key=one.value) for one in Product if one in kinds]
    severities = {one for project in found.projects for one in project.severities}
    return [
        Column(label=str(Severity(value).label), key=name)
        for name, value in SEVERITIES.items()
        if value in severities
    ]


def _address_of(column: Column, links: Links) -> str:
    severity = SEVERITIES.get(column.key)
    return links.of_any_project(
        severity=severity, product="" if severity is not None else column.key
    )


def _cells(
    project: ProjectBacklog, columns: Sequence[Column], addresses: Mapping[str, str], *, most: int
) -> list[Cell]:
    cells, x = [], 0.0
    for column in columns:
        severity = SEVERITIES.get(column.key)
        if severity is None:
            count = project.products.get(column.key, 0)
        else:
            count = project.severities.get(severity, 0)
        width = round(100 * count / most, 2)
        link = in_project(addresses[column.key], project.name)
        cells.append(Cell(column=column, count=count, link=link, x=round(x, 2), width=width))
        x += width
    return cells
