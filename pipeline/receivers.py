"""What follows what: each announcement, and the task that it leads to."""

from typing import Any

from django.dispatch import receiver

from findings.signals import scan_ingested, upload_stored
from pipeline.queue import send
from pipeline.tasks import (
    evaluate_judge,
    ingest_upload,
    plan_request,
    plan_scan,
    preview_memory,
)
from triage.announcements import analysis_requested, evaluation_requested, preview_requested


@receiver(upload_stored)
def after_upload_stored(upload_id: int, **_announcement: Any) -> None:
    """Turn a stored upload into findings."""
    send(ingest_upload, upload_id=upload_id)


@receiver(scan_ingested)
def after_scan_ingested(scan_id: int, **_announcement: Any) -> None:
    """Choose what to analyze, once a scan's findings are in."""
    send(plan_scan, scan_id=scan_id)


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
