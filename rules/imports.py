"""Rule files into the organization's default policy: all of them, or nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from django.db import transaction

from core.errors import InvalidInputError, ProblemError
from integrations.semgrep.runner import validate_rules
from rules.candidates import Candidate, Refusal, read_offer
from rules.models import Mode, Policy, PolicyRule, Rule
from rules.selectors import modes_in, rules_by_path
from tenants.audit import Actor, record_audit_event
from tenants.scope import current_organization_id, lock_for_transaction

# An audit event names so many of the rules that changed.
NAMED_IN_AUDIT = 50
SHOWN_REFUSALS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did, by rule path; where something was refused, it did nothing else.

    `mode_changed` tells of rules that the policy had in another mode; they also stand in
    `updated` or `unchanged`, which tell of the rules themselves.
    """

    mode: Mode
    imported: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    mode_changed: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()


class RulesRefusedError(ProblemError):
    """Some of the rules cannot be imported, so none was; `report.refused` has the reasons."""

    code = "rules_refused"

    def __init__(self, report: ImportReport) -> None:
        lines = [str(refusal) for refusal in report.refused[:SHOWN_REFUSALS]]
        more = len(report.refused) - len(lines)
        lines += [f"… and {more} more."] if more else []
        super().__init__(
            "\n".join(["Nothing was imported. Mend this and try again:", *lines]), field="files"
        )
        self.report = report


def import_rules(*, files: Sequence[Path], mode: Mode, actor: Actor, now: datetime) -> ImportReport:
    """Put the rules of `files` into the default policy with `mode`, new ones and known ones.

    Rules that the files do not name stay as they are. Raises RulesRefusedError, having changed
    nothing, and ScannerFailedError when the rules could not be tried.
    """
    if not files:
        raise InvalidInputError("files: name at least one rule file.", field="files")
    offer = read_offer(files)
    refused = (*offer.refused, *_invalid(offer.candidates))
    if refused:
        raise RulesRefusedError(ImportReport(mode=mode, refused=refused))
    return _store(candidates=offer.candidates, mode=mode, actor=actor, now=now)


def _invalid(candidates: Sequence[Candidate]) -> list[Refusal]:
    """Let the scanner judge the rules that are new or changed; the others passed before."""
    known = rules_by_path([rule.path for rule in candidates])
    fresh = [rule for rule in candidates if not _is_same(rule, known)]
    return [
        Refusal(
            place=fresh[problem.index].place,
            rule_id=problem.rule_id,
            reason=f"the scanner refuses it: {problem.reason}",
        )
        for problem in validate_rules([rule.definition for rule in fresh])
    ]


def _is_same(rule: Candidate, known: Mapping[str, Rule]) -> bool:
    stored = known.get(rule.path)
    return stored is not None and stored.content_hash == rule.content_hash


@transaction.atomic
def _store(
    *, candidates: Sequence[Candidate], mode: Mode, actor: Actor, now: datetime
) -> ImportReport:
    lock_for_transaction("rules.import", current_organization_id())
    policy, _created = Policy.objects.get_or_create(
        is_default=True, defaults={"name": "Default", "slug": "default", "created_at": now}
    )
    known = rules_by_path([rule.path for rule in candidates])
    report = ImportReport(
        mode=mode,
        imported=tuple(rule.path for rule in candidates if rule.path not in known),
        updated=tuple(
            rule.path for rule in candidates if rule.path in known and not _is_same(rule, known)
        ),
        unchanged=tuple(rule.path for rule in candidates if _is_same(rule, known)),
    )
    rules = _write(candidates, known, now)
    report = replace(report, mode_changed=_set_modes(policy=policy, rules=rules, mode=mode))
    if report.imported or report.updated or report.mode_changed:
        _record(report, policy, actor)
    return report


def _write(candidates: Iterable[Candidate], known: Mapping[str, Rule], now: datetime) -> list[Rule]:
    """Store what is new or changed, in two statements; return all the rules."""
    rules: list[Rule] = []
    new: list[Rule] = []
    changed: list[Rule] = []
    for candidate in candidates:
        rule = known.get(candidate.path) or Rule(path=candidate.path, created_at=now)
        rules.append(rule)
        if rule.content_hash == candidate.content_hash:
            continue
        rule.definition = candidate.definition
        rule.content_hash = candidate.content_hash
        rule.languages = candidate.definition["languages"]
        rule.severity = candidate.definition["severity"]
        rule.updated_at = now
        (changed if rule.pk else new).append(rule)
    Rule.objects.bulk_create(new)
    fields = ["definition", "content_hash", "languages", "severity", "updated_at"]
    Rule.objects.bulk_update(changed, fields, batch_size=500)
    return rules


def _set_modes(*, policy: Policy, rules: Sequence[Rule], mode: Mode) -> tuple[str, ...]:
    """Give the rules their mode in the policy; return the paths of those that had another."""
    before = modes_in(policy)
    PolicyRule.objects.bulk_create(
        PolicyRule(policy=policy, rule=rule, mode=mode) for rule in rules if rule.id not in before
    )
    others = [rule for rule in rules if before.get(rule.id, mode) != mode]
    PolicyRule.objects.filter(policy=policy, rule__in=others).update(mode=mode)
    return tuple(rule.path for rule in others)


def _record(report: ImportReport, policy: Policy, actor: Actor) -> None:
    groups = ("imported", "updated", "mode_changed")
    paths: dict[str, tuple[str, ...]] = {name: getattr(report, name) for name in groups}
    record_audit_event(
        actor=actor,
        action="rules.imported",
        object_label=policy.name,
        after={
            "mode": report.mode.value,
            "counts": {name: len(paths[name]) for name in groups},
            "rules": {name: list(paths[name][:NAMED_IN_AUDIT]) for name in groups},
        },
    )
