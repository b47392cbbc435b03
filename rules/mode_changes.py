"""What rules and rulesets lead to in a policy: a change as a value, and its storing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from core.errors import InvalidInputError, NotFoundError
from rules.models import Mode, Policy, PolicyRule, PolicyRuleset, Rule, Ruleset
from rules.policy_book import Book
from rules.policy_records import NAMED_IN_AUDIT, locked_policy, record
from tenants.audit import Actor

MOST_AT_ONCE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeChange:
    """Rules and rulesets of one policy that get a mode.

    Without a mode, a rule loses what it has of its own there: its rulesets decide, and without one
    it leaves the policy. A ruleset without a mode leaves it.
    """

    policy_id: int
    mode: Mode | None
    rule_ids: frozenset[int] = frozenset()
    ruleset_ids: frozenset[int] = frozenset()

    def on(self, book: Book) -> Book:
        """Return the policies as they are with this change."""
        page = book.page(self.policy_id)
        changed = replace(
            page,
            own=_changed(page.own, self.rule_ids, self.mode),
            rulesets=_changed(page.rulesets, self.ruleset_ids, self.mode),
        )
        return book.with_page(changed)


@transaction.atomic
def change_modes(*, change: ModeChange, actor: Actor, now: datetime) -> int:
    """Store a change; return how many rules and rulesets had another mode, or none, before.

    Raises NotFoundError for a policy, rule or ruleset that is not there, having changed nothing.
    """
    if len(change.rule_ids) + len(change.ruleset_ids) > MOST_AT_ONCE:
        raise InvalidInputError(f"rule: change {MOST_AT_ONCE} rules at once at most.", field="rule")
    policy = locked_policy(change.policy_id)
    rules, sets = _rules(change.rule_ids), _rulesets(change.ruleset_ids)
    own = dict(policy.entries.filter(rule__in=rules).values_list("rule_id", "mode"))
    theirs = dict(policy.ruleset_entries.filter(ruleset__in=sets).values_list("ruleset_id", "mode"))
    facts = {"changed_at": now, "changed_by": actor.label[:200]}
    changed_rules = {key: path for key, path in rules.items() if own.get(key) != change.mode}
    changed_sets = {key: name for key, name in sets.items() if theirs.get(key) != change.mode}
    _write_rules(policy, changed_rules, change.mode, facts)
    _write_rulesets(policy, changed_sets, change.mode, facts)
    if changed_rules or changed_sets:
        record(
            policy,
            actor,
            "policy.modes_changed",
            before={
                "rules": _before(changed_rules, own),
                "rulesets": _before(changed_sets, theirs),
            },
            after={
                "mode": change.mode,
                "rule_count": len(changed_rules),
                "rules": sorted(changed_rules.values())[:NAMED_IN_AUDIT],
                "rulesets": sorted(changed_sets.values())[:NAMED_IN_AUDIT],
            },
        )
    return len(changed_rules) + len(changed_sets)


def _changed(
    modes: Mapping[int, Mode], keys: Collection[int], mode: Mode | None
) -> dict[int, Mode]:
    kept = {key: known for key, known in modes.items() if key not in keys}
    return kept if mode is None else kept | dict.fromkeys(keys, mode)


def _write_rules(
    policy: Policy, rules: Collection[int], mode: Mode | None, facts: Mapping[str, Any]
) -> None:
    if mode is None:
        policy.entries.filter(rule__in=rules).delete()
        return
    PolicyRule.objects.bulk_create(
        [PolicyRule(policy=policy, rule_id=key, mode=mode, **facts) for key in rules],
        update_conflicts=True,
        unique_fields=["policy", "rule"],
        update_fields=["mode", "changed_at", "changed_by"],
    )


def _write_rulesets(
    policy: Policy, sets: Collection[int], mode: Mode | None, facts: Mapping[str, Any]
) -> None:
    if mode is None:
        policy.ruleset_entries.filter(ruleset__in=sets).delete()
        return
    PolicyRuleset.objects.bulk_create(
        [PolicyRuleset(policy=policy, ruleset_id=key, mode=mode, **facts) for key in sets],
        update_conflicts=True,
        unique_fields=["policy", "ruleset"],
        update_fields=["mode", "changed_at", "changed_by"],
    )


def _rules(ids: Collection[int]) -> dict[int, str]:
    rows = Rule.objects.filter(id__in=ids, deleted_at__isnull=True)
    found: dict[int, str] = dict(rows.values_list("id", "path"))
    if len(found) < len(ids):
        raise NotFoundError(
            "rule: one of the rules is not in the library any more; load the page anew.",
            field="rule",
        )
    return found


def _rulesets(ids: Collection[int]) -> dict[int, str]:
    found: dict[int, str] = dict(Ruleset.objects.filter(id__in=ids).values_list("id", "name"))
    if len(found) < len(ids):
        raise NotFoundError(
            "ruleset: one of the rulesets is not there any more; load the page anew.",
            field="ruleset",
        )
    return found


def _before(changed: Mapping[int, str], modes: Mapping[int, str]) -> dict[str, str]:
    names = sorted((name, modes.get(key, "")) for key, name in changed.items())
    return dict(names[:NAMED_IN_AUDIT])
