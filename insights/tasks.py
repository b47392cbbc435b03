"""The week's recommended tasks, as they are stored, and how far they have come.

A week begins on Monday in the organization's time zone. Reading chooses none: choosing.py does.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q
from django.urls import reverse

from findings.models import UNDECIDED, Product, Status
from insights.models import RecommendedTask
from tenants.models import Organization
from tenants.scope import current_organization_id
from tenants.time_zones import zone_of

ONE_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFacts:
    """A recommended task, and how many of its findings are closed; `url` is without a host."""

    id: int
    title: str
    product: Product
    project_name: str
    rationale: str
    open_count: int
    done_count: int
    url: str

    @property
    def total(self) -> int:
        """How many findings it bundles."""
        return self.open_count + self.done_count

    @property
    def is_done(self) -> bool:
        """Whether all of them are closed."""
        return self.open_count == 0


def monday_of(*, now: datetime, time_zone: str) -> date:
    """Return the Monday of the week of `now`, in a time zone; UTC where its name is not known."""
    today = now.astimezone(zone_of(time_zone)).date()
    return today - timedelta(days=today.weekday())


def tasks_of_week(*, now: datetime) -> list[TaskFacts]:
    """Return the running week's tasks, the most urgent first; none before any was chosen."""
    organization = organization_in_scope()
    return _facts(organization, monday_of(now=now, time_zone=organization.time_zone))


def tasks_of_last_week(*, now: datetime) -> list[TaskFacts]:
    """Return last week's tasks with how far they have come by now."""
    organization = organization_in_scope()
    week = monday_of(now=now, time_zone=organization.time_zone)
    return _facts(organization, week - ONE_WEEK)


def organization_in_scope() -> Organization:
    """Return the organization whose weeks these are."""
    return Organization.objects.get(pk=current_organization_id())


def _facts(organization: Organization, week: date) -> list[TaskFacts]:
    is_open = Q(members__finding__status__in=UNDECIDED)
    # What a scan did not look for any more is no progress, and no list shows it.
    is_there = ~Q(members__finding__status=Status.REMOVED)
    tasks = (
        RecommendedTask.objects.filter(week=week)
        .select_related("project")
        .annotate(total=Count("members", filter=is_there), open=Count("members", filter=is_open))
        .filter(total__gt=0)
        .order_by("rank")
    )
    return [
        TaskFacts(
            id=task.pk,
            title=task.title,
            product=Product(task.product),
            project_name=task.project.name,
            rationale=task.rationale,
            open_count=task.open,
            done_count=task.total - task.open,
            url=_url(organization, task),
        )
        for task in tasks
    ]


def _url(organization: Organization, task: RecommendedTask) -> str:
    path = reverse("console:findings", args=[organization.slug])
    return f"{path}?status=all&task={task.pk}"
