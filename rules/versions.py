"""What a rule was, version by version, and who made it so."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypedDict

from rules.models import Rule, RuleVersion
from tenants.audit import Actor
from tenants.models import Door

NOBODY = "Before versions were kept"
LONGEST_NOTE = 500


class _Content(TypedDict):
    text: str
    definition: dict[str, object]
    test_code: str


def note_version(rule: Rule, *, actor: Actor, now: datetime, note: str = "") -> RuleVersion:
    """Write down what a rule is now as the version that it says it has."""
    (version,) = note_versions([rule], actor=actor, now=now, note=note)
    return version


def note_versions(
    rules: Sequence[Rule], *, actor: Actor, now: datetime, note: str = ""
) -> list[RuleVersion]:
    """Write down what rules are now, in one statement."""
    return RuleVersion.objects.bulk_create(
        [
            RuleVersion(
                rule=rule,
                number=rule.version,
                author=actor.user,
                author_label=actor.label[:200],
                door=actor.door,
                note=note[:LONGEST_NOTE],
                at=now,
                **_content(rule),
            )
            for rule in rules
        ],
        batch_size=500,
    )


def keep_unnoted(rules: Iterable[Rule]) -> None:
    """Write down what rules are now where their version has no row: they are about to change.

    Such rules are older than the library; nobody knows who wrote them.
    """
    shown = list(rules)
    if not shown:
        return
    kept = RuleVersion.objects.filter(rule__in=shown).values_list("rule_id", "number")
    noted = set(kept)
    RuleVersion.objects.bulk_create(
        [
            RuleVersion(
                rule=rule,
                number=rule.version,
                author_label=NOBODY,
                door=Door.PLATFORM,
                at=rule.updated_at,
                **_content(rule),
            )
            for rule in shown
            if (rule.pk, rule.version) not in noted
        ],
        batch_size=500,
    )


def _content(rule: Rule) -> _Content:
    return {"text": rule.text, "definition": rule.definition, "test_code": rule.test_code}
