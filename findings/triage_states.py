"""What people decide on findings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from core.errors import InvalidInputError
from findings.locks import lock_projects
from findings.models import Activity, ActivityKind, Finding, TriageReason, TriageState
from findings.signals import findings_triaged
from findings.texts import is_storable
from tenants.announcements import announce
from tenants.audit import Actor

NOTE_LIMIT = 3000
BY_HAND = (
    TriageState.IGNORED,
    TriageState.REVIEWING,
    TriageState.FIXING,
    TriageState.REOPENED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageChange:
    """What is decided; `state` is None where only a note is left."""

    state: TriageState | None = None
    reason: TriageReason | None = None
    note: str = ""


@transaction.atomic
def triage_findings(
    *, finding_ids: Sequence[int], change: TriageChange, actor: Actor, now: datetime
) -> list[int]:
    """Apply one decision to findings, on all their refs; return the ids of those there are.

    Raises InvalidInputError that names the field: a state that only the platform sets, a reason
    without `ignored`, a note that is too long, nothing to do.
    """
    _check(change)
    chosen: QuerySet[Finding] = Finding.objects.filter(pk__in=finding_ids)
    lock_projects(chosen.order_by().values_list("project_id", flat=True).distinct())
    ids = list(chosen.order_by("pk").select_for_update().values_list("pk", flat=True))
    if not ids:
        return []
    found = Finding.objects.filter(pk__in=ids)
    if change.state is not None:
        found.update(
            triage_state=change.state,
            triage_reason=_reason(change),
            triage_note=change.note,
            triaged_at=now,
            triaged_by=actor.user,
        )
    _tell(ids, change, actor, now)
    announce(findings_triaged, finding_ids=ids)
    return ids


def _check(change: TriageChange) -> None:
    if change.state is None and not change.note.strip():
        raise InvalidInputError("Give a triage state, a note, or both.", field="state")
    if change.state is not None and change.state not in BY_HAND:
        raise InvalidInputError(
            f"state: `{change.state}` cannot be set by hand; choose one of {', '.join(BY_HAND)}.",
            field="state",
        )
    if change.reason is not None and change.state != TriageState.IGNORED:
        raise InvalidInputError(
            "reason: only `ignored` has a reason; leave it out.", field="reason"
        )
    if change.reason is not None and change.reason not in TriageReason.values:
        raise InvalidInputError(
            f"reason: `{change.reason}` is none of {', '.join(TriageReason.values)}.",
            field="reason",
        )
    if len(change.note) > NOTE_LIMIT:
        raise InvalidInputError(
            f"note: {len(change.note)} characters are too long; use at most {NOTE_LIMIT}.",
            field="note",
        )
    if not is_storable(change.note):
        raise InvalidInputError("note: take out the NUL or half character.", field="note")


def _reason(change: TriageChange) -> str:
    if change.state != TriageState.IGNORED:
        return ""
    return change.reason or TriageReason.NO_TRIAGE_REASON


def _tell(ids: Sequence[int], change: TriageChange, actor: Actor, now: datetime) -> None:
    kind, title = ActivityKind.NOTE, "Left a note"
    if change.state is not None:
        kind, title = ActivityKind.TRIAGE, f"Set to {TriageState(change.state).label.lower()}"
    Activity.objects.bulk_create(
        [
            Activity(
                finding_id=finding_id,
                kind=kind,
                at=now,
                actor=actor.user,
                actor_label=actor.label[:200],
                door=actor.door,
                title=title,
                triage_reason=_reason(change),
                note=change.note,
            )
            for finding_id in ids
        ],
        batch_size=3000,
    )
