"""Rule files into the organization's default policy: all of them, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from core.errors import InvalidInputError, ProblemError
from rules.candidates import Candidate, Refusal, read_offer
from rules.models import Mode, Policy, PolicyRule, Rule, RuleSource
from rules.policy_records import NAMED_IN_AUDIT
from rules.scanner_checks import refused_by_scanner, untried
from rules.selectors import modes_in
from rules.storing import make_default_policy, refused_as_foreign, store_rules
from tenants.audit import Actor, record_audit_event

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
    foreign = refused_as_foreign(offer.candidates, RuleSource.CUSTOM)
    refused = (*offer.refused, *foreign, *_invalid(offer.candidates))
    if refused:
        raise RulesRefusedError(ImportReport(mode=mode, refused=refused))
    return _store(candidates=offer.candidates, mode=mode, actor=actor, now=now)


def _invalid(candidates: Sequence[Candidate]) -> list[Refusal]:
    """Let the scanner judge the rules that are new or changed; the others passed before."""
    return refused_by_scanner(untried(candidates))


@transaction.atomic
def _store(
    *, candidates: Sequence[Candidate], mode: Mode, actor: Actor, now: datetime
) -> ImportReport:
    stored = store_rules(candidates, actor=actor, now=now, note="Imported from files")
    policy = make_default_policy(now=now)
    report = ImportReport(
        mode=mode,
        imported=stored.imported,
        updated=stored.updated,
        unchanged=stored.unchanged,
        mode_changed=_set_modes(policy=policy, rules=stored.rules, mode=mode, actor=actor, now=now),
    )
    if report.imported or report.updated or report.mode_changed:
        _record(report, policy, actor)
    return report


def _set_modes(
    *, policy: Policy, rules: Sequence[Rule], mode: Mode, actor: Actor, now: datetime
) -> tuple[str, ...]:
    """Give the rules their mode in the policy; return the paths of those that had another."""
    before = modes_in(policy)
    change = {"mode": mode, "changed_at": now, "changed_by": actor.label[:200]}
    PolicyRule.objects.bulk_create(
        PolicyRule(policy=policy, rule=rule, **change) for rule in rules if rule.id not in before
    )
    others = [rule for rule in rules if before.get(rule.id, mode) != mode]
    PolicyRule.objects.filter(policy=policy, rule__in=others).update(**change)
    return tuple(rule.path for rule in others)


def _record(report: ImportReport, policy: Policy, actor: Actor) -> None:
    groups = ("imported", "updated", "mode_changed")
    paths: dict[str, tuple[str, ...]] = {name: getattr(report, name) for name in groups}
    record_audit_event(
        actor=actor,
        action="rules.imported",
        object_label=policy.name,
        after={
            "policy_id": policy.pk,
            "mode": report.mode.value,
            "counts": {name: len(paths[name]) for name in groups},
            "rules": {name: list(paths[name][:NAMED_IN_AUDIT]) for name in groups},
        },
    )
