"""When a finding was opened and closed, and where it stands before and after a merge.

Only what the finding's row says now is asked, so that a count and the list behind it are the same
rows. One that was fixed and came back was opened when it last came back; one that was fixed counts
as fixed, whatever was decided before. What was removed (its rule is off, its file is gone) was
never there.
"""

from datetime import datetime

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Greatest
from django.db.models.lookups import LessThan

from findings.models import (
    UNDECIDED,
    Activity,
    ActivityKind,
    Instance,
    Ref,
    Scan,
    ScanKind,
    ScanStatus,
    Status,
    TriageState,
)
from insights.filters import FindingFilter, Lifecycle, Moment

IGNORED = (Status.IGNORED, Status.PROVISIONALLY_IGNORED)
CLOSED = (Status.FIXED, *IGNORED)
_SET_ASIDE = (TriageState.IGNORED, TriageState.PROVISIONALLY_IGNORED)
_BROKEN = (ScanStatus.ERROR, ScanStatus.NEVER_FINISHED, ScanStatus.CANCELLED)


def closed_at() -> Greatest:
    """Return when a closed finding was fixed or ignored; for others it means nothing.

    One that came back while it was ignored was closed as it came.
    """
    decided_at = Coalesce("triaged_at", "state_updated_at")
    return Greatest(
        Case(
            When(Q(status__in=IGNORED, triage_state__in=_SET_ASIDE), then=decided_at),
            default=F("state_updated_at"),
        ),
        "relevant_since",
    )


def in_time(wanted: FindingFilter) -> Q:
    """Return the condition on time; it needs the alias `closed_at`."""
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

    A finding that has an instance on the primary branch shows that one, so its ref says it.
    """
    if not lifecycle:
        return Q()
    if lifecycle == Lifecycle.PRODUCTION:
        return is_on_primary()
    found = Q(first_scan__kind=ScanKind.DIFF)
    if lifecycle == Lifecycle.SHOWN:
        return found & Q(is_shown())
    if lifecycle == Lifecycle.FIXED_EARLY:
        return found & is_fixed_early()
    return found


def is_on_primary() -> Q:
    """Return the condition that a finding stands, or stood, on its project's primary branch."""
    primary: QuerySet[Ref] = Ref.objects.filter(name=F("project__primary_branch"))
    return Q(ref__in=primary.values("pk"))


def is_shown() -> Exists:
    """Return whether a comment in a change request has spoken of a finding."""
    comments = Activity.objects.filter(finding=OuterRef("pk"), kind=ActivityKind.COMMENT)
    return Exists(comments)


def is_fixed_early() -> Q:
    """Return the condition that a finding went before it reached the primary branch.

    A diff scan closes nothing: what it reports again carries its number, so an instance that a
    later scan of the same ref has left behind is gone.
    """
    # Row by row, through two indexes: as sets these would be all instances and all scans.
    newest = (
        Scan.objects.filter(ref=OuterRef("ref"), kind=ScanKind.DIFF, ingested_at__isnull=False)
        .exclude(status__in=_BROKEN)
        .order_by("-pk")
    )
    instance = Instance.objects.filter(finding=OuterRef("pk"), ref=OuterRef("ref"))
    is_left_behind = LessThan(
        Subquery(instance.values("last_scan")[:1]), Subquery(newest.values("pk")[:1])
    )
    return ~is_on_primary() & (Q(status=Status.FIXED) | Q(is_left_behind))


def _between(field: str, since: datetime | None, until: datetime | None) -> Q:
    condition = Q()
    if since is not None:
        condition &= Q(**{f"{field}__gte": since})
    if until is not None:
        condition &= Q(**{f"{field}__lt": until})
    return condition
