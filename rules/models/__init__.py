"""Rules, the sets and policies that hold them, and what is tried in the editor."""

from rules.models.drafts import RuleDraft, RuleTrial
from rules.models.imports import RuleImport
from rules.models.policies import Mode, Policy, PolicyRule, PolicyRuleset
from rules.models.rules import Rule, Ruleset, RulesetRule, RuleSource, RuleVersion

__all__ = [
    "Mode",
    "Policy",
    "PolicyRule",
    "PolicyRuleset",
    "Rule",
    "RuleDraft",
    "RuleImport",
    "RuleSource",
    "RuleTrial",
    "RuleVersion",
    "Ruleset",
    "RulesetRule",
]
