"""What people think of guidance and of fixes."""

from datetime import datetime

from django.db import transaction

from findings.selectors import get_finding
from remediation.models import FixFeedback, GuidanceFeedback
from remediation.selectors import latest_guidance, shown_fix
from tenants.audit import Actor
from triage.models import Rating
from triage.opinions import OutdatedSubjectError, Said, checked_note, keep_opinion

_WORDS = {Rating.GOOD: "helpful", Rating.BAD: "not helpful"}


@transaction.atomic
def rate_guidance(
    *, finding_id: int, guidance_id: int, rating: Rating, note: str, actor: Actor, now: datetime
) -> GuidanceFeedback:
    """Record what `actor` thinks of the guidance; the newest word of each person counts.

    Raises OutdatedSubjectError when `guidance_id`, the one that was read, does not count any more.
    """
    kept = checked_note(note)
    guidance = latest_guidance(get_finding(finding_id).pk)
    if guidance is None or guidance.pk != guidance_id:
        raise OutdatedSubjectError(
            "guidance: newer guidance has replaced what you read, so nothing was kept; load the"
            " page again, read it, and rate that.",
            field="guidance",
        )
    return keep_opinion(
        GuidanceFeedback,
        subject={"guidance": guidance},
        finding_id=finding_id,
        said=Said(rating=rating, note=kept, title=f"Rated the guidance {_WORDS[rating]}"),
        actor=actor,
        now=now,
    )


@transaction.atomic
def rate_fix(
    *, finding_id: int, fix_id: int, rating: Rating, note: str, actor: Actor, now: datetime
) -> FixFeedback:
    """Record what `actor` thinks of the fix that is shown; raises as `rate_guidance`."""
    kept = checked_note(note)
    fix = shown_fix(get_finding(finding_id).pk)
    if fix is None or fix.pk != fix_id:
        raise OutdatedSubjectError(
            "fix: the fix that you read is not shown any more, so nothing was kept; load the page"
            " again.",
            field="fix",
        )
    return keep_opinion(
        FixFeedback,
        subject={"fix": fix},
        finding_id=finding_id,
        said=Said(rating=rating, note=kept, title=f"Rated the fix {_WORDS[rating]}"),
        actor=actor,
        now=now,
    )
