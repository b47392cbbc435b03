"""Bringing a proven fix into the repository: asked for by a member, opened once, followed."""

import hashlib
from datetime import datetime
from http import HTTPStatus

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from core.errors import ProblemError
from findings.change_requests import change_request_of
from findings.models import (
    UNDECIDED,
    Activity,
    ActivityKind,
    ChangeRequestState,
    Finding,
    Scan,
    ScanKind,
    Status,
)
from findings.refs import DETACHED
from findings.selectors import get_finding
from integrations.checking import note_trouble
from integrations.codehosts import CodeUnavailableError
from integrations.models import RepositoryLink
from integrations.review_hosts import RemoteChangeRequest, RemoteState
from integrations.selectors import review_host_for
from remediation.announcements import fix_request_wanted
from remediation.models import FixAttempt, FixRequest, FixRequestState
from remediation.proposing import branch_of, proposal_of
from remediation.showing import fix_to_show, texts_of
from tenants.announcements import announce
from tenants.audit import Actor, record_audit_event
from tenants.models import Project

IN_FLIGHT = (FixRequestState.REQUESTED, FixRequestState.OPENED)
ENDED = (FixRequestState.CLOSED, FixRequestState.MERGED)
_TITLES = {
    FixRequestState.REQUESTED: "Asked for a change request with the fix",
    FixRequestState.OPENED: "Opened change request {number} with the fix",
    FixRequestState.FAILED: "The change request with the fix could not be opened",
    FixRequestState.MERGED: "Merged change request {number} with the fix",
    FixRequestState.CLOSED: "Closed change request {number} with the fix, without merging it",
}
_STATES = {
    RemoteState.OPEN: FixRequestState.OPENED,
    RemoteState.CLOSED: FixRequestState.CLOSED,
    RemoteState.MERGED: FixRequestState.MERGED,
}


class CannotBringFixError(ProblemError):
    """No change request can be opened with this fix; the sentence says why."""

    code = "cannot_bring_fix"
    status = HTTPStatus.CONFLICT


@transaction.atomic
def request_fix(*, finding_id: int, fix_id: int, actor: Actor, now: datetime) -> FixRequest:
    """Ask for a change request with the fix that is shown; the one that lives, where there is one.

    Raises NoFixError where another fix is shown by now, CannotBringFixError for a finding that is
    not open or not on a branch of the repository, NoCodeHostError without change requests.
    """
    finding = get_finding(finding_id)
    if living := _in_flight(finding.pk):
        return living
    fix = fix_to_show(finding, fix_id)
    base_ref = branch_to_fix(finding)
    review_host_for(finding.project)
    try:
        with transaction.atomic():
            request = _make(finding, fix, base_ref=base_ref, actor=actor, now=now)
    except IntegrityError:
        # Another click was quicker: its row is the one.
        if living := _in_flight(finding.pk):
            return living
        raise
    _tell(request, actor=actor, now=now)
    record_audit_event(
        actor=actor,
        action="fix_request.requested",
        object_label=f"finding {finding.pk}, fix {fix.pk}",
    )
    announce(fix_request_wanted, fix_request_id=request.pk)
    return request


def why_no_request(finding: Finding) -> str:
    """Return why no change request can be opened for a finding; blank where one can."""
    try:
        branch_to_fix(finding)
        review_host_for(finding.project)
    except ProblemError as error:
        return error.detail
    return ""


def branch_to_fix(finding: Finding) -> str:
    """Return the branch that a fix of a finding is to be merged to.

    Raises CannotBringFixError where the finding is not open, or stands on no branch of ours.
    """
    if finding.status not in UNDECIDED:
        label = Status(finding.status).label.lower()
        raise CannotBringFixError(f"finding: it is {label}, so there is nothing to be merged.")
    name = finding.ref.name
    if name == finding.project.primary_branch:
        return name
    scans = Scan.objects.filter(ref_id=finding.ref_id)
    newest = scans.filter(kind=ScanKind.DIFF).order_by("-id").first()
    change_request = change_request_of(newest) if newest else None
    is_theirs = change_request is not None and change_request.is_from_fork
    if not name.startswith("refs/") and name != DETACHED and not is_theirs:
        return name
    if change_request is None or is_theirs or not change_request.head_ref:
        raise CannotBringFixError(
            "finding: it stands on no branch of this repository, so there is nothing to merge the"
            " fix to; download the patch instead."
        )
    if change_request.state != ChangeRequestState.OPEN:
        raise CannotBringFixError("finding: its change request is closed; scan the branch again.")
    return change_request.head_ref


def open_fix(*, request: FixRequest, now: datetime) -> None:
    """Open the change request of a claimed row, or find the one that an earlier try opened.

    Raises TransientError for another try, and a ProblemError where it is refused.
    """
    if request.state != FixRequestState.REQUESTED:
        return  # the code host has told us of it meanwhile
    finding = get_finding(request.finding_id)
    try:
        fix_to_show(finding, request.fix_id)
        path = reverse("console:finding", args=[finding.organization.slug, finding.pk])
        proposal = proposal_of(
            request=request,
            finding=finding,
            content=_fixed_file(finding, request.fix),
            url=f"{settings.PUBLIC_URL}{path}",
        )
        remote = review_host_for(finding.project).open_change_request(proposal=proposal)
    except ProblemError as error:
        _note_trouble(finding.project, error, now)
        raise
    _follow(request.pk, remote, now)


@transaction.atomic
def give_up_fix(*, request: FixRequest, reason: str, now: datetime) -> None:
    """Note that a claimed row came to nothing; `reason` says why, for people, who may ask again."""
    rows = FixRequest.objects.filter(pk=request.pk, claims=request.claims)
    failed = rows.filter(state=FixRequestState.REQUESTED).update(
        state=FixRequestState.FAILED, ended_at=now
    )
    if failed:
        request.refresh_from_db()
        _tell(request, actor=Actor.platform(), now=now, note=reason)


def note_fix_state(*, project: Project, remote: RemoteChangeRequest, now: datetime) -> None:
    """Follow what became of a change request, if it is one of ours with a fix."""
    if remote.is_from_fork:
        return
    ours = FixRequest.objects.filter(finding__project=project).order_by("-id")
    row = ours.filter(number=remote.number).first()
    row = row or ours.filter(number=None, branch=remote.head_ref).first()
    if row is not None:
        _follow(row.pk, remote, now)


def _in_flight(finding_id: int) -> FixRequest | None:
    living: FixRequest | None = FixRequest.objects.filter(
        finding_id=finding_id, state__in=IN_FLIGHT
    ).first()
    return living


def _make(
    finding: Finding, fix: FixAttempt, *, base_ref: str, actor: Actor, now: datetime
) -> FixRequest:
    earlier = FixRequest.objects.filter(fix=fix, state__in=ENDED).count()
    request: FixRequest = FixRequest.objects.create(
        finding=finding,
        fix=fix,
        branch=branch_of(fix, earlier=earlier),
        base_ref=base_ref,
        requested_by=actor.user,
        requested_by_label=actor.label[:200],
        requested_at=now,
        next_attempt_at=now,
    )
    return request


def _fixed_file(finding: Finding, fix: FixAttempt) -> bytes:
    """Return the bytes of the fixed file, made from the very bytes that the fix was proven on."""
    texts = texts_of(finding=finding, fix=fix)
    if hashlib.sha256(texts.before.encode(errors="replace")).hexdigest() != fix.content_hash:
        # Written back, a byte order mark or another encoding would be lost all over the file.
        raise CodeUnavailableError(
            "code: the file is not plain UTF-8, so it cannot be written back as it was; download"
            " the patch instead."
        )
    return texts.after.encode()


@transaction.atomic
def _follow(request_id: int, remote: RemoteChangeRequest, now: datetime) -> None:
    row = FixRequest.objects.select_for_update().get(pk=request_id)
    state = _STATES[remote.state]
    was_over = row.state in ENDED and row.ended_at is not None
    if row.state == FixRequestState.MERGED or (was_over and remote.updated_at < row.ended_at):
        return
    others = FixRequest.objects.filter(finding_id=row.finding_id, state__in=IN_FLIGHT)
    if state in IN_FLIGHT and others.exclude(pk=row.pk).exists():
        return  # reopened at the code host, while a newer one lives
    url = remote.url if remote.url.startswith(("https://", "http://")) else ""
    is_news = row.state != state
    row.state, row.number, row.url = state, remote.number, url[:1000]
    row.opened_at = row.opened_at or now
    row.ended_at = remote.updated_at if state in ENDED else None
    row.save(update_fields=["state", "number", "url", "opened_at", "ended_at"])
    if is_news:
        _tell(row, actor=Actor.platform(), now=now)


def _note_trouble(project: Project, error: ProblemError, now: datetime) -> None:
    link = RepositoryLink.objects.filter(project=project).first()
    if link is not None:
        note_trouble(connection_id=link.connection_id, error=error, now=now)


def _tell(row: FixRequest, *, actor: Actor, now: datetime, note: str = "") -> None:
    Activity.objects.create(
        finding_id=row.finding_id,
        kind=ActivityKind.FIX_REQUEST,
        at=now,
        actor=actor.user,
        actor_label=actor.label[:200],
        door=actor.door,
        title=_TITLES[FixRequestState(row.state)].format(number=row.number),
        note=note[:3000],
    )
