"""What the editor opens with: a new rule, a saved one, a starter, a run or what a model wrote."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from core.errors import NotFoundError
from core.numbers import id_of
from rules.draft_rounds import cost_of_rounds, rounds_of
from rules.library import text_of
from rules.models import Rule, RuleDraft, RuleTrial
from rules.starters import STARTERS
from rules.trial_shown import ShownRun, show_result, show_trial
from tenants.models import TenantModel

AnyRow = TypeVar("AnyRow", bound=TenantModel)

FIRST = "search"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftTold:
    """What is said of a rule that a model wrote."""

    draft_id: int
    is_green: bool
    rounds: int
    best_round: int
    why_red: str
    cost_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The texts of the panes, what they are of, and what is known of them.

    `version` is the one that the texts began from: saving asks that it is still the newest.
    `is_unsaved`: to leave the page would lose something.
    """

    text: str
    test_code: str
    language: str = "python"
    rule: Rule | None = None
    version: int | None = None
    trial_id: int | None = None
    is_live: bool = False
    is_running: bool = False
    run: ShownRun | None = None
    draft: DraftTold | None = None
    note: str = ""
    is_unsaved: bool = False


def open_wanted(query: Mapping[str, str]) -> Opened:
    """Return what an address asks for; raise NotFoundError where there is no such thing."""
    if query.get("trial"):
        return _open_trial(query)
    if query.get("draft"):
        return _open_draft(_row(RuleDraft, query["draft"], "draft"))
    if query.get("rule"):
        return _open_saved(rule_named(query["rule"]))
    starter = STARTERS.get(query.get("starter") or FIRST)
    if starter is None:
        raise NotFoundError(
            f"starter: there is none of that name; choose one of {', '.join(STARTERS)}.",
            field="starter",
        )
    return Opened(text=starter.text, test_code=starter.test_code)


def open_rule(rule: Rule) -> Opened:
    """Return a saved rule as it is now."""
    return Opened(
        text=text_of(rule),
        test_code=rule.test_code,
        language=rule.languages[0] if rule.languages else "generic",
        rule=rule,
        version=rule.version,
    )


def rule_named(text: str) -> Rule:
    """Return the rule, deleted or not, that a field or an address names; raise NotFoundError."""
    return _row(Rule, text, "rule")


def _open_saved(rule: Rule) -> Opened:
    if rule.deleted_at is not None:
        raise NotFoundError(
            f"rule: {rule.path} was deleted; restore it in the library first.", field="rule"
        )
    return open_rule(rule)


def _row(model: type[AnyRow], text: str, field: str) -> AnyRow:
    row: AnyRow | None = model.objects.filter(id=id_of(text) or 0).first()
    if row is None:
        raise NotFoundError(f"{field}: there is none of that number here.", field=field)
    return row


def _open_trial(query: Mapping[str, str]) -> Opened:
    trial = _row(RuleTrial, query["trial"], "trial")
    rule = rule_named(query["rule"]) if query.get("rule") else None
    is_live, is_running, run = show_trial(trial)
    return Opened(
        text=trial.text,
        test_code=trial.test_code,
        rule=rule,
        version=id_of(query.get("version", "")) if rule else None,
        trial_id=trial.pk,
        is_live=is_live,
        is_running=is_running,
        run=run,
        is_unsaved=rule is None or (trial.text, trial.test_code) != (text_of(rule), rule.test_code),
    )


def _open_draft(draft: RuleDraft) -> Opened:
    rounds = rounds_of(draft)
    if draft.best_round is None:
        raise NotFoundError("draft: there is no rule in it yet.", field="draft")
    best = rounds[draft.best_round - 1]
    return Opened(
        text=best.text,
        test_code=best.test_code,
        language=draft.language,
        run=show_result(best.result, best.test_code),
        draft=DraftTold(
            draft_id=draft.pk,
            is_green=best.is_green,
            rounds=len(rounds),
            best_round=draft.best_round,
            why_red=best.why_red,
            cost_usd=cost_of_rounds(rounds),
        ),
        is_unsaved=True,
    )
