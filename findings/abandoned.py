"""What was only on the refs of a change request that nobody merged: it is removed, in sets."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from findings.branches import primary_ref_of
from findings.guardrails import note_gone_early
from findings.incoming import copy_incoming
from findings.locks import lock_projects
from findings.models import ChangeRequest, ChangeRequestState, Instance, Scan, ScanKind, State
from findings.storing import close_instances, settle_findings
from tenants.audit import Actor


def abandon_refs_of(change_request: ChangeRequest, *, now: datetime) -> None:
    """Remove what is unresolved on the refs that were scanned for this change request alone.

    A ref that was also scanned in full is a branch, and lives on. Call it inside a transaction.
    """
    lock_projects([change_request.project_id])
    for scan in _last_scans(change_request):
        _abandon(scan, now)


def _last_scans(change_request: ChangeRequest) -> list[Scan]:
    """Return the newest scan of each ref that nothing else has a claim on."""
    scans: QuerySet[Scan] = Scan.objects.filter(project_id=change_request.project_id)
    on_ref = scans.filter(ref_id=OuterRef("ref_id"))
    open_ones = ChangeRequest.objects.filter(
        project_id=change_request.project_id, state=ChangeRequestState.OPEN
    ).exclude(pk=change_request.pk)
    others = [str(number) for number in open_ones.values_list("number", flat=True)]
    return list(
        scans.filter(kind=ScanKind.DIFF, change_request=str(change_request.number))
        .exclude(ref__name=change_request.project.primary_branch)
        .exclude(Exists(on_ref.filter(kind=ScanKind.FULL)))
        .exclude(Exists(on_ref.filter(change_request__in=others)))
        .order_by("ref_id", "-id")
        .distinct("ref_id")
    )


def _abandon(scan: Scan, now: datetime) -> None:
    open_ones = Instance.objects.filter(ref_id=scan.ref_id, state=State.UNRESOLVED)
    finding_of = dict(open_ones.values_list("id", "finding_id"))
    if not finding_of:
        return
    copy_incoming([])  # nothing was reported
    close_instances(scan=scan, states=dict.fromkeys(finding_of, State.REMOVED))
    ref_ids = settle_findings(
        scan=scan,
        finding_ids=set(finding_of.values()),
        primary=primary_ref_of(scan.project),
        now=now,
        actor=Actor.platform(),
        prefers_live=True,
    )
    note_gone_early(ref_ids)
