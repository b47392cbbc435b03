"""The library: rules saved, forked, deleted and brought back, each change a version."""

from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from itertools import count
from typing import Any

from django.db import transaction

from core.errors import InvalidInputError, ProblemError
from rules.definitions import MAX_ID_LENGTH, hash_definition
from rules.models import PolicyRule, Rule, RulesetRule, RuleSource, RuleVersion
from rules.policy_book import read_book
from rules.policy_uses import uses_of
from rules.scanner_checks import require_valid
from rules.selectors import find_rule
from rules.storing import fill, lock_library
from rules.texts import MAX_TEST_CHARACTERS, check_size, read_one_rule
from rules.versions import LONGEST_NOTE, keep_unnoted, note_version
from rules.writing import with_id, with_id_in_tests, write_out
from tenants.audit import Actor, record_audit_event

__all__ = [
    "RuleTakenError",
    "ShippedRuleError",
    "StaleRuleError",
    "delete_rule",
    "fork_rule",
    "note_version",
    "restore_rule",
    "restore_version",
    "save_rule",
    "text_of",
]


class StaleRuleError(ProblemError):
    """Somebody saved the rule since it was read."""

    code = "rule_is_stale"
    status = HTTPStatus.CONFLICT


class RuleTakenError(ProblemError):
    """Another rule has this id."""

    code = "rule_id_taken"
    status = HTTPStatus.CONFLICT


class ShippedRuleError(ProblemError):
    """A shipped rule is changed by us alone: the next version of the pack would undo it."""

    code = "rule_is_shipped"
    status = HTTPStatus.CONFLICT


def save_rule(
    *,
    text: str,
    test_code: str,
    actor: Actor,
    now: datetime,
    rule: Rule | None = None,
    expected_version: int | None = None,
    note: str = "",
) -> Rule:
    """Store the text of one rule, of a new rule or as the next version of `rule`.

    The scanner tries a changed definition first: that takes seconds, and runs outside a
    transaction. Raises RuleFileError, RuleRefusedError and InvalidInputError for what is wrong
    with the text, StaleRuleError where the rule is at another version than `expected_version`,
    and CheckUnderWayError.
    """
    definition = read_one_rule(text)
    check_size(test_code, field="test_code", what="the test code", most=MAX_TEST_CHARACTERS)
    check_size(note, field="note", what="the note", most=LONGEST_NOTE)
    content_hash = hash_definition(definition)
    before = _next_of(rule, definition, expected_version, now=now)
    if before.content_hash != content_hash:
        require_valid(definition, actor=actor)
    with transaction.atomic():
        lock_library()
        stored = _next_of(rule, definition, expected_version, now=now)
        if stored.pk is not None:
            keep_unnoted([stored])
        fill(stored, definition, content_hash=content_hash, now=now)
        stored.text, stored.test_code = text, test_code
        _save_next(stored, actor=actor, now=now, note=note)
        _record("rules.saved", stored, actor, version=stored.version, note=note)
    return stored


@transaction.atomic
def fork_rule(rule: Rule, actor: Actor, now: datetime) -> Rule:
    """Make a rule of one's own from another, with its text and its tests; it is in no policy."""
    lock_library()
    path = next(path for path in _fork_ids(rule.path) if find_rule(path) is None)
    definition = {**rule.definition, "id": path}
    fork = Rule(path=path, version=0, forked_from=rule, created_at=now)
    fill(fork, definition, content_hash=hash_definition(definition), now=now)
    fork.text = with_id(rule.text, path) if rule.text else ""
    fork.test_code = with_id_in_tests(rule.test_code, old=rule.path, new=path)
    _save_next(fork, actor=actor, now=now, note=f"Forked from {rule.path}")
    _record("rules.forked", fork, actor, forked_from=rule.path)
    return fork


@transaction.atomic
def delete_rule(rule: Rule, actor: Actor, now: datetime) -> None:
    """Take a rule out of the library, its policies and its rulesets; it may be restored."""
    lock_library()
    entries = PolicyRule.objects.filter(rule=rule)
    members = RulesetRule.objects.filter(rule=rule)
    before = {
        "policies": dict(entries.values_list("policy__slug", "mode")),
        "rulesets": list(members.values_list("ruleset__slug", flat=True)),
    }
    uses = uses_of(rule.pk, read_book())
    if not Rule.objects.filter(pk=rule.pk, deleted_at=None).update(deleted_at=now):
        return
    entries.delete()
    members.delete()
    rule.deleted_at = now
    record_audit_event(actor=actor, action="rules.deleted", object_label=rule.path, before=before)
    for use in uses:
        # Each policy has a log of its own.
        record_audit_event(
            actor=actor,
            action="policy.rule_deleted",
            object_label=use.page.name,
            before={"rules": {rule.path: use.mode}},
            after={"policy_id": use.page.policy_id},
        )


@transaction.atomic
def restore_rule(rule: Rule, actor: Actor) -> None:
    """Bring a deleted rule back into the library; it is in no policy until somebody adds it."""
    lock_library()
    if Rule.objects.filter(pk=rule.pk, deleted_at__isnull=False).update(deleted_at=None):
        rule.deleted_at = None
        _record("rules.restored", rule, actor)


@transaction.atomic
def restore_version(rule: Rule, number: int, actor: Actor, now: datetime) -> Rule:
    """Make an earlier version of a rule its newest one; what came between is kept.

    Raises InvalidInputError where there is no such version.
    """
    lock_library()
    current: Rule = Rule.objects.select_for_update().get(pk=rule.pk)
    _refuse_change(current)
    earlier = RuleVersion.objects.filter(rule=current, number=number).first()
    if earlier is None:
        raise InvalidInputError(
            f"version: {current.path} has no version {number}; its page lists those it has.",
            field="version",
        )
    if number == current.version:
        return current
    keep_unnoted([current])
    fill(
        current,
        earlier.definition,
        content_hash=hash_definition(earlier.definition),
        now=now,
    )
    current.text, current.test_code = earlier.text, earlier.test_code
    _save_next(current, actor=actor, now=now, note=f"Version {number} restored")
    _record("rules.version_restored", current, actor, version=current.version, restored=number)
    return current


def text_of(rule: Rule | RuleVersion) -> str:
    """Return a rule's YAML: as people wrote it, else its definition written out."""
    return rule.text or write_out(rule.definition)


def _next_of(
    rule: Rule | None, definition: dict[str, Any], expected_version: int | None, *, now: datetime
) -> Rule:
    """Return the row that a definition goes to, as it is now; refuse what cannot go there."""
    path = definition["id"]
    if rule is None:
        _refuse_taken(path)
        return Rule(path=path, version=0, created_at=now)
    current: Rule = Rule.objects.get(pk=rule.pk)
    _refuse_change(current)
    if path != current.path:
        raise InvalidInputError(
            f"id: a saved rule keeps its id, {current.path}; findings are told apart by it."
            " Fork the rule to give the copy another.",
            field="id",
        )
    if expected_version is not None and expected_version != current.version:
        raise StaleRuleError(
            f"{path} is at version {current.version}, and you began with {expected_version}:"
            " look at what changed on its page, and save again from there."
        )
    return current


def _refuse_taken(path: str) -> None:
    taken = find_rule(path)
    if taken is None:
        return
    remedy = "restore it on its page" if taken.deleted_at else "change that rule"
    what = "deleted rule" if taken.deleted_at else "rule"
    raise RuleTakenError(
        f"id: there is a {what} {path} already; {remedy}, or give this one another id.", field="id"
    )


def _refuse_change(rule: Rule) -> None:
    if rule.deleted_at is not None:
        raise StaleRuleError(f"{rule.path} was deleted meanwhile: restore it on its page first.")
    if rule.source == RuleSource.SHIPPED:
        raise ShippedRuleError(
            f"{rule.path} is a shipped rule, and the next version of the pack would undo changes:"
            " fork it, and change the copy."
        )


def _save_next(rule: Rule, *, actor: Actor, now: datetime, note: str) -> None:
    rule.version += 1
    rule.save()
    note_version(rule, actor=actor, now=now, note=note)


def _fork_ids(path: str) -> Iterator[str]:
    for number in count(1):
        ending = "-fork" if number == 1 else f"-fork-{number}"
        yield f"{path[: MAX_ID_LENGTH - len(ending)].rstrip('.')}{ending}"


def _record(action: str, rule: Rule, actor: Actor, **after: Any) -> None:
    record_audit_event(actor=actor, action=action, object_label=rule.path, after=after)
