"""What the Policies pages show beside rules: policies, their rulesets, and their log in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from rules.models import Mode, Policy, PolicyRuleset, Ruleset
from rules.policy_book import Book
from tenants.models import AuditEvent, Project

SHOWN_NAMES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow:
    """A policy of the list."""

    policy: Policy
    counts: Mapping[str, int]
    ruleset_count: int
    project_count: int

    @property
    def rule_count(self) -> int:
        """Return how many rules it serves."""
        return sum(count for mode, count in self.counts.items() if mode != Mode.DISABLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesetRow:
    """A ruleset, and its mode in a policy; blank: not in it."""

    ruleset: Ruleset
    rule_count: int
    mode: str
    changed_at: datetime | None
    changed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """One change of a policy, in words."""

    event: AuditEvent
    sentence: str
    names: Sequence[str]
    """Rules and rulesets that it is about, with what they had before."""
    more: int


def policy_rows(book: Book) -> list[PolicyRow]:
    """Return the policies, the default one first, in three queries beside the book's."""
    policies = {policy.pk: policy for policy in Policy.objects.all()}
    projects = list(Project.objects.filter(is_archived=False).values_list("tags", flat=True))
    rows = []
    for page in sorted(book.pages, key=lambda one: (not one.is_default, one.name.lower())):
        modes = list(book.modes_of(page).values())
        rows.append(
            PolicyRow(
                policy=policies[page.policy_id],
                counts={mode.value: modes.count(mode) for mode in Mode},
                ruleset_count=len(page.rulesets),
                project_count=sum(page.is_for(tags) for tags in projects),
            )
        )
    return rows


def ruleset_rows(policy: Policy) -> list[RulesetRow]:
    """Return all rulesets, those of the policy first, in two queries."""
    entries = {entry.ruleset_id: entry for entry in PolicyRuleset.objects.filter(policy=policy)}
    living = Count("entries", filter=Q(entries__rule__deleted_at__isnull=True))
    rows = [
        RulesetRow(
            ruleset=ruleset,
            rule_count=ruleset.rule_count,
            mode=entries[ruleset.pk].mode if ruleset.pk in entries else "",
            changed_at=entries[ruleset.pk].changed_at if ruleset.pk in entries else None,
            changed_by=entries[ruleset.pk].changed_by if ruleset.pk in entries else "",
        )
        for ruleset in Ruleset.objects.annotate(rule_count=living).order_by("name")
    ]
    return sorted(rows, key=lambda row: not row.mode)


def log_rows(events: Sequence[AuditEvent]) -> list[LogRow]:
    """Return events of policies in words."""
    return [_log_row(event) for event in events]


def _log_row(event: AuditEvent) -> LogRow:
    before, after = event.before, event.after
    names: list[str] = []
    more = 0
    if event.action in {"policy.modes_changed", "policy.rule_deleted"}:
        kept = {**before.get("rules", {}), **before.get("rulesets", {})}
        names = [f"{name} (was {_mode_words(mode)})" for name, mode in kept.items()]
        more = max(0, after.get("rule_count", 0) - len(before.get("rules", {})))
    elif event.action == "rules.imported":
        names = [name for paths in after.get("rules", {}).values() for name in paths]
    return LogRow(
        event=event,
        sentence=_sentence(event.action, before, after),
        names=names[:SHOWN_NAMES],
        more=more + max(0, len(names) - SHOWN_NAMES),
    )


def _sentence(action: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    now, then = _tag_words(after.get("tags", [])), _tag_words(before.get("tags", []))
    sentences = {
        "policy.created": f"Made, for {now}",
        "policy.renamed": f"Renamed from “{before.get('name')}” to “{after.get('name')}”",
        "policy.tagged": f"Given to {now}; before to {then}",
        "policy.modes_changed": _modes_sentence(after),
        "policy.rule_deleted": "A rule was deleted from the library",
        "rules.imported": f"Rules imported with the mode {_mode_words(after.get('mode'))}",
    }
    return sentences.get(action, action.replace(".", " ").replace("_", " ").capitalize())


def _modes_sentence(after: Mapping[str, Any]) -> str:
    counts = ((after.get("rule_count", 0), "rule"), (len(after.get("rulesets", [])), "ruleset"))
    what = " and ".join(f"{n} {word}{'s' * (n != 1)}" for n, word in counts if n)
    mode = after.get("mode")
    return f"Set {what} to {_mode_words(mode)}" if mode else f"Took back the mode of {what}"


def _mode_words(mode: str | None) -> str:
    return Mode(mode).label.lower() if mode in Mode.values else "not set"


def _tag_words(tags: Sequence[str]) -> str:
    return f"projects tagged {' or '.join(tags)}" if tags else "all projects"
