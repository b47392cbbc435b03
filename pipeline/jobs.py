"""Jobs outside the analysis: claimed, done, tried again, given up."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from core.errors import ProblemError, TransientError
from tenants.jobs import Job, claim, finish, postpone

# Code hosts are away for hours at times: about a day of tries.
MAX_ATTEMPTS = 30
FIRST_DELAY_SECONDS = 10
MAX_DELAY_SECONDS = 60 * 60

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """How jobs of a kind are done, and what is recorded of one that never could be.

    `do` raises TransientError for another try, and any other ProblemError to give up at once.
    Neither ends the job: that is done here, and in one transaction with what `give_up` records.
    """

    kind: type[Job]
    do: Callable[[Any, datetime], None]
    give_up: Callable[[Any, str, datetime], None]


def run_job(*, trade: Trade, job_id: int, now: datetime) -> float | None:
    """Do a job that is due; return in how many seconds to look again, or None when it is over."""
    job = claim(trade.kind, job_id=job_id, now=now)
    if job is None:
        return None
    if job.attempts > MAX_ATTEMPTS:
        return _give_up(trade, job, job.error or "It did not end, however often it began.", now)
    try:
        trade.do(job, now)
    except TransientError as error:
        return _try_again(trade, job, str(error), error.retry_after_seconds, now)
    except ProblemError as error:
        return _give_up(trade, job, error.detail, now)
    except Exception:  # a worker lives on, whatever one job brings
        logger.exception("pipeline.job.crashed kind=%s id=%s", trade.kind.__name__, job_id)
        return _try_again(trade, job, "It failed; the server's log says why.", None, now)
    return 0.0 if finish(job, now=now) else None


def _try_again(
    trade: Trade, job: Job, error: str, retry_after_seconds: float | None, now: datetime
) -> float | None:
    if job.attempts >= MAX_ATTEMPTS:
        return _give_up(trade, job, error, now)
    backoff = FIRST_DELAY_SECONDS * 2 ** min(job.attempts - 1, 10)
    delay = min(max(backoff, retry_after_seconds or 0), MAX_DELAY_SECONDS)
    postpone(job, at=now + timedelta(seconds=delay), error=error)
    return float(delay)


@transaction.atomic
def _give_up(trade: Trade, job: Job, error: str, now: datetime) -> float | None:
    trade.give_up(job, error, now)
    return 0.0 if finish(job, now=now, error=error) else None
