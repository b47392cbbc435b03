"""What people think of a verdict."""

from datetime import datetime

from django.db import transaction

from core.errors import InvalidInputError, NotFoundError
from findings.locks import lock_projects
from findings.models import Conclusion, TriageReason, TriageState
from findings.selectors import get_finding
from findings.triage_states import TriageChange, triage_findings
from tenants.audit import Actor
from triage.models import Feedback, Rating, Verdict
from triage.opinions import OutdatedSubjectError, Said, checked_note, keep_opinion
from triage.selectors import latest_verdict

_TITLES = {Rating.GOOD: "Agreed with the verdict", Rating.BAD: "Disagreed with the verdict"}


class NoVerdictError(NotFoundError):
    """There is no verdict yet to have an opinion of."""

    code = "no_verdict"


@transaction.atomic
def agree_and_ignore(
    *, finding_id: int, verdict_id: int, actor: Actor, now: datetime, note: str = ""
) -> Feedback:
    """Record that `actor` agrees, and ignore the finding as a false positive.

    Raises InvalidInputError when the verdict is not that it is one, and OutdatedSubjectError when
    `verdict_id`, the one that was read, does not count any more.
    """
    kept = checked_note(note)
    # A newer verdict that is being stored at this moment is waited for, and then seen.
    lock_projects([get_finding(finding_id).project_id])
    verdict = _verdict_of(finding_id, verdict_id=verdict_id)
    if verdict.conclusion != Conclusion.FALSE_POSITIVE:
        raise InvalidInputError(
            "verdict: only a false-positive verdict can be agreed with and ignored; triage the"
            " finding instead.",
            field="verdict",
        )
    feedback = _rate(verdict, rating=Rating.GOOD, note=kept, actor=actor, now=now)
    if get_finding(finding_id).triage_state != TriageState.IGNORED:
        change = TriageChange(
            state=TriageState.IGNORED, reason=TriageReason.FALSE_POSITIVE, note=kept
        )
        triage_findings(finding_ids=[finding_id], change=change, actor=actor, now=now)
    return feedback


@transaction.atomic
def rate_verdict(
    *, finding_id: int, verdict_id: int, rating: Rating, note: str, actor: Actor, now: datetime
) -> Feedback:
    """Record what `actor` thinks of any verdict, with a note if there is one; the status stays."""
    kept = checked_note(note)
    verdict = _verdict_of(finding_id, verdict_id=verdict_id)
    return _rate(verdict, rating=rating, note=kept, actor=actor, now=now)


def _verdict_of(finding_id: int, *, verdict_id: int) -> Verdict:
    get_finding(finding_id)
    verdict = latest_verdict(finding_id)
    if verdict is None:
        raise NoVerdictError("This finding has no verdict yet; wait until it is analyzed.")
    if verdict.pk != verdict_id:
        raise OutdatedSubjectError(
            "verdict: a newer verdict has replaced the one that you read, so nothing was changed;"
            " load the page again, read it, and answer anew.",
            field="verdict",
        )
    return verdict


def _rate(verdict: Verdict, *, rating: Rating, note: str, actor: Actor, now: datetime) -> Feedback:
    return keep_opinion(
        Feedback,
        subject={"verdict": verdict},
        finding_id=verdict.finding_id,
        said=Said(rating=rating, note=note, title=_TITLES[rating]),
        actor=actor,
        now=now,
    )
