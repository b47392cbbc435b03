"""Rules as entries of a policy: their mode there, where it comes from, and who changed it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rules.models import Mode, Policy, PolicyRule, Rule, Ruleset


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyEntry:
    """A rule in a policy; without a mode the policy does not have it.

    `is_own`: the policy names the rule itself; only then it is known who changed its mode.
    """

    rule: Rule
    mode: Mode | None
    is_own: bool
    rulesets: Sequence[str]
    changed_at: datetime | None
    changed_by: str


def entries_of(
    *, policy: Policy, rules: Sequence[Rule], modes: Mapping[int, Mode]
) -> list[PolicyEntry]:
    """Return rules with what a policy makes of them, in two queries; `modes` are the policy's."""
    ids = [rule.pk for rule in rules]
    rows = PolicyRule.objects.filter(policy=policy, rule_id__in=ids)
    own = {entry.rule_id: entry for entry in rows}
    sets = _ruleset_names(policy, ids)
    return [
        PolicyEntry(
            rule=rule,
            mode=modes.get(rule.pk),
            is_own=rule.pk in own,
            rulesets=sets.get(rule.pk, ()),
            changed_at=own[rule.pk].changed_at if rule.pk in own else None,
            changed_by=own[rule.pk].changed_by if rule.pk in own else "",
        )
        for rule in rules
    ]


def _ruleset_names(policy: Policy, rule_ids: Collection[int]) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {}
    rows = Ruleset.objects.filter(policy_entries__policy=policy, entries__rule__in=rule_ids)
    for rule_id, name in rows.order_by("name").values_list("entries__rule_id", "name"):
        names.setdefault(rule_id, []).append(name)
    return names
