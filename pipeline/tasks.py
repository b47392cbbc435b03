"""One thin task a stage, and the sweep for what was lost."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from celery import Task, shared_task
from django.utils import timezone

from findings import ingest
from findings.models import Scan
from insights.choosing import SCANS_GATHER_FOR
from integrations.models import WebhookReceipt
from integrations.webhooks import forget_old_receipts
from llm.retention import purge_expired
from notifications import scan_messages
from notifications.monday import want_monday_mails
from notifications.purging import purge_deliveries
from pipeline import connecting, jobs, queue, stages, sweeping, trades
from pipeline.models import Stage
from rules.trials import trial_in_turn
from tenants.jobs import due_jobs
from tenants.models import Organization
from tenants.scope import organization_scope
from triage.evaluations import run_evaluation
from triage.previews import run_preview

DISPATCH_LIMIT = 5000
PROOFS_AT_ONCE = 20
EVENTS_AT_ONCE = 20

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
        scan = Scan.objects.get(id=scan_id)
        stages.plan(scan=scan, now=now)
        _send_due(now=now)


@shared_task(time_limit=300)
def plan_request(*, organization_id: int, request_id: int) -> None:
    """Send on the findings that a person asked to be analyzed."""
    now = timezone.now()
    with organization_scope(organization_id):
        finding_ids = stages.plan_request(request_id=request_id, now=now)
        _send_due(finding_ids=finding_ids, now=now)


@shared_task
def judge_finding(*, organization_id: int, stage_run_id: int) -> None:
    """Ask for a verdict on one finding, unless it is being asked for already."""
    with organization_scope(organization_id):
        _run_one(judge_finding, stage_run_id=stage_run_id)


@shared_task
def write_remedy(*, organization_id: int, stage_run_id: int) -> None:
    """Ask for guidance and a fix, or once more for a fix, unless that is under way."""
    with organization_scope(organization_id):
        _run_one(write_remedy, stage_run_id=stage_run_id)


@shared_task
def prove_fixes(*, organization_id: int, stage_run_id: int) -> None:
    """Prove the fixes of one finding, and of others that wait, in one run of the scanner."""
    now = timezone.now()
    with organization_scope(organization_id):
        runs = queue.claim_together(stage_run_id=stage_run_id, limit=PROOFS_AT_ONCE, now=now)
        if not runs:
            return
        delay = stages.run_proofs(runs=runs, now=now)
        if delay is not None:
            for run in runs:
                queue.send(prove_fixes, delay_seconds=delay, stage_run_id=run.id)
        _send_due(finding_ids=[run.finding_id for run in runs if run.finding_id], now=now)


@shared_task
def preview_memory(*, organization_id: int, preview_id: int) -> None:
    """Judge the newest findings in a memory's scope with it, and keep what would change."""
    with organization_scope(organization_id):
        run_preview(preview_id=preview_id, now=timezone.now())


@shared_task
def evaluate_judge(*, organization_id: int, evaluation_id: int) -> None:
    """Measure a judge on the next of the findings whose answer people gave."""
    with organization_scope(organization_id):
        if run_evaluation(evaluation_id=evaluation_id, now=timezone.now()):
            queue.send(evaluate_judge, evaluation_id=evaluation_id)


@shared_task(time_limit=900)
def process_webhooks(*, organization_id: int) -> None:
    """Do what the events of code hosts ask for, the longest waiting first."""
    with organization_scope(organization_id):
        queue.note_begun(process_webhooks)
        receipt_ids = due_jobs(WebhookReceipt, now=timezone.now(), limit=EVENTS_AT_ONCE)
        if len(receipt_ids) == EVENTS_AT_ONCE:
            queue.send(process_webhooks)  # a worker that is free takes its share
        for receipt_id in receipt_ids:
            delay = jobs.run_job(trade=trades.EVENTS, job_id=receipt_id, now=timezone.now())
            if delay is not None:
                queue.send(process_webhooks, delay_seconds=delay)


@shared_task(time_limit=900)
def tell_change_request(*, organization_id: int, review_id: int) -> None:
    """Bring a change request's comments to what they should say."""
    with organization_scope(organization_id):
        _run_job(tell_change_request, trades.REVIEWS, review_id=review_id)


@shared_task(time_limit=300)
def open_fix_request(*, organization_id: int, fix_request_id: int) -> None:
    """Open a change request with a fix, unless that is done."""
    with organization_scope(organization_id):
        _run_job(open_fix_request, trades.FIXES, fix_request_id=fix_request_id)


@shared_task(time_limit=900)
def import_rules(*, organization_id: int, import_id: int) -> None:
    """Import rules into the library, unless that is done."""
    with organization_scope(organization_id):
        _run_job(import_rules, trades.RULE_IMPORTS, import_id=import_id)


@shared_task(time_limit=300)
def tell_scan(*, organization_id: int, scan_id: int) -> None:
    """Write down what is to be sent after a scan that is over, unless that is done."""
    with organization_scope(organization_id):
        scan_messages.after_scan(scan_id=scan_id, now=timezone.now())


@shared_task(time_limit=300)
def send_message(*, organization_id: int, delivery_id: int) -> None:
    """Send a message of the outbox, unless that is done."""
    with organization_scope(organization_id):
        _run_job(send_message, trades.DELIVERIES, delivery_id=delivery_id)


@shared_task(time_limit=300)
def check_connection(*, organization_id: int, connection_id: int) -> None:
    """Ask the code host what a connection may do, where nobody has asked or it may be mended."""
    with organization_scope(organization_id):
        connecting.check(connection_id=connection_id, now=timezone.now())


@shared_task(time_limit=300)
def choose_week_tasks(*, organization_id: int, choice_id: int) -> None:
    """Choose the week's recommended tasks, unless that is done or another worker is at it."""
    with organization_scope(organization_id):
        delay = jobs.run_job(trade=trades.CHOICES, job_id=choice_id, now=timezone.now())
        if delay is not None:
            # Scans that come one after the other: not one ranking each.
            delay = max(delay, SCANS_GATHER_FOR.total_seconds())
            queue.send(choose_week_tasks, delay_seconds=delay, choice_id=choice_id)


@shared_task(time_limit=300)
def run_rule_trial(*, organization_id: int, trial_id: int) -> None:
    """Do a run of the editor: that of the person who had her turn the longest ago."""
    with organization_scope(organization_id):
        in_turn = trial_in_turn(now=timezone.now())
        delay = jobs.run_job(trade=trades.TRIALS, job_id=in_turn or trial_id, now=timezone.now())
        if delay is not None:
            queue.send(run_rule_trial, delay_seconds=delay, trial_id=in_turn or trial_id)
        # Two workers may have chosen the same one: what is left over has lost its message.
        left = trial_in_turn(now=timezone.now())
        if left is not None:
            queue.send(run_rule_trial, trial_id=left)


@shared_task
def draft_rule(*, organization_id: int, draft_id: int) -> None:
    """Have a model write a rule, until its tests pass or its rounds are used up."""
    with organization_scope(organization_id):
        _run_job(draft_rule, trades.DRAFTS, draft_id=draft_id)


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


@shared_task(time_limit=300)
def plan_monday_mails() -> None:
    """Write down the Monday mails of organizations whose Monday morning it is."""
    for organization_id in Organization.objects.values_list("id", flat=True):
        plan_monday_mails_of(organization_id=organization_id)


@shared_task(time_limit=300)
def plan_monday_mails_of(*, organization_id: int) -> None:
    """Write down one organization's Monday mails, each once."""
    with organization_scope(organization_id):
        try:
            want_monday_mails(now=timezone.now())
        except Exception:  # the next organization's are sent all the same
            logger.exception("pipeline.monday.crashed organization=%s", organization_id)


@shared_task(time_limit=3600)
def forget_expired() -> None:
    """Remove texts of the model log, events of code hosts and messages whose time is over."""
    for organization_id in Organization.objects.values_list("id", flat=True):
        forget_expired_of(organization_id=organization_id)


@shared_task(time_limit=3600)
def forget_expired_of(*, organization_id: int) -> None:
    """Remove one organization's expired texts, events and messages."""
    with organization_scope(organization_id):
        purge_expired(timezone.now())
        forget_old_receipts(timezone.now())
        purge_deliveries(timezone.now())


TASK_OF_STAGE: "Mapping[Stage, Task[..., None]]" = {
    Stage.JUDGE: judge_finding,
    Stage.REMEDY: write_remedy,
    Stage.RETRY: write_remedy,
    Stage.PROVE: prove_fixes,
}


def _run_one(task: "Task[..., None]", *, stage_run_id: int) -> None:
    now = timezone.now()
    run = queue.claim(stage_run_id=stage_run_id, now=now)
    if run is None:
        return
    delay = stages.run_stage(run=run, now=now)
    if delay is not None:
        queue.send(task, delay_seconds=delay, stage_run_id=run.id)
    elif run.finding_id is not None:
        _send_due(finding_ids=[run.finding_id], now=now)


def _run_job(task: "Task[..., None]", trade: jobs.Trade, **ids: int) -> None:
    (job_id,) = ids.values()
    delay = jobs.run_job(trade=trade, job_id=job_id, now=timezone.now())
    if delay is not None:
        queue.send(task, delay_seconds=delay, **ids)


def _send_due(*, now: datetime, finding_ids: Sequence[int] | None = None) -> None:
    runs = queue.due_runs(now=now, limit=DISPATCH_LIMIT, finding_ids=finding_ids)
    queue.dispatch(tasks=TASK_OF_STAGE, runs=runs, now=now)


def _send_left_behind(now: datetime) -> None:
    left = sweeping.find_left_behind(now=now)
    sent = [one for one in left.upload_ids if queue.send(ingest_upload, upload_id=one)]
    sweeping.note_sent(upload_ids=sent, now=now)
    for task, word, ids in (
        (plan_scan, "scan_id", left.scan_ids),
        (plan_request, "request_id", left.request_ids),
        (preview_memory, "preview_id", left.preview_ids),
        (evaluate_judge, "evaluation_id", left.evaluation_ids),
        (tell_change_request, "review_id", left.review_ids),
        (open_fix_request, "fix_request_id", left.fix_request_ids),
        (tell_scan, "scan_id", left.untold_scan_ids),
        (send_message, "delivery_id", left.delivery_ids),
        (check_connection, "connection_id", left.connection_ids),
        (choose_week_tasks, "choice_id", left.choice_ids),
        (run_rule_trial, "trial_id", left.trial_ids),
        (draft_rule, "draft_id", left.draft_ids),
        (import_rules, "import_id", left.rule_import_ids),
    ):
        for one in ids:
            queue.send(task, **{word: one})
    if left.receipt_ids:
        queue.send(process_webhooks)
    queue.dispatch(tasks=TASK_OF_STAGE, runs=left.runs, now=now)
