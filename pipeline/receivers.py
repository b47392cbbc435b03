"""What follows what: each announcement, and the task that it leads to."""

from typing import Any

from django.dispatch import receiver

from findings.signals import scan_ingested, upload_stored
from pipeline.queue import send
from pipeline.tasks import ingest_upload, plan_scan


@receiver(upload_stored)
def after_upload_stored(upload_id: int, **_announcement: Any) -> None:
    """Turn a stored upload into findings."""
    send(ingest_upload, upload_id=upload_id)


@receiver(scan_ingested)
def after_scan_ingested(scan_id: int, **_announcement: Any) -> None:
    """Choose what to analyze, once a scan's findings are in."""
    send(plan_scan, scan_id=scan_id)
