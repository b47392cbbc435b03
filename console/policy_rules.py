"""Which rules of a policy a page shows: the question of its address, and the rows of the answer."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Func, Q, QuerySet
from django.http import QueryDict

from console.rules import SEVERITIES, Choice, severity_of, title_of
from core.numbers import id_of
from findings.models import Severity
from insights.kept_figures import kept_rule_figures
from insights.rule_figures import RuleFigures
from rules.models import Mode, Policy, Rule, Ruleset, RuleSource
from rules.policy_book import Book
from rules.policy_entries import PolicyEntry, entries_of
from rules.rule_facts import (
    CONFIDENCES,
    facts_of,
    has_class,
    has_confidence,
    has_severity,
)

PAGE_SIZE = 50
LONGEST_TEXT = 400
MOST_OFFERED = 200
LARGEST_COUNT = 1_000_000
# Asks for the rules of the library that the policy does not have.
OUTSIDE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyQuery:
    """Which rules are asked for, and from which path on; a blank field asks nothing."""

    text: str = ""
    mode: str = ""
    severity: str = ""
    confidence: str = ""
    source: str = ""
    ruleset: str = ""
    language: str = ""
    vulnerability_class: str = ""
    min_findings: str = ""
    after: str = ""

    @classmethod
    def from_query(cls, query: QueryDict) -> "PolicyQuery":
        """Read the address; what makes no sense there asks for nothing."""
        values = {
            one.name: query.get(one.name, "").replace("\0", "").strip()[:LONGEST_TEXT]
            for one in fields(cls)
        }
        known: Mapping[str, Collection[str]] = {
            "mode": (*Mode.values, OUTSIDE),
            "severity": SEVERITIES,
            "confidence": CONFIDENCES,
            "source": RuleSource.values,
        }
        values |= {name: "" for name, words in known.items() if values[name] not in words}
        number = id_of(values["min_findings"])
        values["min_findings"] = str(min(number, LARGEST_COUNT)) if number else ""
        return cls(**values)

    @property
    def is_narrowed(self) -> bool:
        """Say whether anything is asked for."""
        return replace(self, after="") != PolicyQuery()

    def address(self, **changes: str) -> str:
        """Return the query of an address that asks for this, with changes."""
        wanted = replace(self, **{"after": "", **changes})
        pairs = {one.name: getattr(wanted, one.name) for one in fields(wanted)}
        return "?" + urlencode({name: value for name, value in pairs.items() if value})


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRuleRow:
    """A rule in a policy, with how it does."""

    entry: PolicyEntry
    title: str
    severity: Severity | None
    figures: RuleFigures

    @property
    def mode_label(self) -> str:
        """Return the mode in the words of the page."""
        return str(self.entry.mode.label) if self.entry.mode else "Not in this policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRulePage:
    """One page of rules by path; `next_after` is the key of the next one, blank: no more."""

    rows: Sequence[PolicyRuleRow]
    next_after: str


def page_of_rules(*, policy: Policy, book: Book, wanted: PolicyQuery) -> PolicyRulePage:
    """Return a page of the policy's rules, in a constant number of queries."""
    modes = book.modes_of(book.page(policy.pk))
    rules = _matching(wanted, modes)
    if wanted.min_findings:
        figures = kept_rule_figures(list(rules.values_list("path", flat=True)))
        enough = [path for path, one in figures.items() if one.open >= int(wanted.min_findings)]
        rules = rules.filter(path__in=enough)
    found = list(rules.filter(path__gt=wanted.after).order_by("path")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    rows = _rows_of(policy=policy, rules=shown, modes=modes)
    return PolicyRulePage(rows=rows, next_after=shown[-1].path if len(found) > PAGE_SIZE else "")


def _rows_of(
    *, policy: Policy, rules: Sequence[Rule], modes: Mapping[int, Mode]
) -> list[PolicyRuleRow]:
    figures = kept_rule_figures([rule.path for rule in rules])
    return [
        PolicyRuleRow(
            entry=entry,
            title=title_of(entry.rule),
            severity=severity_of(entry.rule),
            figures=figures[entry.rule.path],
        )
        for entry in entries_of(policy=policy, rules=rules, modes=modes)
    ]


def mode_counts(book: Book, policy: Policy) -> dict[str, int]:
    """Return how many rules a policy has in each mode."""
    counts = Counter(book.modes_of(book.page(policy.pk)).values())
    return {mode.value: counts[mode] for mode in Mode}


def choices_of(wanted: PolicyQuery) -> list[Choice]:
    """Return the filters with what there is to choose, in three queries."""
    sources = {source.value: str(source.label) for source in RuleSource}
    modes = {"": "All in this policy", **dict(Mode.choices), OUTSIDE: "Not in this policy"}
    options: Mapping[str, tuple[str, Mapping[str, str]]] = {
        "mode": ("Mode", modes),
        "severity": ("Severity", SEVERITIES),
        "confidence": ("Confidence", {word: word.capitalize() for word in CONFIDENCES}),
        "source": ("Source", sources),
        "ruleset": ("Ruleset", dict(_rulesets())),
        "language": ("Language", {name: name for name in _languages()}),
        "vulnerability_class": ("Vulnerability class", {name: name for name in _classes()}),
    }
    return [
        Choice(
            name=name,
            label=label,
            value=getattr(wanted, name),
            options=values if name == "mode" else {"": "All", **values},
        )
        for name, (label, values) in options.items()
    ]


def _rulesets() -> Iterable[tuple[str, str]]:
    return Ruleset.objects.order_by("name").values_list("slug", "name")[:MOST_OFFERED]


def _languages() -> list[str]:
    rules = Rule.objects.filter(deleted_at__isnull=True)
    names = rules.annotate(language=Func(F("languages"), function="unnest"))
    return list(
        names.order_by("language").values_list("language", flat=True).distinct()[:MOST_OFFERED]
    )


def _classes() -> list[str]:
    """Return the vulnerability classes that the library's rules name."""
    values = (
        Rule.objects.filter(deleted_at__isnull=True)
        .filter(definition__metadata__has_key="vulnerability_class")
        .values_list("definition__metadata__vulnerability_class", flat=True)
        .distinct()
    )
    found: set[str] = set()
    for value in values:
        found.update(facts_of({"metadata": {"vulnerability_class": value}}).vulnerability_classes)
    return sorted(found)[:MOST_OFFERED]


def _matching(wanted: PolicyQuery, modes: Mapping[int, Mode]) -> QuerySet[Any]:
    rules: QuerySet[Any] = Rule.objects.filter(_in_mode(wanted.mode, modes), deleted_at=None)
    for word in wanted.text.split():
        rules = rules.filter(path__icontains=word)
    pairs = (
        (wanted.severity, has_severity),
        (wanted.confidence, has_confidence),
        (wanted.vulnerability_class, has_class),
        (wanted.source, lambda source: Q(source=source)),
        (wanted.language, lambda language: Q(languages__contains=[language])),
        (wanted.ruleset, lambda slug: Q(ruleset_entries__ruleset__slug=slug)),
    )
    for value, condition in pairs:
        rules = rules.filter(condition(value)) if value else rules
    return rules


def _in_mode(mode: str, modes: Mapping[int, Mode]) -> Q:
    if mode == OUTSIDE:
        return ~Q(id__in=list(modes))
    return Q(id__in=[rule_id for rule_id, one in modes.items() if not mode or one == mode])
