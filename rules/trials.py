"""Runs of the editor: asked for by people, within their limits, and done by workers in turn."""

from datetime import datetime, timedelta
from http import HTTPStatus

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet

from core.errors import ProblemError
from rules.announcements import trial_wanted
from rules.models import RuleTrial
from rules.texts import MAX_TEST_CHARACTERS, MAX_TEXT_CHARACTERS, check_size
from rules.trial_results import Match, TrialResult
from rules.trying import try_rule
from tenants.announcements import announce
from tenants.jobs import LIVE, JobStatus
from tenants.models import User
from tenants.scope import lock_for_transaction

__all__ = [
    "Match",
    "TooManyTrialsError",
    "TrialResult",
    "result_of",
    "run_trial",
    "trial_in_turn",
    "want_trial",
]

SUPERSEDED = "A newer run took its place."
# One that a worker died over may do so again: not thirty times.
MAX_TRIES = 2
BROKE_OFF = "The run broke off twice without an end: make the rule or the test code smaller."
KEPT_FOR = timedelta(days=1)
# Each holds its texts and its matches: about a megabyte at most.
MOST_KEPT = 50


class TooManyTrialsError(ProblemError):
    """The person has as many runs under way, or had as many in a minute, as one may."""

    code = "too_many_trials"
    status = HTTPStatus.TOO_MANY_REQUESTS


@transaction.atomic
def want_trial(*, person: User, text: str, test_code: str, now: datetime) -> RuleTrial:
    """Ask for a run of the rule in `text` on `test_code`, in place of the person's waiting ones.

    Raises TooManyTrialsError, and InvalidInputError for texts that are too long.
    """
    check_size(text, field="text", what="the rule", most=MAX_TEXT_CHARACTERS)
    check_size(test_code, field="test_code", what="the test code", most=MAX_TEST_CHARACTERS)
    lock_for_transaction("rules.trials", person.pk)
    mine = RuleTrial.objects.filter(person=person)
    _let_go(mine.exclude(status__in=LIVE), now)
    _require_room(person, now)
    mine.filter(status=JobStatus.WAITING).update(
        status=JobStatus.FAILED, error=SUPERSEDED, finished_at=now
    )
    trial: RuleTrial = RuleTrial.objects.create(
        person=person, text=text, test_code=test_code, next_attempt_at=now, created_at=now
    )
    announce(trial_wanted, trial_id=trial.pk)
    return trial


def _let_go(ended: QuerySet[RuleTrial], now: datetime) -> None:
    """Delete the runs that are old, and those that many newer ones follow."""
    # Those of the last minute are counted.
    most = max(MOST_KEPT, settings.RULE_TRIALS_PER_MINUTE)
    too_many = ended.order_by("-id").values_list("id", flat=True)[most:]
    ended.filter(Q(created_at__lt=now - KEPT_FOR) | Q(id__in=list(too_many))).delete()


def _require_room(person: User, now: datetime) -> None:
    counts = RuleTrial.objects.filter(person=person).aggregate(
        running=Count("id", filter=Q(status=JobStatus.RUNNING)),
        recent=Count("id", filter=Q(created_at__gt=now - timedelta(minutes=1))),
    )
    # The one that waits gives way to the new one.
    if counts["running"] >= settings.RULE_TRIALS_PER_PERSON:
        raise TooManyTrialsError(
            f"{counts['running']} of your runs are under way: wait until one of them has ended."
        )
    if counts["recent"] >= settings.RULE_TRIALS_PER_MINUTE:
        raise TooManyTrialsError(
            f"You started {counts['recent']} runs within a minute: wait a moment and try again."
        )


def run_trial(*, trial: RuleTrial, now: datetime) -> None:  # noqa: ARG001 as all jobs
    """Run a claimed trial and keep its result; what goes wrong is part of it."""
    if trial.attempts > MAX_TRIES:
        result = TrialResult(problem=BROKE_OFF)
    else:
        result = try_rule(text=trial.text, test_code=trial.test_code)
    RuleTrial.objects.filter(id=trial.pk, claims=trial.claims).update(result=result.as_mapping())


def result_of(trial: RuleTrial) -> TrialResult | None:
    """Return what came of a trial; None while it waits or runs, a problem where it was given up."""
    if trial.status in LIVE:
        return None
    if not trial.result:
        return TrialResult(problem=trial.error)
    return TrialResult.from_mapping(trial.result)


def trial_in_turn(*, now: datetime) -> int | None:
    """Return the waiting trial of the person whose last turn is the longest ago, or None.

    Somebody whose run is under way has her turn now; superseded runs never had one.
    """
    due = RuleTrial.objects.filter(status__in=LIVE, next_attempt_at__lte=now)
    oldest: dict[int, int] = dict(due.order_by("-id").values_list("person_id", "id"))
    turns = (
        RuleTrial.objects.filter(person__in=oldest, claims__gt=0)
        .values("person_id")
        .annotate(
            running=Count("id", filter=Q(status=JobStatus.RUNNING, next_attempt_at__gt=now)),
            last=Max("finished_at"),
        )
    )
    had = {turn["person_id"]: (turn["running"], turn["last"]) for turn in turns}

    def turn_of(person_id: int) -> tuple[int, float, int]:
        running, last = had.get(person_id, (0, None))
        return running, last.timestamp() if last else 0, oldest[person_id]

    return oldest[min(oldest, key=turn_of)] if oldest else None
