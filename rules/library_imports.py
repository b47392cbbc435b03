"""Imports into the library, done by a worker: what is good comes in, the rest is told.

The row of RuleImport holds the files until they are done with, and then the report of what became
of each rule.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now
from django.utils.text import slugify

from core.errors import InvalidInputError, ProblemError
from rules.announcements import rule_import_wanted
from rules.candidates import Candidate, Refusal, RuleFile, offer_of
from rules.import_reports import LibraryReport, report_on
from rules.mode_changes import ModeChange, change_modes
from rules.models import (
    Mode,
    Policy,
    RuleImport,
    Ruleset,
    RulesetRule,
    RuleSource,
)
from rules.policy_records import NAMED_IN_AUDIT
from rules.scanner_checks import refused_by_scanner, untried
from rules.shipped import NAME as SHIPPED_NAME
from rules.storing import Stored, refused_as_foreign, store_rules
from rules.uploads import Package, printable
from tenants.announcements import announce
from tenants.audit import Actor, record_audit_event
from tenants.jobs import CLAIM_LAPSES_AFTER, LIVE
from tenants.models import Door

MAX_WAITING = 5
RULES_AT_ONCE = 50
# The scanner tries about a dozen a second; and a test is kept with each rule of its file.
MAX_RULES = 4000
MAX_KEPT_CHARACTERS = 40_000_000
MAX_NAME_LENGTH = 60


class ImportTooLargeError(ProblemError):
    """The files have more rules, or more text with them, than one import may bring."""

    code = "import_too_large"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where imported rules go: a ruleset, and a policy with the mode that it has there."""

    ruleset_name: str
    policy: Policy | None = None
    mode: Mode = Mode.MONITOR
    source: RuleSource = RuleSource.CUSTOM


@transaction.atomic
def want_import(
    *, package: Package, name: str, destination: Destination, actor: Actor, now: datetime
) -> RuleImport:
    """Keep files to be imported by a worker.

    Raises InvalidInputError where there is no rule file, or too much waits already.
    """
    _refuse_bad_name(destination)
    if not package.files and not package.refused:
        raise InvalidInputError(
            "files: there is no .yml or .yaml file in it; choose a folder or an archive of rules.",
            field="files",
        )
    if RuleImport.objects.filter(status__in=LIVE).count() >= MAX_WAITING:
        raise InvalidInputError(
            f"files: {MAX_WAITING} imports are waiting; wait until one of them is over.",
            field="files",
        )
    wanted: RuleImport = RuleImport.objects.create(
        person=actor.user,
        person_label=actor.label[:200],
        name=printable(name)[:200],
        source=destination.source,
        ruleset_name=destination.ruleset_name,
        policy=destination.policy,
        mode=destination.mode,
        files=[
            {"name": file.place, "text": file.text, "tests": dict(file.tests)}
            for file in package.files
        ],
        skipped=package.skipped,
        report=report_on(package.refused).as_mapping(),
        next_attempt_at=now,
        created_at=now,
    )
    announce(rule_import_wanted, import_id=wanted.pk)
    return wanted


def run_import(*, rule_import: RuleImport, now: datetime) -> None:
    """Try the rules in the scanner, a part at a time, and store those that pass.

    Takes seconds for each part. Raises ScannerFailedError where they cannot be tried, and
    ImportTooLargeError.
    """
    if rule_import.files == []:
        return  # an earlier worker stored them, and died before it could say so
    offer = offer_of(
        [
            RuleFile(place=file["name"], text=file["text"], tests=file["tests"])
            for file in rule_import.files
        ]
    )
    _refuse_too_much(offer.candidates)
    source = RuleSource(rule_import.source)
    refused = [*LibraryReport.from_mapping(rule_import.report).refused, *offer.refused]
    again = {(one.place, one.rule_id) for one in offer.refused}
    candidates = [one for one in offer.candidates if (one.place, one.path) not in again]
    refused += refused_as_foreign(candidates, source)
    refused += _tried(rule_import, _without(candidates, refused))
    _store(rule_import, _without(candidates, refused), refused, now=now)


def drop_import(*, rule_import: RuleImport) -> None:
    """Let go of the files of an import that was given up: who wants them brings them again."""
    RuleImport.objects.filter(pk=rule_import.pk).update(files=[])


def report_of(rule_import: RuleImport) -> LibraryReport:
    """Return what is known of an import by now."""
    return LibraryReport.from_mapping(rule_import.report)


def _refuse_too_much(candidates: Sequence[Candidate]) -> None:
    """Refuse it before it is tried: aliases and a test for many rules grow when they are kept."""
    kept = 0
    for count, one in enumerate(candidates, start=1):
        kept += len(one.text) + len(one.test_code) + len(json.dumps(one.definition))
        if count > MAX_RULES or kept > MAX_KEPT_CHARACTERS:
            raise ImportTooLargeError(
                f"There are {len(candidates):,} rules, some long or with long tests; bring at most"
                f" {MAX_RULES:,} rules and {MAX_KEPT_CHARACTERS:,} characters at once.",
                field="files",
            )


def _without(candidates: Sequence[Candidate], refused: Sequence[Refusal]) -> list[Candidate]:
    gone = {(one.place, one.rule_id) for one in refused}
    return [offer for offer in candidates if (offer.place, offer.path) not in gone]


def _tried(rule_import: RuleImport, candidates: Sequence[Candidate]) -> list[Refusal]:
    """Return what the scanner refuses; say on the row how far it has come, and hold the claim."""
    fresh = untried(candidates)
    refused: list[Refusal] = []
    row = RuleImport.objects.filter(pk=rule_import.pk, claims=rule_import.claims)
    row.update(total=len(fresh), tried=0)
    for start in range(0, len(fresh), RULES_AT_ONCE):
        part = fresh[start : start + RULES_AT_ONCE]
        refused += refused_by_scanner(part)
        row.update(tried=start + len(part), next_attempt_at=Now() + CLAIM_LAPSES_AFTER)
    return refused


@transaction.atomic
def _store(
    rule_import: RuleImport,
    candidates: Sequence[Candidate],
    refused: Sequence[Refusal],
    *,
    now: datetime,
) -> None:
    if RuleImport.objects.select_for_update().get(pk=rule_import.pk).files == []:
        return  # another worker, who took it for left behind, was faster
    actor = Actor(door=Door.PAGE, label=rule_import.person_label, user=rule_import.person)
    source = RuleSource(rule_import.source)
    note = f"Imported from {rule_import.name}"
    stored = store_rules(candidates, actor=actor, now=now, source=source, note=note)
    if stored.rules:
        ruleset = _into_ruleset(rule_import.ruleset_name, stored, source, now=now)
        _into_policy(rule_import, ruleset, actor=actor, now=now)
    report = report_on(refused, stored)
    rule_import.files = []
    rule_import.report = report.as_mapping()
    RuleImport.objects.filter(pk=rule_import.pk).update(files=[], report=rule_import.report)
    _record(rule_import, report, actor)


def _into_ruleset(name: str, stored: Stored, source: RuleSource, *, now: datetime) -> Ruleset:
    ruleset: Ruleset
    ruleset, _created = Ruleset.objects.get_or_create(
        slug=slug_of(name), defaults={"name": name, "source": source, "created_at": now}
    )
    RulesetRule.objects.bulk_create(
        [RulesetRule(ruleset=ruleset, rule=rule) for rule in stored.rules],
        batch_size=500,
        ignore_conflicts=True,
    )
    return ruleset


def _into_policy(rule_import: RuleImport, ruleset: Ruleset, *, actor: Actor, now: datetime) -> None:
    policy = rule_import.policy
    if policy is None:
        return
    change = ModeChange(
        policy_id=policy.pk, mode=Mode(rule_import.mode), ruleset_ids=frozenset({ruleset.pk})
    )
    change_modes(change=change, actor=actor, now=now)


def _record(rule_import: RuleImport, report: LibraryReport, actor: Actor) -> None:
    groups = {"imported": report.imported, "updated": report.updated}
    record_audit_event(
        actor=actor,
        action="rules.imported",
        object_label=rule_import.ruleset_name,
        after={
            "file": rule_import.name,
            "policy": rule_import.policy.slug if rule_import.policy else "",
            "mode": rule_import.mode if rule_import.policy else "",
            "counts": {
                **{name: len(paths) for name, paths in groups.items()},
                "refused": report.refused_count,
            },
            "rules": {name: list(paths[:NAMED_IN_AUDIT]) for name, paths in groups.items()},
        },
    )


def slug_of(name: str) -> str:
    """Return what addresses call a ruleset of this name."""
    return slugify(name)[:MAX_NAME_LENGTH].strip("-") or "rules"


def _refuse_bad_name(destination: Destination) -> None:
    name = destination.ruleset_name
    if not name.strip() or len(name) > MAX_NAME_LENGTH or not name.isprintable():
        raise InvalidInputError(
            f"ruleset: give it a name of at most {MAX_NAME_LENGTH} letters.", field="ruleset"
        )
    is_shipped = destination.source == RuleSource.SHIPPED
    if not is_shipped and slug_of(name) == slug_of(SHIPPED_NAME):
        raise InvalidInputError(
            f"ruleset: {SHIPPED_NAME} is the name of our own pack; choose another.",
            field="ruleset",
        )
