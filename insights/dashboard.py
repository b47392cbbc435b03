"""What the Dashboard shows of one period: two passes over the findings, however many.

The figures of backlog and activity are about primary branches, those of guardrails about change
requests. What opened, fixed and ignored mean, insights/moments.py says; the backlog of the past
follows from today's and from what happened since.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    FloatField,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, Extract, Floor, Greatest

from findings.models import Finding, Scan, ScanKind, Status
from insights.dashboard_figures import Adoption, Dashboard, OpenAge, Part, ProjectBacklog
from insights.filters import FindingFilter, Lifecycle
from insights.moments import IGNORED, closed_at, is_fixed_early, is_shown
from insights.periods import Window
from insights.search import search
from tenants.models import Project

MOST_PROJECTS = 8
_DAY = timedelta(days=1)
# One pass over the findings, grouped in four ways; a bit of `grouping` is 0 for what it names.
_MOVED = """
    SELECT grouping(opened, closed, closed_as, project, age_days), opened, closed, closed_as,
        project, product, severity, age_days, count(*)
    FROM ({}) AS moved (opened, closed, closed_as, project, product, severity, age_days)
    GROUP BY GROUPING SETS (
        (opened), (closed, closed_as), (closed_as, project, product, severity),
        (closed_as, severity, age_days))
"""
_BY_OPENED, _BY_CLOSED, _BY_PROJECT, _BY_AGE = 0b01111, 0b10011, 0b11001, 0b11010
_GUARDED = """
    SELECT opened, count(*), count(*) FILTER (WHERE is_shown),
        count(*) FILTER (WHERE is_fixed_early)
    FROM ({}) AS found (opened, is_shown, is_fixed_early) GROUP BY opened
"""


@dataclass(slots=True, kw_only=True)
class _Moved:
    """How many were opened and closed by part, and what is undecided by project."""

    opened: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    fixed: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    ignored: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    severities: dict[int, dict[int, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )
    products: dict[int, dict[str, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )
    ages: dict[int | None, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    """How many have been open for so many whole days, by severity; None: all."""


def dashboard(wanted: FindingFilter, *, window: Window, now: datetime) -> Dashboard:
    """Return the figures of the findings that `wanted` describes, in a period.

    Of `wanted` count projects, products, severities and confidences.
    """
    moved = _moved(wanted, window, now)
    projects = {project: sum(counts.values()) for project, counts in moved.severities.items()}
    return Dashboard(
        window=window,
        parts=_parts(moved, _guarded(wanted, window), window, backlog=sum(projects.values())),
        projects=_most(moved, projects),
        project_count=len(projects),
        ages=_ages(moved.ages),
        adoption=_adoption(wanted, window),
    )


def _moved(wanted: FindingFilter, window: Window, now: datetime) -> _Moved:
    findings = (
        _rows(replace(wanted, lifecycle=Lifecycle.PRODUCTION.value))
        .annotate(
            opened=_part_of("relevant_since", window),
            closed=_part_of(closed_at(), window),
            closed_as=Case(
                When(status=Status.FIXED, then=Value("fixed")),
                When(status__in=IGNORED, then=Value("ignored")),
                default=Value(""),
                output_field=CharField(),
            ),
            age_days=_whole_days_since("relevant_since", now),
        )
        .values_list(
            "opened", "closed", "closed_as", "project_id", "product", "severity", "age_days"
        )
    )
    found = _Moved()
    closed = {"fixed": found.fixed, "ignored": found.ignored}
    for kind, part, closed_in, how, project, product, severity, days, count in _grouped(
        _MOVED, findings
    ):
        if kind == _BY_OPENED:
            found.opened[part] += count
        elif kind == _BY_CLOSED and how:
            closed[how][closed_in] += count
        elif kind == _BY_PROJECT and not how:
            found.severities[project][severity] += count
            found.products[project][product] += count
        elif kind == _BY_AGE and not how:
            found.ages[severity][days] += count
            found.ages[None][days] += count
    return found


def _guarded(wanted: FindingFilter, window: Window) -> dict[int, tuple[int, int, int]]:
    """Return how many were found in change requests, shown there and fixed there, by part."""
    asked = replace(
        wanted,
        lifecycle=Lifecycle.CHANGE_REQUEST.value,
        since=window.since,
        until=window.until,
    )
    findings = (
        _rows(asked)
        .annotate(
            opened=_part_of("relevant_since", window),
            is_shown=is_shown(),
            is_fixed_early=ExpressionWrapper(is_fixed_early(), output_field=BooleanField()),
        )
        .values_list("opened", "is_shown", "is_fixed_early")
    )
    return {
        part: (found, shown, fixed) for part, found, shown, fixed in _grouped(_GUARDED, findings)
    }


def _ages(days: Mapping[int | None, Counter[int]]) -> list[OpenAge]:
    ages = [
        OpenAge(severity=severity, count=counts.total(), days=_median(counts))
        for severity, counts in days.items()
    ]
    return sorted(ages, key=lambda one: -1 if one.severity is None else one.severity, reverse=True)


def _median(counts: Counter[int]) -> float:
    """Return the median of values that are given with how often each occurs."""
    total, passed = counts.total(), 0
    middle = []
    for value, count in sorted(counts.items()):
        # The two in the middle; of an odd number both are the same one.
        middle += [value for place in ((total - 1) // 2, total // 2) if 0 <= place - passed < count]
        passed += count
    return sum(middle) / 2


def _adoption(wanted: FindingFilter, window: Window) -> Adoption:
    scans = Scan.objects.filter(started_at__gte=window.since, project__is_archived=False)
    if wanted.project_names:
        scans = scans.filter(project__name__in=wanted.project_names)
    is_guarded = Q(kind=ScanKind.DIFF) & ~Q(change_request="")
    counts = scans.aggregate(
        scanned=Count("project", distinct=True),
        guarded=Count("project", distinct=True, filter=is_guarded),
    )
    return Adoption(**counts)


def _parts(
    moved: _Moved,
    guarded: Mapping[int, tuple[int, int, int]],
    window: Window,
    *,
    backlog: int,
) -> list[Part]:
    """Return the parts; `backlog` is today's, from which that of each earlier part follows."""
    parts: list[Part] = []
    for number in range(len(window.bounds) - 1, 0, -1):
        found, shown, fixed_early = guarded.get(number, (0, 0, 0))
        part = Part(
            since=window.bounds[number - 1],
            until=window.bounds[number],
            first_day=window.days[number - 1],
            last_day=window.days[number] - _DAY,
            opened=moved.opened[number],
            fixed=moved.fixed[number],
            ignored=moved.ignored[number],
            backlog=backlog,
            found=found,
            shown=shown,
            fixed_early=fixed_early,
        )
        parts.append(part)
        backlog -= part.net
    return parts[::-1]


def _most(moved: _Moved, totals: Mapping[int, int]) -> list[ProjectBacklog]:
    """Return the projects with the most undecided findings."""
    most = sorted(totals, key=lambda project: (-totals[project], project))[:MOST_PROJECTS]
    names = dict(Project.objects.filter(pk__in=most).values_list("pk", "name"))
    return [
        ProjectBacklog(
            name=names[project],
            severities=dict(moved.severities[project]),
            products=dict(moved.products[project]),
        )
        for project in most
    ]


def _rows(wanted: FindingFilter) -> QuerySet[Finding]:
    return search(wanted).select_related(None).order_by()


def _part_of(moment: Any, window: Window) -> Func:
    """Return the number of a window's part, from 1; 0 and one too many are outside."""
    bounds = Value(list(window.bounds), output_field=ArrayField(DateTimeField()))
    return Func(moment, bounds, function="width_bucket", output_field=IntegerField())


def _whole_days_since(field_name: str, now: datetime) -> Func:
    open_for = ExpressionWrapper(Value(now) - F(field_name), output_field=DurationField())
    days = ExpressionWrapper(Extract(open_for, "epoch") / 86400.0, output_field=FloatField())
    return Greatest(Cast(Floor(days), IntegerField()), 0)


def _grouped(statement: str, findings: QuerySet[Any]) -> Sequence[tuple[Any, ...]]:
    """Run a statement over the columns of `findings`: the ORM knows no grouping sets."""
    sql, parameters = findings.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(statement.format(sql), parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
