"""What people decided about findings: the answers that a judge is measured by."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from findings.models import Conclusion, Finding, Status, TriageReason, TriageState
from triage.models import Feedback, Rating

MAX_ANSWERS = 500
_OPPOSITE = {
    Conclusion.TRUE_POSITIVE: Conclusion.FALSE_POSITIVE,
    Conclusion.FALSE_POSITIVE: Conclusion.TRUE_POSITIVE,
}
_TO_BE_FIXED = (TriageState.FIXING, TriageState.REOPENED)
# Where findings with these triage states stand; the index of lists begins with the status.
_STATUSES = (Status.IGNORED, Status.FIXING, Status.OPEN, Status.FIXED)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAnswer:
    """What a person last said of one finding."""

    finding_id: int
    label: Conclusion
    at: datetime


def known_answers(*, most: int = MAX_ANSWERS) -> list[KnownAnswer]:
    """Return people's newest answers, one a finding, the newest first.

    An answer is an opinion of a verdict that decided (agreed: its conclusion; disagreed: the
    other one), or a person's triage: ignored as a false positive, or to be fixed or reopened.
    Of one finding the newest counts.
    """
    newest: dict[int, KnownAnswer] = {}
    for answer in sorted([*_opinions(most), *_triage(most)], key=lambda one: one.at):
        newest[answer.finding_id] = answer
    ordered = sorted(newest.values(), key=lambda one: (one.at, one.finding_id), reverse=True)
    return ordered[:most]


def _opinions(most: int) -> list[KnownAnswer]:
    newest = (
        Feedback.objects.filter(verdict__conclusion__in=_OPPOSITE)
        .order_by("verdict__finding_id", "-id")
        .distinct("verdict__finding_id")
    )
    rows = (
        Feedback.objects.filter(pk__in=newest.values("pk"))
        .order_by("-id")
        .values_list("verdict__finding_id", "verdict__conclusion", "rating", "created_at")[:most]
    )
    return [
        KnownAnswer(
            finding_id=finding_id,
            label=_label(Conclusion(conclusion), agrees=rating == Rating.GOOD),
            at=at,
        )
        for finding_id, conclusion, rating, at in rows
    ]


def _label(conclusion: Conclusion, *, agrees: bool) -> Conclusion:
    return conclusion if agrees else _OPPOSITE[conclusion]


def _triage(most: int) -> list[KnownAnswer]:
    is_false = Q(triage_state=TriageState.IGNORED, triage_reason=TriageReason.FALSE_POSITIVE)
    rows = (
        Finding.objects.filter(is_false | Q(triage_state__in=_TO_BE_FIXED))
        .filter(status__in=_STATUSES, triaged_by__isnull=False, triaged_at__isnull=False)
        .order_by("-triaged_at", "-id")
        .values_list("id", "triage_state", "triaged_at")[:most]
    )
    return [
        KnownAnswer(
            finding_id=finding_id,
            label=(
                Conclusion.FALSE_POSITIVE
                if state == TriageState.IGNORED
                else Conclusion.TRUE_POSITIVE
            ),
            at=at,
        )
        for finding_id, state, at in rows
        if at is not None
    ]
