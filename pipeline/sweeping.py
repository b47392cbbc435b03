"""What was left behind: rows that say something is to be done, and that nobody is doing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from findings.models import Scan, ScanStatus, Upload, UploadStatus
from findings.scans import break_off
from insights.choosing import want_choice_when_due
from insights.models import TaskChoice
from integrations.models import WebhookReceipt
from notifications.models import Delivery, Review
from notifications.scan_messages import untold_scans
from pipeline.connecting import connections_to_check
from pipeline.models import Stage, StageRun, StageStatus
from pipeline.queue import CLAIM_LAPSES_AFTER, due_runs
from remediation.models import FixRequest
from rules.models import RuleDraft, RuleImport, RuleTrial
from tenants.jobs import due_jobs
from triage.evaluations import waiting_evaluations
from triage.models import AnalysisRequest, AnalysisStatus
from triage.previews import waiting_previews

PATIENCE = timedelta(seconds=settings.SWEEP_PATIENCE_SECONDS)
SCAN_PATIENCE = timedelta(hours=6)
LOOK_BACK = timedelta(days=30)
LIMIT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBehind:
    """Ids of what must be sent again, in one organization."""

    upload_ids: list[int]
    scan_ids: list[int]
    request_ids: list[int]
    preview_ids: list[int]
    evaluation_ids: list[int]
    receipt_ids: list[int]
    review_ids: list[int]
    fix_request_ids: list[int]
    untold_scan_ids: list[int]
    delivery_ids: list[int]
    connection_ids: list[int]
    choice_ids: list[int]
    trial_ids: list[int]
    draft_ids: list[int]
    rule_import_ids: list[int]
    runs: list[tuple[int, Stage]]


def find_left_behind(*, now: datetime) -> LeftBehind:
    """Look for what was left behind, and close scans that nobody will end any more.

    Ask for the week's tasks where it is time.
    """
    forgotten = Scan.objects.filter(status=ScanStatus.RUNNING, started_at__lt=now - SCAN_PATIENCE)
    break_off(forgotten, status=ScanStatus.NEVER_FINISHED)
    want_choice_when_due(now=now)
    return LeftBehind(
        upload_ids=_uploads(now),
        scan_ids=_unplanned_scans(now),
        request_ids=_unplanned_requests(now),
        preview_ids=waiting_previews(now),
        evaluation_ids=waiting_evaluations(now),
        receipt_ids=due_jobs(WebhookReceipt, now=now - PATIENCE, limit=LIMIT),
        review_ids=due_jobs(Review, now=now - PATIENCE, limit=LIMIT),
        fix_request_ids=due_jobs(FixRequest, now=now - PATIENCE, limit=LIMIT),
        untold_scan_ids=untold_scans(now=now - PATIENCE),
        delivery_ids=due_jobs(Delivery, now=now - PATIENCE, limit=LIMIT),
        connection_ids=_unchecked_connections(now),
        choice_ids=due_jobs(TaskChoice, now=now - PATIENCE, limit=LIMIT),
        trial_ids=due_jobs(RuleTrial, now=now - PATIENCE, limit=LIMIT),
        draft_ids=due_jobs(RuleDraft, now=now - PATIENCE, limit=LIMIT),
        rule_import_ids=due_jobs(RuleImport, now=now - PATIENCE, limit=LIMIT),
        runs=due_runs(now=now, limit=LIMIT),
    )


def note_sent(*, upload_ids: list[int], now: datetime) -> None:
    """Leave uploads to the workers for a while: one may be reading them already."""
    Upload.objects.filter(id__in=upload_ids).update(next_attempt_at=now + CLAIM_LAPSES_AFTER)


def _uploads(now: datetime) -> list[int]:
    waiting = Upload.objects.filter(
        Q(next_attempt_at=None) | Q(next_attempt_at__lte=now),
        status=UploadStatus.STORED,
        received_at__lt=now - PATIENCE,
    )
    return list(waiting.order_by("id").values_list("id", flat=True)[:LIMIT])


def _unplanned_scans(now: datetime) -> list[int]:
    planned = StageRun.objects.filter(
        scan=OuterRef("id"), finding=None, stage=Stage.PLAN, status=StageStatus.DONE
    )
    scans = Scan.objects.filter(
        ~Exists(planned), ingested_at__range=(now - LOOK_BACK, now - PATIENCE)
    )
    return list(scans.order_by("id").values_list("id", flat=True)[:LIMIT])


def _unplanned_requests(now: datetime) -> list[int]:
    waiting = AnalysisRequest.objects.filter(
        status=AnalysisStatus.WAITING, created_at__lt=now - PATIENCE
    )
    return list(waiting.order_by("id").values_list("id", flat=True)[:LIMIT])


def _unchecked_connections(now: datetime) -> list[int]:
    waiting = connections_to_check(now=now).order_by("id")
    return list(waiting.values_list("id", flat=True)[:LIMIT])
