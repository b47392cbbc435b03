"""All policies of the organization at one moment: whose rules they are, and with which mode.

A book is a value: a change can be tried on it before it is stored.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from django.db.models import Q

from rules.models import Mode, Policy, PolicyRule, PolicyRuleset, RulesetRule

# Of several modes of one rule the first of these holds.
SEVEREST_FIRST = (Mode.BLOCK, Mode.COMMENT, Mode.MONITOR, Mode.DISABLED)
_RANKS = {mode: rank for rank, mode in enumerate(SEVEREST_FIRST)}


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPage:
    """One policy: what its rules and rulesets, by id, lead to."""

    policy_id: int
    name: str
    slug: str
    is_default: bool
    tags: frozenset[str]
    own: Mapping[int, Mode]
    """Of rules: whatever the rulesets say."""
    rulesets: Mapping[int, Mode]

    def is_for(self, tags: Collection[str]) -> bool:
        """Say whether a project with these tags has this policy."""
        return not self.tags or not self.tags.isdisjoint(tags)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The mode of a rule, and the policy that it has it from."""

    mode: Mode
    page: PolicyPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The policies, the oldest first, and the rules of their rulesets; no deleted rule."""

    pages: tuple[PolicyPage, ...]
    members: Mapping[int, frozenset[int]]

    def page(self, policy_id: int) -> PolicyPage:
        """Return one policy; KeyError where there is none."""
        return {page.policy_id: page for page in self.pages}[policy_id]

    def with_page(self, changed: PolicyPage) -> "Book":
        """Return the book with one policy changed."""
        pages = (changed if page.policy_id == changed.policy_id else page for page in self.pages)
        return replace(self, pages=tuple(pages))

    def without_page(self, policy_id: int) -> "Book":
        """Return the book with one policy left out."""
        return replace(self, pages=tuple(p for p in self.pages if p.policy_id != policy_id))

    def modes_of(self, page: PolicyPage) -> dict[int, Mode]:
        """Return the mode of each rule of a policy: its own, else the severest of its rulesets."""
        modes: dict[int, Mode] = {}
        for ruleset_id, mode in page.rulesets.items():
            for rule_id in self.members.get(ruleset_id, ()):
                modes[rule_id] = severer(modes.get(rule_id), mode)
        return modes | dict(page.own)

    def placed_for(self, tags: Collection[str]) -> dict[int, Placed]:
        """Return the rules that a project with these tags is scanned with.

        Over its policies the most severe mode holds, then the oldest policy is named. Disabled in
        one of them takes a rule out of that one alone.
        """
        return self.placed_in(page for page in self.pages if page.is_for(tags))

    def placed_in(self, pages: Iterable[PolicyPage]) -> dict[int, Placed]:
        """Return the rules of some policies together, as for a project that has just these."""
        placed: dict[int, Placed] = {}
        for page in pages:
            for rule_id, mode in self.modes_of(page).items():
                before = placed.get(rule_id)
                if mode != Mode.DISABLED and (before is None or _RANKS[mode] < _RANKS[before.mode]):
                    placed[rule_id] = Placed(mode=mode, page=page)
        return placed


def severer(one: Mode | None, other: Mode) -> Mode:
    """Return the more severe of two modes; None is no mode at all."""
    return other if one is None else min(one, other, key=_RANKS.__getitem__)


def read_book(*, also: Collection[int] = ()) -> Book:
    """Read all policies of the organization, in four queries.

    `also`: the rulesets that a change may add to a policy.
    """
    own: dict[int, dict[int, Mode]] = {}
    entries = PolicyRule.objects.filter(rule__deleted_at__isnull=True)
    for policy_id, rule_id, mode in entries.values_list("policy_id", "rule_id", "mode"):
        own.setdefault(policy_id, {})[rule_id] = Mode(mode)
    sets: dict[int, dict[int, Mode]] = {}
    for policy_id, ruleset_id, mode in PolicyRuleset.objects.values_list(
        "policy_id", "ruleset_id", "mode"
    ):
        sets.setdefault(policy_id, {})[ruleset_id] = Mode(mode)
    pages = tuple(
        PolicyPage(
            policy_id=policy.pk,
            name=policy.name,
            slug=policy.slug,
            is_default=policy.is_default,
            tags=frozenset(policy.tags),
            own=own.get(policy.pk, {}),
            rulesets=sets.get(policy.pk, {}),
        )
        for policy in Policy.objects.order_by("id")
    )
    return Book(pages=pages, members=_members(also))


def _members(also: Collection[int]) -> dict[int, frozenset[int]]:
    """Return the rules of the rulesets that some policy has, and of others."""
    found: dict[int, set[int]] = {}
    is_wanted = Q(ruleset__in=PolicyRuleset.objects.values("ruleset_id")) | Q(ruleset__in=also)
    rows = RulesetRule.objects.filter(is_wanted, rule__deleted_at__isnull=True)
    for ruleset_id, rule_id in rows.values_list("ruleset_id", "rule_id"):
        found.setdefault(ruleset_id, set()).add(rule_id)
    return {ruleset_id: frozenset(rule_ids) for ruleset_id, rule_ids in found.items()}
