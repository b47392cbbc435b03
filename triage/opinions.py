"""Keeping what members think of something that the platform said: a verdict, guidance, a fix."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import TypeVar

from django.db.models import Model

from core.errors import InvalidInputError, ProblemError
from findings.models import Activity, ActivityKind
from findings.texts import is_storable
from tenants.audit import Actor
from triage.models import Opinion, Rating

NOTE_LIMIT = 3000
AnyOpinion = TypeVar("AnyOpinion", bound=Opinion)


class OutdatedSubjectError(ProblemError):
    """What the opinion is about has been replaced since the page was loaded."""

    code = "outdated"
    status = HTTPStatus.CONFLICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A rating with its note, and what the finding's log says of it."""

    rating: Rating
    note: str
    title: str


def checked_note(note: str) -> str:
    """Return the note without outer blanks; raise InvalidInputError where it cannot be kept."""
    if len(note) > NOTE_LIMIT:
        raise InvalidInputError(
            f"note: {len(note)} characters are too long; use at most {NOTE_LIMIT}.", field="note"
        )
    if not is_storable(note):
        raise InvalidInputError("note: take out the NUL or half character.", field="note")
    return note.strip()


def keep_opinion(
    kind: type[AnyOpinion],
    *,
    subject: Mapping[str, Model],
    finding_id: int,
    said: Said,
    actor: Actor,
    now: datetime,
) -> AnyOpinion:
    """Keep an opinion; the same one again, by the same person, is the one there is.

    `subject` names the row that it is about: {field: row}. Call it inside a transaction: the row
    is locked, so that two clicks are one opinion.
    """
    row = next(iter(subject.values()))
    type(row)._default_manager.select_for_update().get(pk=row.pk)
    label = "" if actor.user else actor.label[:200]
    mine = kind.objects.filter(**subject, actor=actor.user, actor_label=label, door=actor.door)
    newest: AnyOpinion | None = mine.order_by("-id").first()
    if newest is not None and (newest.rating, newest.note) == (said.rating, said.note):
        return newest
    opinion: AnyOpinion = kind.objects.create(
        **subject,
        rating=said.rating,
        note=said.note,
        actor=actor.user,
        actor_label=label,
        door=actor.door,
        created_at=now,
    )
    _tell(finding_id, said=said, actor=actor, now=now)
    return opinion


def _tell(finding_id: int, *, said: Said, actor: Actor, now: datetime) -> None:
    Activity.objects.create(
        finding_id=finding_id,
        kind=ActivityKind.AUTOTRIAGE_FEEDBACK,
        at=now,
        actor=actor.user,
        actor_label=actor.label[:200],
        door=actor.door,
        title=said.title,
        note=said.note,
    )
