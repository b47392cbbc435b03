"""Rules that a model writes: asked for by people, within their limits."""

from datetime import datetime, timedelta
from http import HTTPStatus

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q

from core.errors import InvalidInputError, ProblemError
from llm.runner import is_offline_provider
from rules.announcements import draft_wanted
from rules.languages import LANGUAGES
from rules.models import RuleDraft
from rules.texts import check_size
from tenants.announcements import announce
from tenants.jobs import LIVE
from tenants.models import User
from tenants.scope import lock_for_transaction

MAX_ROUNDS = 4
MAX_PROMPT_CHARACTERS = 4_000
MAX_SAMPLE_CHARACTERS = 20_000
KEPT_FOR = timedelta(days=30)


class ModelNeededError(ProblemError):
    """There is no model that could write a rule."""

    code = "model_needed"
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            "Writing a rule needs a model, and none is set up: an admin names one in the"
            " assistant's settings. The templates of the editor are there without one."
        )


class TooManyDraftsError(ProblemError):
    """The person has as many rules being written, or had as many in an hour, as one may."""

    code = "too_many_drafts"
    status = HTTPStatus.TOO_MANY_REQUESTS


def want_draft(
    *,
    person: User,
    language: str,
    prompt: str,
    bad_code: str,
    good_code: str,
    now: datetime,
) -> RuleDraft:
    """Ask a model for a rule.

    Raises ModelNeededError, TooManyDraftsError, and InvalidInputError that names the field.
    """
    _check(language=language, prompt=prompt, bad_code=bad_code, good_code=good_code)
    if is_offline_provider():
        raise ModelNeededError
    with transaction.atomic():
        lock_for_transaction("rules.drafts", person.pk)
        mine = RuleDraft.objects.filter(person=person)
        mine.filter(created_at__lt=now - KEPT_FOR).exclude(status__in=LIVE).delete()
        _require_room(person, now)
        draft: RuleDraft = RuleDraft.objects.create(
            person=person,
            language=language,
            prompt=prompt.strip(),
            bad_code=bad_code,
            good_code=good_code,
            next_attempt_at=now,
            created_at=now,
        )
        announce(draft_wanted, draft_id=draft.pk)
    return draft


def _check(*, language: str, prompt: str, bad_code: str, good_code: str) -> None:
    if language not in LANGUAGES:
        raise InvalidInputError(
            f"language: {language[:40]!r} is none that rules are written for; choose one of"
            f" {', '.join(LANGUAGES)}.",
            field="language",
        )
    if not prompt.strip():
        raise InvalidInputError("prompt: say what the rule shall find.", field="prompt")
    check_size(prompt, field="prompt", what="the prompt", most=MAX_PROMPT_CHARACTERS)
    for field, what, code in (
        ("bad_code", "the bad code", bad_code),
        ("good_code", "the good code", good_code),
    ):
        check_size(code, field=field, what=what, most=MAX_SAMPLE_CHARACTERS)


def _require_room(person: User, now: datetime) -> None:
    counts = RuleDraft.objects.filter(person=person).aggregate(
        live=Count("id", filter=Q(status__in=LIVE)),
        recent=Count("id", filter=Q(created_at__gt=now - timedelta(hours=1))),
    )
    if counts["live"] >= settings.RULE_DRAFTS_PER_PERSON:
        raise TooManyDraftsError(
            f"{counts['live']} rules are being written for you: wait until one of them has ended."
        )
    if counts["recent"] >= settings.RULE_DRAFTS_PER_HOUR:
        raise TooManyDraftsError(
            f"{counts['recent']} rules were written for you within an hour: wait a while, or start"
            " from one of them or from a template."
        )
