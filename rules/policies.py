"""Which rules a scan gets, and what a match of each leads to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from rules.models import Mode, PolicyRule
from tenants.models import Project

# The most severe first: of several policies with one rule, the first of these holds.
SEVEREST_FIRST = (Mode.BLOCK, Mode.COMMENT, Mode.MONITOR)
DEFAULT_PRODUCT = "sast"
# The key by which a rule of Semgrep asks for a dependency.
DEPENDS_ON = "r2c-internal-project-depends-on"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedRules:
    """The rules of one scan, by path, and the mode of each."""

    definitions: list[dict[str, Any]]
    modes: dict[str, Mode]


def rules_for_scan(*, project: Project, products: Sequence[str]) -> ServedRules:
    """Return the rules that a scan of `project` runs, in one query.

    `products` are the scanner's words for what was asked for; none at all means every product.
    """
    entries = sorted(
        (entry for entry in _entries_of(project) if _is_wanted(entry, products)),
        key=lambda entry: entry.rule.path,
    )
    return ServedRules(
        definitions=[_as_served(entry) for entry in entries],
        modes={entry.rule.path: Mode(entry.mode) for entry in entries},
    )


def product_of(definition: dict[str, Any]) -> str:
    """Return the product that a rule belongs to, by its metadata."""
    metadata = definition.get("metadata", {})
    is_dependency = DEPENDS_ON in definition or "sca-kind" in metadata
    return str(metadata.get("product", "sca" if is_dependency else DEFAULT_PRODUCT))


def has_dependency_rules() -> bool:
    """Say whether a policy holds rules about dependencies."""
    is_about_them = Q(rule__definition__has_key=DEPENDS_ON) | Q(
        rule__definition__metadata__has_key="sca-kind"
    )
    return PolicyRule.objects.filter(is_about_them, mode__in=SEVEREST_FIRST).exists()


def _entries_of(project: Project) -> QuerySet[PolicyRule]:
    """Return one entry a rule: of the enabled ones the most severe, then the oldest policy's."""
    rank = Case(
        *(When(mode=mode, then=Value(place)) for place, mode in enumerate(SEVEREST_FIRST)),
        output_field=IntegerField(),
    )
    entries: QuerySet[PolicyRule] = (
        PolicyRule.objects.filter(organization_id=project.organization_id, mode__in=SEVEREST_FIRST)
        .order_by("rule_id", rank, "policy_id")
        .distinct("rule_id")
        .select_related("rule", "policy")
    )
    return entries


def _is_wanted(entry: PolicyRule, products: Sequence[str]) -> bool:
    return not products or product_of(entry.rule.definition) in products


def _as_served(entry: PolicyRule) -> dict[str, Any]:
    """Return the definition with what comes back in every finding of the rule.

    `dev.semgrep.actions` stays empty whatever the mode: a rule served without it, or with
    `block`, blocks the scan by itself, and the server could not take that back.
    """
    rule, policy = entry.rule, entry.policy
    ours = {
        "dev.semgrep.actions": [],
        "semgrep.policy": {"id": policy.id, "name": policy.name, "slug": policy.slug},
        "assistant.rule_id": rule.id,
        "assistant.rule_version": rule.content_hash[:16],
    }
    return {**rule.definition, "metadata": {**rule.definition.get("metadata", {}), **ours}}
