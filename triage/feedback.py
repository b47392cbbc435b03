"""What people think of a verdict."""

from datetime import datetime

from django.db import transaction

from core.errors import InvalidInputError, NotFoundError
from findings.models import Activity, ActivityKind, TriageReason, TriageState
from findings.selectors import get_finding
from findings.texts import is_storable
from findings.triage_states import TriageChange, triage_findings
from tenants.audit import Actor
from triage.models import Feedback, Rating, Verdict
from triage.selectors import latest_verdict

NOTE_LIMIT = 3000


class NoVerdictError(NotFoundError):
    """There is no verdict yet to have an opinion of."""

    code = "no_verdict"


@transaction.atomic
def agree_and_ignore(*, finding_id: int, actor: Actor, now: datetime) -> Feedback:
    """Record that `actor` agrees, and ignore the finding as a false positive.

    Raises InvalidInputError when the verdict is not that it is one.
    """
    verdict = _verdict_of(finding_id)
    if verdict.conclusion != "false_positive":
        raise InvalidInputError(
            "verdict: only a false-positive verdict can be agreed with and ignored; triage the"
            " finding instead.",
            field="verdict",
        )
    feedback = _rate(verdict=verdict, rating=Rating.GOOD, note="", actor=actor, now=now)
    if get_finding(finding_id).triage_state != TriageState.IGNORED:
        change = TriageChange(
            state=TriageState.IGNORED, reason=TriageReason.FALSE_POSITIVE, note=""
        )
        triage_findings(finding_ids=[finding_id], change=change, actor=actor, now=now)
    return feedback


@transaction.atomic
def disagree(*, finding_id: int, note: str, actor: Actor, now: datetime) -> Feedback:
    """Record that `actor` disagrees, with a note if there is one; the status stays."""
    if len(note) > NOTE_LIMIT:
        raise InvalidInputError(
            f"note: {len(note)} characters are too long; use at most {NOTE_LIMIT}.", field="note"
        )
    if not is_storable(note):
        raise InvalidInputError("note: take out the NUL or half character.", field="note")
    verdict = _verdict_of(finding_id)
    return _rate(verdict=verdict, rating=Rating.BAD, note=note.strip(), actor=actor, now=now)


def _verdict_of(finding_id: int) -> Verdict:
    get_finding(finding_id)
    verdict = latest_verdict(finding_id)
    if verdict is None:
        raise NoVerdictError("This finding has no verdict yet; wait until it is analyzed.")
    return verdict


def _rate(*, verdict: Verdict, rating: Rating, note: str, actor: Actor, now: datetime) -> Feedback:
    """Keep an opinion; the same one again, by the same person, is the one there is."""
    Verdict.objects.select_for_update().get(pk=verdict.pk)
    mine = Feedback.objects.filter(verdict=verdict, actor=actor.user, door=actor.door)
    newest: Feedback | None = mine.order_by("-id").first()
    if newest is not None and (newest.rating, newest.note) == (rating, note):
        return newest
    feedback: Feedback = Feedback.objects.create(
        verdict=verdict,
        rating=rating,
        note=note,
        actor=actor.user,
        door=actor.door,
        created_at=now,
    )
    _tell(verdict, feedback=feedback, actor=actor, now=now)
    return feedback


def _tell(verdict: Verdict, *, feedback: Feedback, actor: Actor, now: datetime) -> None:
    title = "Agreed with the verdict" if feedback.rating == Rating.GOOD else "Disagreed"
    Activity.objects.create(
        finding_id=verdict.finding_id,
        kind=ActivityKind.AUTOTRIAGE_FEEDBACK,
        at=now,
        actor=actor.user,
        actor_label=actor.label[:200],
        door=actor.door,
        title=title,
        note=feedback.note,
    )
