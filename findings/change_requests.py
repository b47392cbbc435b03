"""Change requests as scans and code hosts tell of them, and what their end means for findings."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from findings.abandoned import abandon_refs_of
from findings.locks import lock_projects
from findings.models import ChangeRequest, ChangeRequestState, Scan, ScanKind
from findings.refs import normalize_ref
from findings.signals import change_request_changed
from findings.texts import storable_text
from integrations.review_hosts import RemoteChangeRequest, RemoteState
from tenants.announcements import announce
from tenants.models import Project

LARGEST_NUMBER = 2**31 - 1
# GitHub names a change request's ref by its number; the branch that it comes from is not told.
_PULL_REFS = "refs/"
_WEB_PATHS = {"github-actions": "pull", "gitlab-ci": "-/merge_requests"}


@transaction.atomic
def note_scanned(*, scan: Scan, now: datetime) -> ChangeRequest | None:
    """Note that a scan of a change request began; None for other scans.

    What the code host has told stays: a scanner knows less, and may be late.
    """
    number = _number_of(scan)
    if number is None:
        return None
    row: ChangeRequest
    row, _ = ChangeRequest.objects.select_for_update().get_or_create(
        project_id=scan.project_id, number=number, defaults={"created_at": now}
    )
    if row.changed_at is None:
        _write(row, {name: value for name, value in _facts_of(scan, number).items() if value})
    announce(change_request_changed, change_request_id=row.pk)
    return row


@transaction.atomic
def note_change_request(
    *, project: Project, remote: RemoteChangeRequest, now: datetime
) -> ChangeRequest:
    """Note how a change request is at its code host; an older event changes nothing.

    Where it was closed without merging, the findings on its refs are removed; reopening does not
    bring them back before a scan does.
    """
    if remote.state == RemoteState.CLOSED:
        lock_projects([project.pk])  # before any row: ingest does it in this order
    row: ChangeRequest
    row, is_new = ChangeRequest.objects.select_for_update().get_or_create(
        project=project, number=remote.number, defaults={"created_at": now}
    )
    if _is_outdated(row, remote):
        return row
    was = row.state
    changed = _write(row, _facts_at_host(row, remote))
    if row.state == ChangeRequestState.CLOSED and was != ChangeRequestState.CLOSED:
        abandon_refs_of(row, now=now)
    if changed - {"changed_at"} or is_new:
        announce(change_request_changed, change_request_id=row.pk)
    return row


@transaction.atomic
def note_ingested(*, scan: Scan, now: datetime) -> None:
    """Remove what a scan found in a change request that was closed while it ran."""
    lock_projects([scan.project_id])  # before any row
    row = change_request_of(scan)
    if row is None or row.state != ChangeRequestState.CLOSED or row.changed_at is None:
        return
    # One that began later may be of a change request whose reopening we have yet to hear of.
    if scan.started_at <= row.changed_at:
        abandon_refs_of(row, now=now)


def change_request_of(scan: Scan) -> ChangeRequest | None:
    """Return the change request that a scan is of; None for scans of branches."""
    number = _number_of(scan)
    if number is None:
        return None
    row: ChangeRequest | None = ChangeRequest.objects.filter(
        project_id=scan.project_id, number=number
    ).first()
    return row


def scans_of(change_request: ChangeRequest) -> QuerySet[Scan]:
    """Return the scans of a change request, newest first."""
    scans: QuerySet[Scan] = Scan.objects.filter(
        project_id=change_request.project_id,
        kind=ScanKind.DIFF,
        change_request=str(change_request.number),
    )
    return scans.order_by("-started_at", "-id")


def _number_of(scan: Scan) -> int | None:
    text = scan.change_request
    if scan.kind != ScanKind.DIFF or not (text.isascii() and text.isdecimal()):
        return None
    number = int(text)
    # `007` is no number that a code host gives, and would be another row's scan.
    return number if 0 < number <= LARGEST_NUMBER and str(number) == text else None


def _facts_of(scan: Scan, number: int) -> dict[str, Any]:
    ref = scan.ref.name
    return {
        "title": _text(scan.meta.get("pull_request_title"), 500),
        "author": _text(scan.meta.get("pull_request_author_username"), 200),
        "url": _web_url(scan, number),
        "head_ref": "" if ref.startswith(_PULL_REFS) else ref,
        "head_commit": scan.commit,
    }


def _web_url(scan: Scan, number: int) -> str:
    path = _WEB_PATHS.get(_text(scan.meta.get("scan_environment"), 40))
    repository = _url(_text(scan.meta.get("repo_url"), 900)).rstrip("/")
    return f"{repository}/{path}/{number}" if path and repository else ""


def _facts_at_host(row: ChangeRequest, remote: RemoteChangeRequest) -> dict[str, Any]:
    return {
        "state": _state_after(row, remote),
        "title": _text(remote.title, 500),
        # GitLab names the author when it is opened, and not in later events.
        "author": _text(remote.author, 200) or row.author,
        "url": _url(_text(remote.url, 1000)),
        "head_ref": normalize_ref(_text(remote.head_ref, 400)) if remote.head_ref else "",
        "base_ref": normalize_ref(_text(remote.base_ref, 400)) if remote.base_ref else "",
        "head_commit": _text(remote.head_commit, 64),
        "is_from_fork": remote.is_from_fork,
        "changed_at": remote.updated_at,
    }


def _state_after(row: ChangeRequest, remote: RemoteChangeRequest) -> ChangeRequestState:
    was, told = ChangeRequestState(row.state), ChangeRequestState(remote.state.value)
    if was == ChangeRequestState.MERGED:
        return was  # nothing at a code host undoes that
    is_same_moment = row.changed_at == remote.updated_at
    # Code hosts count in seconds: of two events in one, the end is the later.
    return was if is_same_moment and told == ChangeRequestState.OPEN else told


def _is_outdated(row: ChangeRequest, remote: RemoteChangeRequest) -> bool:
    return row.changed_at is not None and remote.updated_at < row.changed_at


def _write(row: ChangeRequest, facts: dict[str, Any]) -> set[str]:
    """Set what differs; return its names."""
    changed = {name for name, value in facts.items() if getattr(row, name) != value}
    for name in changed:
        setattr(row, name, facts[name])
    if changed:
        row.save(update_fields=sorted(changed))
    return changed


def _text(value: object, limit: int) -> str:
    return storable_text(value, limit=limit) if isinstance(value, str) else ""


def _url(text: str) -> str:
    """Return an address that may become a link on pages; blank for anything else."""
    return text if text.startswith(("https://", "http://")) else ""
