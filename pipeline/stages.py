"""What each stage does with its claimed row: do the work, or say when to try again."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from core.errors import TransientError
from findings.models import Scan
from llm.runner import is_offline_provider
from pipeline.models import Stage, StageRun, StageStatus
from pipeline.plan import findings_to_judge, priority_of
from pipeline.queue import add_runs, fail, finish, postpone
from triage.verdicts import give_up, judge

MAX_ATTEMPTS = 6
FIRST_DELAY_SECONDS = 15
MAX_DELAY_SECONDS = 15 * 60

logger = logging.getLogger(__name__)


@transaction.atomic
def plan(*, scan: Scan, now: datetime) -> bool:
    """Write down which findings of an ingested scan are to be judged; a second time, nothing.

    Returns whether this call did it.
    """
    run, _created = StageRun.objects.select_for_update().get_or_create(
        scan=scan, finding=None, stage=Stage.PLAN, defaults={"next_attempt_at": now}
    )
    if run.status == StageStatus.DONE:
        return False
    chosen = findings_to_judge(scan=scan, is_offline=is_offline_provider())
    add_runs(
        stage=Stage.JUDGE,
        scan_id=scan.id,
        finding_ids=chosen,
        priority=priority_of(scan),
        now=now,
    )
    finish(run=run, now=now)
    return True


def run_judge(*, run: StageRun, now: datetime) -> float | None:
    """Judge the row's finding; return in how many seconds to try again, or None when it is over.

    Whatever goes wrong ends, after some tries, in a verdict that asks for a person.
    """
    if run.finding_id is None:
        fail(run=run, error="The row names no finding.", now=now)
        return None
    if run.attempts > MAX_ATTEMPTS:
        # Tries that end here are counted by `_try_again`; these ended with their worker.
        _give_up(run, run.finding_id, "The analysis did not end, however often it began.", now)
        return None
    try:
        judge(finding_id=run.finding_id, now=now)
    except TransientError as error:
        return _try_again(run, str(error), error.retry_after_seconds, now)
    except Exception:  # a worker lives on, whatever one finding brings
        logger.exception("pipeline.judge.crashed finding=%s", run.finding_id)
        return _try_again(run, "The analysis failed; the server's log says why.", None, now)
    finish(run=run, now=now)
    return None


def _try_again(
    run: StageRun, error: str, retry_after_seconds: float | None, now: datetime
) -> float | None:
    if run.attempts >= MAX_ATTEMPTS and run.finding_id is not None:
        _give_up(run, run.finding_id, error, now)
        return None
    backoff = min(FIRST_DELAY_SECONDS * 2 ** (run.attempts - 1), MAX_DELAY_SECONDS)
    delay = min(max(backoff, retry_after_seconds or 0), MAX_DELAY_SECONDS)
    postpone(run=run, delay=timedelta(seconds=delay), error=error, now=now)
    return float(delay)


def _give_up(run: StageRun, finding_id: int, error: str, now: datetime) -> None:
    give_up(finding_id=finding_id, reason=error, now=now)
    fail(run=run, error=error, now=now)
