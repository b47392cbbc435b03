"""Choosing the week's tasks: by a worker, after scans and when a week begins.

The ranking reads all that is undecided, which takes seconds where that is much: nobody waits for
it. What is chosen stays for the week; where there was too little to recommend, later findings fill
the free places, and a task that is there is never moved or replaced.

The row of TaskChoice says that there is something to choose. It gathers the scans of a moment, is
claimed by one worker at a time, and outlives messages and workers.
"""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from findings.models import Finding, ReportedRule
from findings.texts import storable_text
from insights.announcements import choice_wanted
from insights.models import RecommendedTask, TaskChoice, TaskFinding
from insights.priorities import Bundle, ranked_bundles, recommendable
from insights.task_words import rationale_of, title_of
from insights.tasks import TaskFacts, monday_of, organization_in_scope, tasks_of_week
from tenants import jobs
from tenants.announcements import announce
from tenants.jobs import LIVE, JobStatus
from tenants.scope import current_organization_id, lock_for_transaction

TASKS_A_WEEK = 3
LONGEST_KEY = 200
SCANS_GATHER_FOR = timedelta(seconds=30)
# For what no scan brings: decisions that are taken back, verdicts, announcements that were lost.
LOOK_AGAIN_AFTER = timedelta(hours=1)


def want_choice_after_scan(*, now: datetime) -> None:
    """Ask for the week's free places to be filled, together with what comes in a moment."""
    if _has_free_places(_week(now)):
        _want(at=now + SCANS_GATHER_FOR)


def want_choice_when_due(*, now: datetime) -> None:
    """Ask for it where the week has begun, or was looked at long ago; for the sweep."""
    week = _week(now)
    if not _has_free_places(week):
        return
    choice = TaskChoice.objects.first()
    if choice is None or not (
        choice.status in LIVE or (_was_made_in(week, choice) and _is_recent(choice, now))
    ):
        _want(at=now)


def is_chosen(*, now: datetime) -> bool:
    """Say whether somebody has looked in this week what there is to do, and nobody is about to."""
    choice = TaskChoice.objects.filter(status=JobStatus.DONE).first()
    return choice is not None and _was_made_in(_week(now), choice)


def chosen_tasks(*, now: datetime) -> list[TaskFacts]:
    """Return the week's tasks; where there is none, choose first. Takes its time: for workers."""
    tasks = tasks_of_week(now=now)
    if not tasks:
        choose_tasks(now=now)
        tasks = tasks_of_week(now=now)
    return tasks


@transaction.atomic
def choose_tasks(*, now: datetime) -> None:
    """Fill the week's free places with what is most urgent now."""
    # A mail may be written while the row is worked on: one ranks, the other finds it done.
    lock_for_transaction("insights.tasks", current_organization_id())
    week = _week(now)
    chosen = list(RecommendedTask.objects.filter(week=week))
    ranks = {task.rank for task in chosen}
    free = [rank for rank in range(1, TASKS_A_WEEK + 1) if rank not in ranks]
    if free:
        taken = {(task.project_id, task.key) for task in chosen}
        bundles = ranked_bundles(now=now, limit=TASKS_A_WEEK)
        fresh = [one for one in bundles if (one.project_id, _key(one)) not in taken]
        _store(dict(zip(free, fresh, strict=False)), week=week, now=now)


@transaction.atomic
def _want(*, at: datetime) -> None:
    choice, is_new = TaskChoice.objects.get_or_create(defaults={"next_attempt_at": at})
    if choice.status == JobStatus.WAITING and not is_new:
        return  # who does it will find what came since, and has been sent for
    if not is_new:
        jobs.want(TaskChoice, job_ids=[choice.pk], at=at)
    announce(choice_wanted, choice_ids=[choice.pk])


def _has_free_places(week: date) -> bool:
    return RecommendedTask.objects.filter(week=week).count() < TASKS_A_WEEK


def _was_made_in(week: date, choice: TaskChoice) -> bool:
    return choice.finished_at is not None and _week(choice.finished_at) == week


def _is_recent(choice: TaskChoice, now: datetime) -> bool:
    return choice.finished_at is not None and choice.finished_at > now - LOOK_AGAIN_AFTER


def _week(now: datetime) -> date:
    return monday_of(now=now, time_zone=organization_in_scope().time_zone)


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
