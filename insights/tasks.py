"""The week's recommended tasks: chosen once, kept for the week, and how far they have come.

A week begins on Monday in the organization's time zone. Who asks first in a week chooses its
tasks; they stay what they are, whoever asks. Where there was too little to recommend, later
findings fill the free places; a task that is there is never moved or replaced.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from findings.models import UNDECIDED, Finding, Product, ReportedRule, Status
from findings.texts import storable_text
from insights.models import RecommendedTask, TaskFinding
from insights.priorities import Bundle, ranked_bundles, recommendable
from insights.task_words import rationale_of, title_of
from tenants.models import Organization
from tenants.scope import current_organization_id, lock_for_transaction
from tenants.time_zones import zone_of

TASKS_A_WEEK = 3
LONGEST_KEY = 200
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
    """Return the running week's tasks, the most urgent first; none where there is nothing to do.

    Chooses them where that is not yet done.
    """
    organization = _organization()
    week = monday_of(now=now, time_zone=organization.time_zone)
    tasks = _facts(organization, week)
    if len(tasks) < TASKS_A_WEEK and _choose(week=week, now=now):
        tasks = _facts(organization, week)
    return tasks


def tasks_of_last_week(*, now: datetime) -> list[TaskFacts]:
    """Return last week's tasks with how far they have come by now; chooses none."""
    organization = _organization()
    week = monday_of(now=now, time_zone=organization.time_zone)
    return _facts(organization, week - ONE_WEEK)


def _organization() -> Organization:
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


def _choose(*, week: date, now: datetime) -> bool:
    """Fill the week's free places; return whether anything was added."""
    bundles = ranked_bundles(now=now, limit=TASKS_A_WEEK)
    if not _not_yet_chosen(bundles, week):
        return False
    with transaction.atomic():
        # Two processes may ask at the same moment: one chooses, the other finds it done.
        lock_for_transaction("insights.tasks", current_organization_id())
        fresh = _not_yet_chosen(bundles, week)
        _store(fresh, week=week, now=now)
    return bool(fresh)


def _not_yet_chosen(bundles: Sequence[Bundle], week: date) -> dict[int, Bundle]:
    """Return the bundles for which the week has room, by the ranks that they get."""
    chosen = list(RecommendedTask.objects.filter(week=week).order_by("rank"))
    taken = {(task.project_id, task.key) for task in chosen}
    free = [rank for rank in range(1, TASKS_A_WEEK + 1) if rank not in {t.rank for t in chosen}]
    fresh = [one for one in bundles if (one.project_id, _key(one)) not in taken]
    return dict(zip(free, fresh, strict=False))


def _store(bundles: Mapping[int, Bundle], *, week: date, now: datetime) -> None:
    rules = ReportedRule.objects.in_bulk([bundle.sample_rule_id for bundle in bundles.values()])
    for rank, bundle in bundles.items():
        rule = rules[bundle.sample_rule_id]
        title = title_of(bundle, check_id=rule.check_id, metadata=rule.metadata)
        task = RecommendedTask.objects.create(
            week=week,
            rank=rank,
            key=_key(bundle),
            project_id=bundle.project_id,
            product=bundle.product,
            title=storable_text(title),
            rationale=storable_text(rationale_of(bundle, now=now)),
            score=bundle.score,
            created_at=now,
        )
        TaskFinding.objects.bulk_create(
            [TaskFinding(task=task, finding_id=finding_id) for finding_id in _ids_of(bundle)],
            batch_size=3000,
        )


def _ids_of(bundle: Bundle) -> QuerySet[Finding, int]:
    is_member = Q(
        project_id=bundle.project_id,
        product=bundle.product,
        remedy=bundle.remedy,
        folder=bundle.folder,
    )
    findings = recommendable().filter(is_member)
    ids: QuerySet[Finding, int] = findings.values_list("id", flat=True)
    return ids


def _key(bundle: Bundle) -> str:
    """Return a bundle's key, short enough for its column."""
    if len(bundle.key) <= LONGEST_KEY:
        return bundle.key
    return hashlib.sha256(bundle.key.encode()).hexdigest()
