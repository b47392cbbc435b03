"""Reading rules and policies of the organization in scope."""

from collections.abc import Collection

from rules.models import Mode, Policy, PolicyRule, Rule


def default_policy() -> Policy | None:
    """Return the policy that imports go to, or None before the first import."""
    policy: Policy | None = Policy.objects.filter(is_default=True).first()
    return policy


def rules_by_path(paths: Collection[str]) -> dict[str, Rule]:
    """Return those of the rules that are known, by path, in one query."""
    return {rule.path: rule for rule in Rule.objects.filter(path__in=paths)}


def find_rule(path: str) -> Rule | None:
    """Return the rule that reports call `path`, or None where it is not one of ours."""
    rule: Rule | None = Rule.objects.filter(path=path).first()
    return rule


def modes_in(policy: Policy) -> dict[int, Mode]:
    """Return the mode of each rule of a policy, by the rule's id."""
    entries = PolicyRule.objects.filter(policy=policy).values_list("rule_id", "mode")
    return {rule_id: Mode(mode) for rule_id, mode in entries}
