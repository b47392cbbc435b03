"""The durable queue: stage rows, claimed by workers for a time, and the messages about them.

A row exists before its message does. `next_attempt_at` is when somebody should look again: for a
waiting row, when its message must be taken for lost; for a running one, when its claim lapses.
"""

import contextlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from celery import Task
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest
from kombu.exceptions import OperationalError

from pipeline.models import Stage, StageRun, StageStatus
from tenants.scope import current_organization_id

MESSAGE_LOST_AFTER = timedelta(seconds=settings.MESSAGE_LOST_AFTER_SECONDS)
CLAIM_LAPSES_AFTER = timedelta(seconds=settings.CLAIM_LAPSES_AFTER_SECONDS)
LIVE = (StageStatus.WAITING, StageStatus.RUNNING)

logger = logging.getLogger(__name__)


def send(task: "Task[..., None]", *, delay_seconds: float = 0, **ids: int) -> bool:
    """Queue a task for the organization in scope; say whether the broker took the message.

    A broker that is away is no error: the row is there, and the sweep will send another message.
    """
    try:
        task.apply_async(
            kwargs={"organization_id": current_organization_id(), **ids},
            countdown=delay_seconds,
            retry=False,
        )
    except OperationalError:
        logger.warning("pipeline.message.not_sent task=%s ids=%s", task.name, ids)
        return False
    return True


def send_once(task: "Task[..., None]", *, delay_seconds: float = 0) -> bool:
    """Queue a task for the organization in scope, unless a message for it waits already.

    For a task that looks for all that is due, after it called `note_begun`: what is stored until
    then, the message that waits will find, and what is stored later sends another.
    """
    with contextlib.suppress(Exception):  # a cache that is away only costs a message too many
        if not cache.add(_waiting(task), 1, timeout=settings.MESSAGE_LOST_AFTER_SECONDS):
            return True
    is_sent = send(task, delay_seconds=delay_seconds)
    if not is_sent:
        note_begun(task)
    return is_sent


def note_begun(task: "Task[..., None]") -> None:
    """Let what is stored from now on send another message for a task of `send_once`."""
    with contextlib.suppress(Exception):  # as above; the mark goes by itself after a while
        cache.delete(_waiting(task))


def _waiting(task: "Task[..., None]") -> str:
    return f"waiting:{task.name}:{current_organization_id()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What brought work about: a scan, or a person where `scan_id` is None; and how it is done."""

    scan_id: int | None
    priority: int
    is_fresh: bool = False
    follow_up: bool = True
    asked_at: datetime | None = None
    """When it was asked for; None: at the moment."""

    @classmethod
    def of(cls, run: StageRun) -> "Occasion":
        """Return that of a row, for the rows that follow from it."""
        return cls(
            scan_id=run.scan_id,
            priority=run.priority,
            is_fresh=run.is_fresh,
            follow_up=run.follow_up,
        )


@transaction.atomic
def add_runs(
    *, stage: Stage, occasion: Occasion, finding_ids: Sequence[int], now: datetime
) -> None:
    """Write down that a stage is to be done for findings.

    A row that waits takes on what is asked. One that began before it was asked may have read what
    has changed since, so it begins again once it is over: nothing that was asked for is lost.
    """
    _join(stage=stage, occasion=occasion, finding_ids=finding_ids, now=now)
    StageRun.objects.bulk_create(
        [
            StageRun(
                stage=stage,
                scan_id=occasion.scan_id,
                finding_id=finding_id,
                priority=occasion.priority,
                is_fresh=occasion.is_fresh,
                follow_up=occasion.follow_up,
                next_attempt_at=now,
            )
            for finding_id in finding_ids
        ],
        ignore_conflicts=True,
        batch_size=2000,
    )


def _join(*, stage: Stage, occasion: Occasion, finding_ids: Sequence[int], now: datetime) -> None:
    """Add what is asked to the rows that wait or run already."""
    # A claim lapses that long after it began.
    is_too_early = Q(next_attempt_at__lte=(occasion.asked_at or now) + CLAIM_LAPSES_AFTER)
    if occasion.is_fresh:
        is_too_early |= Q(is_fresh=False)
    changes: dict[str, object] = {
        "is_wanted_again": Case(
            When(is_too_early, status=StageStatus.RUNNING, then=True),
            default=F("is_wanted_again"),
        ),
        "priority": Greatest("priority", Value(occasion.priority)),
    }
    if occasion.is_fresh:
        changes["is_fresh"] = True
    if occasion.follow_up:
        changes["follow_up"] = True
    if occasion.scan_id is None:
        changes["scan_id"] = None
    StageRun.objects.filter(stage=stage, finding__in=finding_ids, status__in=LIVE).update(**changes)


def due_runs(
    *, now: datetime, limit: int, finding_ids: Sequence[int] | None = None
) -> list[tuple[int, Stage]]:
    """Return id and stage of rows that somebody should look at, the most urgent first."""
    due = StageRun.objects.filter(status__in=LIVE, next_attempt_at__lte=now, finding__isnull=False)
    if finding_ids is not None:
        due = due.filter(finding__in=finding_ids)
    rows = due.order_by("-priority", "id").values_list("id", "stage")[:limit]
    return [(run_id, Stage(stage)) for run_id, stage in rows]


def dispatch(
    *, tasks: "Mapping[Stage, Task[..., None]]", runs: Iterable[tuple[int, Stage]], now: datetime
) -> int:
    """Send a message for each row, and look again when it must have been lost; return how many."""
    sent = [run_id for run_id, stage in runs if send(tasks[stage], stage_run_id=run_id)]
    StageRun.objects.filter(id__in=sent, status=StageStatus.WAITING).update(
        next_attempt_at=now + MESSAGE_LOST_AFTER
    )
    return len(sent)


@transaction.atomic
def claim(*, stage_run_id: int, now: datetime) -> StageRun | None:
    """Take a row to work on; None where it is done, or another worker's claim still holds."""
    claimed = (
        StageRun.objects.filter(id=stage_run_id)
        .filter(
            Q(status=StageStatus.WAITING) | Q(status=StageStatus.RUNNING, next_attempt_at__lte=now)
        )
        .update(**_claimed(now))
    )
    return StageRun.objects.get(id=stage_run_id) if claimed else None


@transaction.atomic
def claim_together(*, stage_run_id: int, limit: int, now: datetime) -> list[StageRun]:
    """Take a row, and up to `limit` in all of the same stage that nobody has tried yet.

    A row that was tried before is taken alone: it may be what broke the others.
    """
    first = claim(stage_run_id=stage_run_id, now=now)
    if first is None:
        return []
    if first.attempts > 1:
        return [first]
    others = list(
        StageRun.objects.select_for_update(skip_locked=True)
        .filter(stage=first.stage, status=StageStatus.WAITING, attempts=0)
        .order_by("-priority", "id")
        .values_list("id", flat=True)[: limit - 1]
    )
    StageRun.objects.filter(id__in=others).update(**_claimed(now))
    return [first, *StageRun.objects.filter(id__in=others).order_by("-priority", "id")]


def _claimed(now: datetime) -> dict[str, object]:
    return {
        "status": StageStatus.RUNNING,
        "attempts": F("attempts") + 1,
        "is_wanted_again": False,
        "next_attempt_at": now + CLAIM_LAPSES_AFTER,
    }


def finish(*, run: StageRun, now: datetime) -> None:
    """Mark a row as done."""
    _close(run, StageStatus.DONE, error="", now=now)


def fail(*, run: StageRun, error: str, now: datetime) -> None:
    """Mark a row as given up, with the reason that people read."""
    _close(run, StageStatus.FAILED, error=error, now=now)


@transaction.atomic
def _close(run: StageRun, status: StageStatus, *, error: str, now: datetime) -> None:
    """End a row that is still the caller's, and begin anew what was asked for while it ran."""
    mine = StageRun.objects.select_for_update().filter(id=run.id, attempts=run.attempts).first()
    if mine is None:
        return
    StageRun.objects.filter(id=mine.id).update(status=status, error=error[:1000], finished_at=now)
    if mine.is_wanted_again and mine.finding_id is not None:
        add_runs(
            stage=Stage(mine.stage),
            occasion=Occasion.of(mine),
            finding_ids=[mine.finding_id],
            now=now,
        )


def postpone(*, run: StageRun, delay: timedelta, error: str, now: datetime) -> None:
    """Let a row wait for another try."""
    StageRun.objects.filter(id=run.id, attempts=run.attempts).update(
        status=StageStatus.WAITING, error=error[:1000], next_attempt_at=now + delay
    )
