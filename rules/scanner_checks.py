"""The scanner's word on rules that it has not seen yet."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.cache import cache

from core.errors import ProblemError
from integrations.semgrep.runner import validate_rules
from rules.candidates import Candidate, Refusal
from rules.definitions import RuleRefusedError
from rules.selectors import rules_by_path
from rules.trying import trial_limits
from tenants.audit import Actor
from tenants.scope import current_organization_id


class CheckUnderWayError(ProblemError):
    """The scanner looks at another rule of the same person's."""

    code = "check_under_way"
    status = HTTPStatus.TOO_MANY_REQUESTS


def require_valid(definition: Mapping[str, Any], *, actor: Actor) -> None:
    """Have the scanner judge one rule while somebody waits, one at a time for each person.

    Takes seconds. Raises RuleRefusedError, ScannerFailedError and CheckUnderWayError.
    """
    with _alone(actor):
        problems = validate_rules([definition], limits=trial_limits())
    if problems:
        raise RuleRefusedError(f"The scanner refuses it: {problems[0].reason}", field="text")


@contextlib.contextmanager
def _alone(actor: Actor) -> Iterator[None]:
    who = actor.user.pk if actor.user else actor.label
    key = f"rules.check:{current_organization_id()}:{who}"
    is_free = True
    # Without a cache nobody counts. The two ways of the scanner have a limit each.
    with contextlib.suppress(Exception):
        is_free = cache.add(key, 1, timeout=2 * settings.RULE_TRIAL_SECONDS)
    if not is_free:
        raise CheckUnderWayError(
            "The scanner still looks at another rule that you save: wait a moment, and save again."
        )
    try:
        yield
    finally:
        with contextlib.suppress(Exception):
            cache.delete(key)


def untried(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return those that are new or say something else than before; the others passed once."""
    known = rules_by_path([offer.path for offer in candidates])
    return [
        offer
        for offer in candidates
        if offer.path not in known or known[offer.path].content_hash != offer.content_hash
    ]


def refused_by_scanner(candidates: Sequence[Candidate]) -> list[Refusal]:
    """Run the scanner over these; takes seconds. Raises ScannerFailedError."""
    return [
        Refusal(
            place=candidates[problem.index].place,
            rule_id=problem.rule_id,
            reason=f"the scanner refuses it: {problem.reason}",
        )
        for problem in validate_rules([offer.definition for offer in candidates])
    ]
