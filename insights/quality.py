"""How good the assistant is: what people made of its verdicts and fixes, and what it cost.

Every figure is about one period and comes from one set-based statement. An opinion counts in the
period in which it was given, a verdict, fix or call in the one in which it was made. Of one
person's opinions of one thing the newest counts.
"""

from datetime import UTC, datetime, timedelta

from django.db.models import Avg, Count, F, IntegerField, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Floor, Least, TruncWeek

from findings.models import Conclusion
from insights.figures import (
    CalibrationBin,
    Fixes,
    Quality,
    Refusals,
    Reuse,
    RuleAgreement,
    Spent,
    Verdicts,
    WeekAgreement,
)
from llm.models import ModelCall
from remediation.models import FixAttempt, FixFeedback, FixStatus, Guidance, RemedyOrigin
from triage.evaluation import BINS
from triage.models import Feedback, Origin, Rating, Verdict

PERIODS = (30, 90, 365)
DEFAULT_PERIOD = 90
MAX_RULES = 20
_AGREES = Count("id", filter=Q(rating=Rating.GOOD))
_IS_MADE_FOR_FINDINGS = Q(subject_id__isnull=False) & ~Q(
    purpose__in=["evaluation", "memory-preview"]
)


def quality_since(*, days: int, now: datetime) -> Quality:
    """Return the figures of the last `days` days."""
    since = now - timedelta(days=days)
    return Quality(
        verdicts=_verdicts(since),
        rules=_rules(since),
        weeks=_weeks(since, until=now),
        calibration=_calibration(since),
        fixes=_fixes(since),
        spent=_spent(since),
        guidance=_guidance(since),
    )


def _opinions(since: datetime) -> QuerySet[Feedback]:
    """Return each person's newest opinion of each decided verdict, given since then."""
    newest = (
        Feedback.objects.filter(created_at__gte=since)
        .order_by("verdict_id", "actor_id", "-id")
        .distinct("verdict_id", "actor_id")
    )
    opinions: QuerySet[Feedback] = Feedback.objects.filter(pk__in=newest.values("pk")).order_by()
    return opinions


def _verdicts(since: datetime) -> Verdicts:
    rows = Verdict.objects.filter(created_at__gte=since).aggregate(
        true_positives=Count("id", filter=Q(conclusion=Conclusion.TRUE_POSITIVE)),
        false_positives=Count("id", filter=Q(conclusion=Conclusion.FALSE_POSITIVE)),
        needs_review=Count("id", filter=Q(conclusion=Conclusion.NEEDS_REVIEW)),
        reused=Count("id", filter=Q(origin=Origin.REUSED)),
    )
    return Verdicts(**rows)


def _rules(since: datetime) -> list[RuleAgreement]:
    """Return the rules with the most opinions."""
    rows = (
        _opinions(since)
        .values_list("verdict__finding__rule__check_id")
        .annotate(total=Count("id"), agreed=_AGREES)
        .order_by("-total", "verdict__finding__rule__check_id")[:MAX_RULES]
    )
    return [RuleAgreement(check_id=check_id, total=n, agreed=good) for check_id, n, good in rows]


def _weeks(since: datetime, *, until: datetime) -> list[WeekAgreement]:
    """Return every week of the period, those without an opinion too."""
    rows = (
        _opinions(since)
        .annotate(week=TruncWeek("created_at", tzinfo=UTC))
        .values_list("week")
        .annotate(total=Count("id"), agreed=_AGREES)
    )
    found = {moment.date(): (total, agreed) for moment, total, agreed in rows}
    monday = since.astimezone(UTC).date()
    monday -= timedelta(days=monday.weekday())
    weeks = []
    while monday <= until.astimezone(UTC).date():
        total, agreed = found.get(monday, (0, 0))
        weeks.append(WeekAgreement(week=monday, total=total, agreed=agreed))
        monday += timedelta(days=7)
    return weeks


def _calibration(since: datetime) -> list[CalibrationBin]:
    """Return the bins of confidence in which decided verdicts got an opinion."""
    scaled = Cast(Floor(F("verdict__confidence_ratio") * BINS), IntegerField())
    rows = (
        _opinions(since)
        .exclude(verdict__conclusion=Conclusion.NEEDS_REVIEW)
        .annotate(bin=Least(scaled, Value(BINS - 1)))
        .values_list("bin")
        .annotate(total=Count("id"), agreed=_AGREES, mean=Avg("verdict__confidence_ratio"))
        .order_by("bin")
    )
    return [
        CalibrationBin(index=index, total=total, agreed=agreed, confidence=mean)
        for index, total, agreed, mean in rows
    ]


def _fixes(since: datetime) -> Fixes:
    rows = (
        FixAttempt.objects.filter(created_at__gte=since)
        .order_by()
        .values_list("status", "reason")
        .annotate(total=Count("id"))
    )
    counts = {(status, reason): total for status, reason, total in rows}
    refusals = [
        Refusals(reason=reason, count=total)
        for (status, reason), total in counts.items()
        if status == FixStatus.REFUSED
    ]
    accepted, rejected = _opinions_of_fixes(since)
    return Fixes(
        proven=sum(n for (status, _), n in counts.items() if status == FixStatus.PROVEN),
        accepted=accepted,
        rejected=rejected,
        open=sum(n for (status, _), n in counts.items() if status == FixStatus.PROPOSED),
        withdrawn=sum(n for (status, _), n in counts.items() if status == FixStatus.WITHDRAWN),
        refusals=tuple(sorted(refusals, key=lambda one: (-one.count, one.reason))),
    )


def _opinions_of_fixes(since: datetime) -> tuple[int, int]:
    """Return how many fixes somebody finds good, and how many only bad."""
    newest = (
        FixFeedback.objects.filter(fix__created_at__gte=since)
        .order_by("fix_id", "actor_id", "-id")
        .distinct("fix_id", "actor_id")
    )
    found = FixFeedback.objects.filter(pk__in=newest.values("pk")).aggregate(
        rated=Count("fix_id", distinct=True),
        accepted=Count("fix_id", distinct=True, filter=Q(rating=Rating.GOOD)),
    )
    return found["accepted"], found["rated"] - found["accepted"]


def _spent(since: datetime) -> list[Spent]:
    rows = (
        ModelCall.objects.filter(_IS_MADE_FOR_FINDINGS, created_at__gte=since)
        .order_by()
        .values("purpose")
        .annotate(
            calls=Count("id"),
            findings=Count("subject_id", distinct=True),
            tokens=Sum(F("input_tokens") + F("output_tokens")),
            cost_usd=Sum("cost_usd"),
        )
        .order_by("purpose")
    )
    return [Spent(**row) for row in rows]


def _guidance(since: datetime) -> Reuse:
    return Reuse(
        **Guidance.objects.filter(created_at__gte=since).aggregate(
            total=Count("id"), reused=Count("id", filter=Q(origin=RemedyOrigin.REUSED))
        )
    )
