"""When a finding was opened and closed, and where it stands before and after a merge.

Only what the finding's row says now is asked, so that a count and the list behind it are the same
rows. One that was fixed and came back was opened when it last came back; one that was fixed counts
as fixed, whatever was decided before. What was removed (its rule is off, its file is gone) was
never there.
"""

from datetime import datetime

from django.db.models import Q

from findings.models import UNDECIDED, Status
from insights.filters import FindingFilter, Lifecycle, Moment

IGNORED = (Status.IGNORED, Status.PROVISIONALLY_IGNORED)
CLOSED = (Status.FIXED, *IGNORED)
IS_SHOWN_EARLY = Q(is_shown_early=True)
IS_FIXED_EARLY = Q(is_on_primary=False) & (Q(status=Status.FIXED) | Q(is_gone_early=True))


def in_time(wanted: FindingFilter) -> Q:
    """Return the condition on time."""
    since, until = wanted.since, wanted.until
    if wanted.moment == Moment.FIXED:
        return Q(status=Status.FIXED) & _between("closed_at", since, until)
    if wanted.moment == Moment.IGNORED:
        return Q(status__in=IGNORED) & _between("closed_at", since, until)
    if wanted.moment == Moment.CHANGED:
        closed = Q(status__in=CLOSED) & _between("closed_at", since, until)
        return closed | _between("relevant_since", since, until)
    if wanted.moment == Moment.BACKLOG:
        still = Q(status__in=UNDECIDED)
        if until is not None:
            still |= Q(status__in=CLOSED, closed_at__gte=until)
        return still & _between("relevant_since", since, until)
    return _between("relevant_since", since, until)


def in_lifecycle(lifecycle: str) -> Q:
    """Return the condition on the way from a change request to the primary branch.

    A finding that has an instance on the primary branch shows that one.
    """
    if not lifecycle:
        return Q()
    if lifecycle == Lifecycle.PRODUCTION:
        return Q(is_on_primary=True)
    found = Q(is_found_early=True)
    if lifecycle == Lifecycle.SHOWN:
        return found & IS_SHOWN_EARLY
    if lifecycle == Lifecycle.FIXED_EARLY:
        return found & IS_FIXED_EARLY
    return found


def _between(field: str, since: datetime | None, until: datetime | None) -> Q:
    condition = Q()
    if since is not None:
        condition &= Q(**{f"{field}__gte": since})
    if until is not None:
        condition &= Q(**{f"{field}__lt": until})
    return condition
