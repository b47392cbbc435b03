"""Which rules a scan gets, and what a match of each leads to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rules.models import Mode, Policy, Rule
from rules.policy_book import Placed, read_book
from tenants.models import Project

DEFAULT_PRODUCT = "sast"
# The key by which a rule of Semgrep asks for a dependency.
DEPENDS_ON = "r2c-internal-project-depends-on"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedRules:
    """The rules of one scan, by path, and the mode of each."""

    definitions: list[dict[str, Any]]
    modes: dict[str, Mode]


def rules_for_scan(*, project: Project, products: Sequence[str]) -> ServedRules:
    """Return the rules that a scan of `project` runs, by the policies of its tags.

    `products` are the scanner's words for what was asked for; none at all means every product.
    """
    return _serve(read_book().placed_for(project.tags), products)


def rules_of_policy(*, slug: str, products: Sequence[str]) -> ServedRules:
    """Return the rules of one policy alone; none where there is no such policy."""
    book = read_book()
    return _serve(book.placed_in(page for page in book.pages if page.slug == slug), products)


def rules_of_all_policies(*, products: Sequence[str]) -> ServedRules:
    """Return the rules that some policy serves, whatever its tags."""
    book = read_book()
    return _serve(book.placed_in(book.pages), products)


def is_any_served() -> bool:
    """Say whether some policy serves a rule."""
    book = read_book()
    return bool(book.placed_in(book.pages))


def modes_of(policy: Policy) -> dict[int, Mode]:
    """Return the mode of each rule of a policy, by the rule's id; its rulesets count too."""
    book = read_book()
    return book.modes_of(book.page(policy.pk))


def product_of(definition: Mapping[str, Any]) -> str:
    """Return the product that a rule belongs to, by its metadata."""
    metadata = definition.get("metadata", {})
    is_dependency = DEPENDS_ON in definition or "sca-kind" in metadata
    return str(metadata.get("product", "sca" if is_dependency else DEFAULT_PRODUCT))


def has_dependency_rules() -> bool:
    """Say whether a policy holds rules about dependencies."""
    book = read_book()
    about_them = Rule.objects.filter(definition__has_key=DEPENDS_ON) | Rule.objects.filter(
        definition__metadata__has_key="sca-kind"
    )
    placed = book.placed_in(book.pages)
    return bool(placed) and about_them.filter(id__in=list(placed)).exists()


def _serve(placed: Mapping[int, Placed], products: Sequence[str]) -> ServedRules:
    if not placed:
        return ServedRules(definitions=[], modes={})
    # Texts and tests are for people.
    found = Rule.objects.filter(id__in=list(placed)).defer("text", "test_code")
    rules = sorted(found, key=lambda rule: rule.path)
    wanted = [rule for rule in rules if not products or product_of(rule.definition) in products]
    return ServedRules(
        definitions=[_as_served(rule, placed[rule.pk]) for rule in wanted],
        modes={rule.path: placed[rule.pk].mode for rule in wanted},
    )


def _as_served(rule: Rule, placed: Placed) -> dict[str, Any]:
    """Return the definition with what comes back in every finding of the rule.

    `dev.semgrep.actions` stays empty whatever the mode: a rule served without it, or with
    `block`, blocks the scan by itself, and the server could not take that back.
    """
    page = placed.page
    ours = {
        "dev.semgrep.actions": [],
        "semgrep.policy": {"id": page.policy_id, "name": page.name, "slug": page.slug},
        "assistant.rule_id": rule.pk,
        "assistant.rule_version": rule.content_hash[:16],
    }
    return {**rule.definition, "metadata": {**rule.definition.get("metadata", {}), **ours}}
