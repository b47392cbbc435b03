"""One thin task a stage, and the sweep for what was lost."""

import logging
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from findings import ingest
from findings.models import Scan
from pipeline import queue, stages, sweeping
from pipeline.models import Stage
from tenants.models import Organization
from tenants.scope import organization_scope

DISPATCH_LIMIT = 5000

logger = logging.getLogger(__name__)


@shared_task(time_limit=1800)
def ingest_upload(*, organization_id: int, upload_id: int) -> None:
    """Turn a stored upload into findings, unless that is done."""
    with organization_scope(organization_id):
        ingest.ingest_upload(upload_id=upload_id, now=timezone.now())


@shared_task(time_limit=300)
def plan_scan(*, organization_id: int, scan_id: int) -> None:
    """Choose which findings of a scan to judge, and send them on."""
    now = timezone.now()
    with organization_scope(organization_id):
        stages.plan(scan=Scan.objects.get(id=scan_id), now=now)
        run_ids = queue.due_runs(stage=Stage.JUDGE, now=now, limit=DISPATCH_LIMIT)
        queue.dispatch(task=judge_finding, run_ids=run_ids, now=now)


@shared_task
def judge_finding(*, organization_id: int, stage_run_id: int) -> None:
    """Ask for a verdict on one finding, unless it is being asked for already."""
    now = timezone.now()
    with organization_scope(organization_id):
        run = queue.claim(stage_run_id=stage_run_id, now=now)
        if run is None:
            return
        delay = stages.run_judge(run=run, now=now)
        if delay is not None:
            queue.send(judge_finding, delay_seconds=delay, stage_run_id=run.id)


@shared_task(time_limit=300)
def sweep() -> None:
    """Send again what a lost message, a dead worker or a crash left behind."""
    for organization_id in Organization.objects.values_list("id", flat=True):
        sweep_organization(organization_id=organization_id)


@shared_task(time_limit=300)
def sweep_organization(*, organization_id: int) -> None:
    """Send again what was left behind in one organization."""
    with organization_scope(organization_id):
        try:
            _send_left_behind(timezone.now())
        except Exception:  # the next organization is swept all the same
            logger.exception("pipeline.sweep.crashed organization=%s", organization_id)


def _send_left_behind(now: datetime) -> None:
    left = sweeping.find_left_behind(now=now)
    sent = [one for one in left.upload_ids if queue.send(ingest_upload, upload_id=one)]
    sweeping.note_sent(upload_ids=sent, now=now)
    for scan_id in left.scan_ids:
        queue.send(plan_scan, scan_id=scan_id)
    queue.dispatch(task=judge_finding, run_ids=left.judge_run_ids, now=now)
