"""What follows what: each announcement, and the task that it leads to."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from celery import Task
from django.dispatch import receiver
from django.utils import timezone

from findings.signals import (
    change_request_changed,
    findings_triaged,
    scan_completed,
    scan_failed,
    scan_ingested,
    upload_stored,
)
from insights.announcements import choice_wanted
from insights.choosing import want_choice_after_scan
from insights.kept_figures import forget_figures
from insights.models import TaskChoice
from integrations.announcements import connection_changed, webhook_received
from notifications import scan_messages
from notifications.announcements import delivery_wanted, review_wanted
from notifications.models import Delivery, Review
from pipeline import telling
from pipeline.connecting import connections_to_check
from pipeline.queue import send, send_once
from pipeline.tasks import (
    check_connection,
    choose_week_tasks,
    draft_rule,
    evaluate_judge,
    import_rules,
    ingest_upload,
    open_fix_request,
    plan_request,
    plan_scan,
    preview_memory,
    process_webhooks,
    run_rule_trial,
    send_message,
    tell_change_request,
    tell_scan,
)
from remediation.announcements import fix_request_wanted
from rules.announcements import draft_wanted, rule_import_wanted, trial_wanted
from tenants.jobs import Job, JobStatus
from triage.announcements import (
    analysis_requested,
    evaluation_requested,
    preview_requested,
    verdict_recorded,
)

MOST_SENT_AT_ONCE = 100
EVENTS_GATHER_SECONDS = 1
LONGEST_DELAY_SECONDS = 15 * 60


@receiver(upload_stored)
def after_upload_stored(upload_id: int, **_announcement: Any) -> None:
    """Turn a stored upload into findings."""
    send(ingest_upload, upload_id=upload_id)


@receiver([scan_ingested, scan_completed, scan_failed, findings_triaged, change_request_changed])
def after_figures_changed(**_announcement: Any) -> None:
    """Let the Dashboard show what a scan brought and what was decided."""
    forget_figures()


@receiver(scan_ingested)
def after_scan_ingested(scan_id: int, **_announcement: Any) -> None:
    """Choose what to analyze, and what to recommend, once a scan's findings are in."""
    send(plan_scan, scan_id=scan_id)
    send(tell_scan, scan_id=scan_id)
    want_choice_after_scan(now=timezone.now())


@receiver([scan_completed, scan_failed])
def after_scan_ended(scan_id: int, **_announcement: Any) -> None:
    """Tell those who want to hear of a scan, once it is over and its findings are in."""
    send(tell_scan, scan_id=scan_id)


@receiver(verdict_recorded)
def after_verdict_recorded(finding_id: int, **_announcement: Any) -> None:
    """Ask people to agree that a finding is none."""
    scan_messages.after_verdict(finding_id=finding_id, now=timezone.now())


@receiver(analysis_requested)
def after_analysis_requested(request_id: int, **_announcement: Any) -> None:
    """Send on what a person asked to be analyzed."""
    send(plan_request, request_id=request_id)


@receiver(preview_requested)
def after_preview_requested(preview_id: int, **_announcement: Any) -> None:
    """Judge with a memory that is not live yet."""
    send(preview_memory, preview_id=preview_id)


@receiver(evaluation_requested)
def after_evaluation_requested(evaluation_id: int, **_announcement: Any) -> None:
    """Measure a judge."""
    send(evaluate_judge, evaluation_id=evaluation_id)


@receiver(webhook_received)
def after_webhook_received(**_announcement: Any) -> None:
    """Do what an event asks for, together with others that come within a moment.

    Code hosts send many at once, and the door that keeps them should not wait for the workers.
    """
    send_once(process_webhooks, delay_seconds=EVENTS_GATHER_SECONDS)


@receiver(review_wanted)
def after_review_wanted(review_ids: Sequence[int], **_announcement: Any) -> None:
    """Speak in change requests, when it is time; who runs already begins again by itself."""
    _send_waiting(Review, tell_change_request, "review_id", review_ids)


@receiver(delivery_wanted)
def after_delivery_wanted(delivery_ids: Sequence[int], **_announcement: Any) -> None:
    """Send messages of the outbox, when it is time."""
    _send_waiting(Delivery, send_message, "delivery_id", delivery_ids)


def _send_waiting(
    kind: type[Job], task: "Task[..., None]", word: str, job_ids: Sequence[int]
) -> None:
    now = timezone.now()
    # A broker gives long delays to several workers: what is far off, the sweep sends.
    soon = now + timedelta(seconds=LONGEST_DELAY_SECONDS)
    waiting = kind.objects.filter(
        id__in=job_ids, status=JobStatus.WAITING, next_attempt_at__lte=soon
    )
    # Somebody may be waiting for our answer: the sweep sends the others.
    rows = waiting.order_by("-id").values_list("id", "next_attempt_at")[:MOST_SENT_AT_ONCE]
    for job_id, at in rows:
        send(task, delay_seconds=max(0.0, (at - now).total_seconds()), **{word: job_id})


@receiver(choice_wanted)
def after_choice_wanted(choice_ids: Sequence[int], **_announcement: Any) -> None:
    """Choose the week's tasks."""
    _send_waiting(TaskChoice, choose_week_tasks, "choice_id", choice_ids)


@receiver(fix_request_wanted)
def after_fix_request_wanted(fix_request_id: int, **_announcement: Any) -> None:
    """Open a change request with a fix."""
    send(open_fix_request, fix_request_id=fix_request_id)


@receiver(rule_import_wanted)
def after_rule_import_wanted(import_id: int, **_announcement: Any) -> None:
    """Try the rules that somebody imports, and store those that are good."""
    send(import_rules, import_id=import_id)


@receiver(trial_wanted)
def after_trial_wanted(trial_id: int, **_announcement: Any) -> None:
    """Run a rule of the editor on its test code."""
    send(run_rule_trial, trial_id=trial_id)


@receiver(draft_wanted)
def after_draft_wanted(draft_id: int, **_announcement: Any) -> None:
    """Have a model write a rule."""
    send(draft_rule, draft_id=draft_id)


@receiver(findings_triaged)
def after_findings_triaged(finding_ids: Sequence[int], **_announcement: Any) -> None:
    """Say in change requests, and where people were asked, what they decided."""
    now = timezone.now()
    telling.after_findings_changed(finding_ids=finding_ids, now=now)
    scan_messages.after_decisions(finding_ids=finding_ids, now=now)


@receiver(change_request_changed)
def after_change_request_changed(change_request_id: int, **_announcement: Any) -> None:
    """Keep up with a change request that was pushed to, closed or merged."""
    telling.after_change_request_changed(change_request_id=change_request_id, now=timezone.now())


@receiver(connection_changed)
def after_connection_changed(connection_id: int, **_announcement: Any) -> None:
    """Try again what a connection that was mended kept us from saying; check one that is new."""
    now = timezone.now()
    telling.after_connection_changed(connection_id=connection_id, now=now)
    if connections_to_check(now=now).filter(id=connection_id).exists():
        send(check_connection, connection_id=connection_id)
