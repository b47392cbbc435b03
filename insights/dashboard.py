"""What the Dashboard shows of one period: few passes over the findings, however many.

The figures of backlog and activity are about primary branches, those of guardrails about change
requests. What opened, fixed and ignored mean, insights/moments.py says; the backlog of the past
follows from today's and from what happened since. Each pass reads one index alone,
`finding_on_primary` or `finding_found_early`, which holds all that is asked here: what it lacks
would be looked up row by row.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast, Extract, Greatest

from findings.models import UNDECIDED, Finding, Scan, ScanKind, Status
from insights.dashboard_figures import Adoption, Dashboard, OpenAge, Part, ProjectBacklog
from insights.filters import FindingFilter, Lifecycle
from insights.moments import CLOSED, IS_FIXED_EARLY, IS_SHOWN_EARLY
from insights.periods import Window
from insights.search import search
from tenants.models import Project

MOST_PROJECTS = 8
_DAY = timedelta(days=1)
_ROW = Value(1)
# One pass over what is undecided, grouped in two ways: the ORM knows no grouping sets.
_UNDECIDED = """
    SELECT grouping(project), project, product, severity, age_days, count(*)
    FROM ({}) AS undecided (project, product, severity, age_days)
    GROUP BY GROUPING SETS ((project, product, severity), (severity, age_days))
"""


@dataclass(slots=True, kw_only=True)
class _Backlog:
    """How many are undecided, in two ways."""

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
    backlog = _backlog(wanted, now)
    projects = {project: sum(counts.values()) for project, counts in backlog.severities.items()}
    return Dashboard(
        window=window,
        parts=_parts(
            _opened(wanted, window),
            _closed(wanted, window),
            _guarded(wanted, window),
            window,
            backlog=sum(projects.values()),
        ),
        projects=_most(backlog, projects),
        project_count=len(projects),
        ages=_ages(backlog.ages),
        adoption=_adoption(wanted, window),
    )


def _opened(wanted: FindingFilter, window: Window) -> Counter[int]:
    """Return how many were opened, by the number of the part."""
    counts = _in_window(wanted, Lifecycle.PRODUCTION, window).annotate(count=Count("*"))
    return Counter(dict(counts))


def _guarded(wanted: FindingFilter, window: Window) -> dict[int, tuple[int, int, int]]:
    """Return how many were found in change requests, shown there and fixed there, by part."""
    counts = _in_window(wanted, Lifecycle.CHANGE_REQUEST, window).annotate(
        found=Count("*"),
        shown=Count(_ROW, filter=IS_SHOWN_EARLY),
        fixed=Count(_ROW, filter=IS_FIXED_EARLY),
    )
    return {part: (found, shown, fixed) for part, found, shown, fixed in counts}


def _in_window(
    wanted: FindingFilter, lifecycle: Lifecycle, window: Window
) -> QuerySet[Finding, tuple[Any, ...]]:
    """Return the number of the part in which each of these came."""
    asked = replace(wanted, lifecycle=lifecycle.value, since=window.since, until=window.until)
    return _rows(asked).values_list(_part_of("relevant_since", window))


def _closed(wanted: FindingFilter, window: Window) -> tuple[Counter[int], Counter[int]]:
    """Return how many were fixed, and how many ignored, by the number of the part."""
    on_primary = replace(
        wanted,
        lifecycle=Lifecycle.PRODUCTION.value,
        statuses=tuple(one.value for one in CLOSED),
    )
    counts = (
        _rows(on_primary)
        .filter(closed_at__gte=window.since, closed_at__lt=window.until)
        .values_list("status", _part_of("closed_at", window))
        .annotate(count=Count("*"))
    )
    fixed: Counter[int] = Counter()
    ignored: Counter[int] = Counter()
    for status, part, count in counts:
        (fixed if status == Status.FIXED else ignored)[part] += count
    return fixed, ignored


def _backlog(wanted: FindingFilter, now: datetime) -> _Backlog:
    undecided = replace(
        wanted,
        lifecycle=Lifecycle.PRODUCTION.value,
        statuses=tuple(one.value for one in UNDECIDED),
    )
    columns = _rows(undecided).values_list(
        "project_id", "product", "severity", _whole_days_since("relevant_since", now)
    )
    sql, parameters = columns.query.sql_with_params()
    found = _Backlog()
    with connection.cursor() as cursor:
        cursor.execute(_UNDECIDED.format(sql), parameters)
        for is_age, project, product, severity, days, count in cursor:
            if is_age:
                found.ages[severity][days] += count
                found.ages[None][days] += count
            else:
                found.severities[project][severity] += count
                found.products[project][product] += count
    return found


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
    opened: Counter[int],
    closed: tuple[Counter[int], Counter[int]],
    guarded: Mapping[int, tuple[int, int, int]],
    window: Window,
    *,
    backlog: int,
) -> list[Part]:
    """Return the parts; `backlog` is today's, from which that of each earlier part follows."""
    fixed, ignored = closed
    parts: list[Part] = []
    for number in range(len(window.bounds) - 1, 0, -1):
        found, shown, fixed_early = guarded.get(number, (0, 0, 0))
        part = Part(
            since=window.bounds[number - 1],
            until=window.bounds[number],
            first_day=window.days[number - 1],
            last_day=window.days[number] - _DAY,
            opened=opened[number],
            fixed=fixed[number],
            ignored=ignored[number],
            backlog=backlog,
            found=found,
            shown=shown,
            fixed_early=fixed_early,
        )
        parts.append(part)
        backlog -= part.net
    return parts[::-1]


def _most(backlog: _Backlog, totals: Mapping[int, int]) -> list[ProjectBacklog]:
    """Return the projects with the most undecided findings."""
    most = sorted(totals, key=lambda project: (-totals[project], project))[:MOST_PROJECTS]
    names = dict(Project.objects.filter(pk__in=most).values_list("pk", "name"))
    return [
        ProjectBacklog(
            name=names[project],
            severities=dict(backlog.severities[project]),
            products=dict(backlog.products[project]),
        )
        for project in most
    ]


def _rows(wanted: FindingFilter) -> QuerySet[Finding]:
    return search(wanted).select_related(None).order_by()


def _part_of(moment: Any, window: Window) -> Func:
    """Return the number of a window's part, from 1; 0 and one too many are outside."""
    bounds = Value(list(window.bounds), output_field=ArrayField(DateTimeField()))
    return Func(moment, bounds, function="width_bucket", output_field=IntegerField())


def _whole_days_since(field_name: str, now: datetime) -> Greatest:
    # The interval between two moments counts days of 24 hours; seconds would be computed with as
    # numeric, which takes longer than all the rest.
    open_for = ExpressionWrapper(Value(now) - F(field_name), output_field=DurationField())
    return Greatest(Cast(Extract(open_for, "day"), IntegerField()), 0)
