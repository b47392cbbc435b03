"""What each stage does with its claimed row: do the work, or say when to try again."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from core.errors import TransientError
from findings.models import Finding, Scan
from llm.configuration import assistant_settings
from llm.runner import is_offline_provider
from pipeline import telling
from pipeline.models import Stage, StageRun, StageStatus
from pipeline.plan import (
    ASKED_PRIORITY,
    findings_to_guide,
    findings_to_judge,
    priority_of,
    stages_after_verdict,
)
from pipeline.queue import Occasion, add_runs, fail, finish, postpone
from remediation.proving import prove_proposed, retry_fix
from remediation.remedies import give_up_remedy, write_remedy
from remediation.unproven import give_up_proof, has_proposed
from triage.models import Analysis, AnalysisRequest, AnalysisStatus
from triage.verdicts import give_up, judge

MAX_ATTEMPTS = 6
FIRST_DELAY_SECONDS = 15
MAX_DELAY_SECONDS = 15 * 60

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a stage does for one finding: `do` returns the stages that follow.

    `give_up` records what people see where it could not be done.
    """

    do: Callable[[StageRun, Finding, datetime], Sequence[Stage]]
    give_up: Callable[[int, str, datetime], object]


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
    occasion = Occasion(scan_id=scan.id, priority=priority_of(scan))
    chosen = findings_to_judge(scan=scan, is_offline=is_offline_provider())
    add_runs(stage=Stage.JUDGE, occasion=occasion, finding_ids=chosen, now=now)
    guided = findings_to_guide(scan=scan, but_not=set(chosen))
    add_runs(stage=Stage.REMEDY, occasion=occasion, finding_ids=guided, now=now)
    finish(run=run, now=now)
    # In this transaction: nobody plans it a second time.
    telling.after_plan(scan=scan, now=now)
    return True


@transaction.atomic
def plan_request(*, request_id: int, now: datetime) -> list[int]:
    """Write down what a person asked for; return the ids of its findings, none a second time."""
    request = AnalysisRequest.objects.select_for_update().get(id=request_id)
    if request.status != AnalysisStatus.WAITING:
        return []
    judges, remedies = (kind in request.wanted for kind in (Analysis.JUDGE, Analysis.REMEDY))
    # An admin may have switched verdicts off: then nobody's click asks for one.
    judges = judges and assistant_settings().judges
    occasion = Occasion(
        scan_id=None,
        priority=ASKED_PRIORITY,
        is_fresh=request.is_fresh,
        follow_up=remedies,
        asked_at=request.created_at,
    )
    stage = Stage.JUDGE if judges else Stage.REMEDY
    there = set(Finding.objects.filter(id__in=request.finding_ids).values_list("id", flat=True))
    chosen = [finding_id for finding_id in request.finding_ids if finding_id in there]
    if judges or remedies:
        add_runs(stage=stage, occasion=occasion, finding_ids=chosen, now=now)
    AnalysisRequest.objects.filter(id=request.id).update(status=AnalysisStatus.DONE)
    return chosen


def run_stage(*, run: StageRun, now: datetime) -> float | None:
    """Do a row's work; return in how many seconds to try again, or None when it is over.

    Whatever goes wrong ends, after some tries, in something that asks for a person.
    """
    work = WORK[Stage(run.stage)]
    if run.finding is None:
        fail(run=run, error="The row names no finding.", now=now)
        return None
    if run.attempts > MAX_ATTEMPTS:
        # Tries that end here are counted by `_try_again`; these ended with their worker.
        _give_up(run, "The analysis did not end, however often it began.", now)
        return None
    try:
        following = work.do(run, run.finding, now)
    except TransientError as error:
        return _try_again(run, str(error), error.retry_after_seconds, now)
    except Exception:  # a worker lives on, whatever one finding brings
        logger.exception("pipeline.%s.crashed finding=%s", run.stage, run.finding_id)
        return _try_again(run, "The analysis failed; the server's log says why.", None, now)
    _lead_on([run], following, now)
    return None


def run_proofs(*, runs: Sequence[StageRun], now: datetime) -> float | None:
    """Prove the fixes of several rows in one go; return when to try again, as run_stage does."""
    if len(runs) == 1:
        return run_stage(run=runs[0], now=now)
    by_finding = {run.finding_id: run for run in runs if run.finding_id is not None}
    try:
        outcome = prove_proposed(finding_ids=list(by_finding), now=now)
    except TransientError as error:
        return _try_each_again(runs, str(error), error.retry_after_seconds, now)
    except Exception:  # the next try takes each alone
        logger.exception("pipeline.prove.crashed findings=%s", list(by_finding))
        return _try_each_again(runs, "The proof failed; it is tried again alone.", None, now)
    retried = set(outcome.retry_finding_ids)
    _lead_on([run for run in runs if run.finding_id in retried], [Stage.RETRY], now)
    _lead_on([run for run in runs if run.finding_id not in retried], [], now)
    return None


@transaction.atomic
def _lead_on(runs: Sequence[StageRun], following: Sequence[Stage], now: datetime) -> None:
    """End rows, and write down what follows from them."""
    for run in runs:
        for stage in following:
            occasion = Occasion.of(run)
            ids = [run.finding_id] if run.finding_id is not None else []
            add_runs(stage=stage, occasion=occasion, finding_ids=ids, now=now)
        finish(run=run, now=now)
    telling.after_stages(runs=runs, now=now)


def _judge(run: StageRun, finding: Finding, now: datetime) -> Sequence[Stage]:
    judge(finding_id=finding.pk, is_fresh=run.is_fresh, now=now)
    finding.refresh_from_db(fields=["verdict"])
    return stages_after_verdict(finding, run)


def _remedy(run: StageRun, finding: Finding, now: datetime) -> Sequence[Stage]:
    write_remedy(finding_id=finding.pk, is_fresh=run.is_fresh, now=now)
    return [Stage.PROVE] if has_proposed(finding.pk) else []


def _prove(_run: StageRun, finding: Finding, now: datetime) -> Sequence[Stage]:
    outcome = prove_proposed(finding_ids=[finding.pk], now=now)
    return [Stage.RETRY] if finding.pk in outcome.retry_finding_ids else []


def _retry(_run: StageRun, finding: Finding, now: datetime) -> Sequence[Stage]:
    return [Stage.PROVE] if retry_fix(finding_id=finding.pk, now=now) else []


def _no_retry(_finding_id: int, _reason: str, _now: datetime) -> None:
    """Leave the refused attempts as they are."""


WORK: Mapping[Stage, Work] = {
    Stage.JUDGE: Work(
        do=_judge, give_up=lambda one, why, now: give_up(finding_id=one, reason=why, now=now)
    ),
    Stage.REMEDY: Work(
        do=_remedy,
        give_up=lambda one, why, now: give_up_remedy(finding_id=one, reason=why, now=now),
    ),
    Stage.PROVE: Work(
        do=_prove,
        give_up=lambda one, why, now: give_up_proof(finding_id=one, reason=why, now=now),
    ),
    Stage.RETRY: Work(do=_retry, give_up=_no_retry),
}


def _try_again(
    run: StageRun, error: str, retry_after_seconds: float | None, now: datetime
) -> float | None:
    if run.attempts >= MAX_ATTEMPTS:
        _give_up(run, error, now)
        return None
    backoff = min(FIRST_DELAY_SECONDS * 2 ** (run.attempts - 1), MAX_DELAY_SECONDS)
    delay = min(max(backoff, retry_after_seconds or 0), MAX_DELAY_SECONDS)
    postpone(run=run, delay=timedelta(seconds=delay), error=error, now=now)
    return float(delay)


def _try_each_again(
    runs: Sequence[StageRun], error: str, retry_after_seconds: float | None, now: datetime
) -> float | None:
    """Postpone rows that were tried together; they had the same number of tries."""
    delays = [_try_again(run, error, retry_after_seconds, now) for run in runs]
    return delays[0]


def _give_up(run: StageRun, error: str, now: datetime) -> None:
    if run.finding_id is not None:
        WORK[Stage(run.stage)].give_up(run.finding_id, error, now)
        # What was proposed before it broke still waits for its proof.
        if run.stage == Stage.RETRY and has_proposed(run.finding_id):
            ids = [run.finding_id]
            add_runs(stage=Stage.PROVE, occasion=Occasion.of(run), finding_ids=ids, now=now)
    with transaction.atomic():
        fail(run=run, error=error, now=now)
        telling.after_stages(runs=[run], now=now)
