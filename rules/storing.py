"""Rules that passed every check, into the library, in sets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from rules.candidates import Candidate, Refusal
from rules.models import Policy, Rule, RuleSource
from rules.selectors import rules_by_path
from rules.versions import keep_unnoted, note_versions
from tenants.audit import Actor
from tenants.scope import current_organization_id, lock_for_transaction

_CHANGING = (
    "definition",
    "content_hash",
    "languages",
    "severity",
    "source",
    "text",
    "test_code",
    "version",
    "deleted_at",
    "updated_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """All rules that were named, and what became of each, by path.

    Those in `imported` are new, or come back after they were deleted.
    """

    rules: tuple[Rule, ...]
    imported: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: tuple[str, ...]


def lock_library() -> None:
    """Let one at a time change the organization's rules, rulesets and policies."""
    lock_for_transaction("rules.import", current_organization_id())


def is_stored(candidate: Candidate, rule: Rule | None) -> bool:
    """Say whether a rule is what is offered; an offer without a text or a test wants no other."""
    return (
        rule is not None
        and rule.content_hash == candidate.content_hash
        and candidate.text in {"", rule.text}
        and candidate.test_code in {"", rule.test_code}
    )


def refused_as_foreign(candidates: Sequence[Candidate], source: RuleSource) -> list[Refusal]:
    """Refuse what would change a shipped rule, or an organization's own by the shipped pack."""
    known = rules_by_path([offer.path for offer in candidates])
    return [
        Refusal(place=offer.place, rule_id=offer.path, reason=reason)
        for offer in candidates
        if (reason := _why_foreign(offer, known.get(offer.path), source))
    ]


def _why_foreign(offer: Candidate, rule: Rule | None, source: RuleSource) -> str:
    if rule is None:
        return ""
    if rule.deleted_at is not None:
        is_ours = source == RuleSource.SHIPPED
        return (
            "you deleted a rule of its id: restore it, and add the pack again." if is_ours else ""
        )
    if is_stored(offer, rule):
        return ""
    if rule.source == RuleSource.SHIPPED and source != RuleSource.SHIPPED:
        return "its id is that of a shipped rule; give it another."
    if source == RuleSource.SHIPPED and rule.source != RuleSource.SHIPPED:
        return "a rule of your own has its id and says something else; yours stays as it is."
    return ""


@transaction.atomic
def store_rules(
    candidates: Sequence[Candidate],
    *,
    actor: Actor,
    now: datetime,
    source: RuleSource = RuleSource.CUSTOM,
    note: str = "",
) -> Stored:
    """Store what is new or changed, in a few statements; a change makes a new version."""
    lock_library()
    known = rules_by_path([offer.path for offer in candidates])
    different = [offer for offer in candidates if not is_stored(offer, known.get(offer.path))]
    gone = {path for path, rule in known.items() if rule.deleted_at is not None}
    keep_unnoted([known[offer.path] for offer in different if offer.path in known])
    rules = dict(known)
    for offer in different:
        rules[offer.path] = _fill(known.get(offer.path), offer, source=source, now=now)
    for path in gone:
        rules[path].deleted_at = None
    relabeled = {
        path
        for path, rule in known.items()
        if source == RuleSource.SHIPPED and rule.source != source
    }
    for path in relabeled:
        rules[path].source = source
    touched = {*(offer.path for offer in different), *gone, *relabeled}
    _write([rule for path, rule in rules.items() if path in touched])
    noted = [rules[offer.path] for offer in different]
    note_versions(noted, actor=actor, now=now, note=note)
    fresh = [offer.path for offer in candidates if offer.path not in known or offer.path in gone]
    changed = {offer.path for offer in different}.difference(fresh)
    return Stored(
        rules=tuple(rules[offer.path] for offer in candidates),
        imported=tuple(fresh),
        updated=tuple(offer.path for offer in candidates if offer.path in changed),
        unchanged=tuple(offer.path for offer in candidates if offer.path not in {*fresh, *changed}),
    )


def make_default_policy(*, now: datetime) -> Policy:
    """Return the policy for all projects, made where there is none yet."""
    policy: Policy
    policy, _created = Policy.objects.get_or_create(
        is_default=True, defaults={"name": "Default", "slug": "default", "created_at": now}
    )
    return policy


def fill(rule: Rule, definition: dict[str, Any], *, content_hash: str, now: datetime) -> None:
    """Give a rule another definition, and what lists show of it."""
    rule.definition = definition
    rule.content_hash = content_hash
    rule.languages = definition["languages"]
    rule.severity = definition["severity"]
    rule.updated_at = now


def _fill(rule: Rule | None, offer: Candidate, *, source: RuleSource, now: datetime) -> Rule:
    if rule is None:
        rule = Rule(path=offer.path, created_at=now)
    else:
        rule.version += 1
    fill(rule, offer.definition, content_hash=offer.content_hash, now=now)
    rule.source = source
    rule.text = offer.text
    rule.test_code = offer.test_code or rule.test_code
    return rule


def _write(rules: Sequence[Rule]) -> None:
    Rule.objects.bulk_create([rule for rule in rules if rule.pk is None], batch_size=500)
    Rule.objects.bulk_update([rule for rule in rules if rule.pk is not None], _CHANGING, 500)
