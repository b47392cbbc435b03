"""What the pages of one rule show: its text in colors, its versions, and where it is used."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from console.rules import severity_of, title_of
from core.coloring import ColoredLine, color_lines
from core.errors import NotFoundError
from findings.models import Severity
from insights.kept_figures import kept_rule_figures
from insights.rule_figures import RuleFigures
from remediation.colored_diffs import ColoredDiff, color_diff
from remediation.diffs import diff_texts
from rules.languages import file_name_of
from rules.library import text_of
from rules.models import Rule, Ruleset, RuleSource, RuleVersion
from rules.policy_book import read_book
from rules.policy_uses import Use, uses_of

MOST_LINES = 2000
MOST_VERSIONS = 100
TEXT_FILE = "rule.yml"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFacts:
    """A rule as its page shows it."""

    rule: Rule
    title: str
    severity: Severity | None
    metadata: dict[str, Any]
    lines: Sequence[ColoredLine]
    test_name: str
    test_lines: Sequence[ColoredLine]
    figures: RuleFigures
    uses: Sequence[Use]
    rulesets: Sequence[Ruleset]
    versions: Sequence[RuleVersion]

    @property
    def may_change(self) -> bool:
        """Say whether the rule may be edited: shipped ones are forked instead."""
        return self.rule.deleted_at is None and self.rule.source != RuleSource.SHIPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFacts:
    """One version, and what it changed since the one before or another that was named."""

    version: RuleVersion
    other: RuleVersion | None
    text: ColoredDiff
    tests: ColoredDiff
    versions: Sequence[RuleVersion]


def get_rule(rule_id: int) -> Rule:
    """Return a rule, deleted or not. Raises NotFoundError for a stranger's."""
    rule: Rule | None = Rule.objects.select_related("forked_from").filter(pk=rule_id).first()
    if rule is None:
        raise NotFoundError(f"There is no rule {rule_id} in this organization.")
    return rule


def facts_of(rule: Rule) -> RuleFacts:
    """Return what the page of a rule shows."""
    metadata = rule.definition.get("metadata")
    test_name = file_name_of(rule.languages)
    return RuleFacts(
        rule=rule,
        title=title_of(rule),
        severity=severity_of(rule),
        metadata=metadata if isinstance(metadata, dict) else {},
        lines=_colored(TEXT_FILE, text_of(rule)),
        test_name=test_name,
        test_lines=_colored(test_name, rule.test_code) if rule.test_code else [],
        figures=kept_rule_figures([rule.path])[rule.path],
        uses=uses_of(rule.pk, read_book()),
        rulesets=list(Ruleset.objects.filter(entries__rule=rule).order_by("name")),
        versions=_versions(rule),
    )


def version_facts(rule: Rule, *, number: int, other_number: int | None) -> VersionFacts:
    """Return one version beside another, the one before where none is named.

    Raises NotFoundError where there is no such version.
    """
    version = _version(rule, number)
    other = None
    if other_number is not None:
        other = _version(rule, other_number)
    elif number > 1:
        other = RuleVersion.objects.filter(rule=rule, number__lt=number).order_by("-number").first()
    test_name = file_name_of(rule.languages)
    before, after = text_of(other) if other else "", text_of(version)
    tests_before = other.test_code if other else ""
    return VersionFacts(
        version=version,
        other=other,
        text=_diff(TEXT_FILE, before, after),
        tests=_diff(test_name, tests_before, version.test_code),
        versions=_versions(rule),
    )


def _version(rule: Rule, number: int) -> RuleVersion:
    version: RuleVersion | None = RuleVersion.objects.filter(rule=rule, number=number).first()
    if version is None:
        raise NotFoundError(f"{rule.path} has no version {number}; its page lists those it has.")
    return version


def _versions(rule: Rule) -> list[RuleVersion]:
    versions = RuleVersion.objects.filter(rule=rule).defer("text", "definition", "test_code")
    return list(versions.select_related("author").order_by("-number")[:MOST_VERSIONS])


def _colored(path: str, text: str) -> list[ColoredLine]:
    last = min(text.rstrip("\n").count("\n") + 1, MOST_LINES)
    return list(color_lines(path=path, text=text, first=1, last=last))


def _diff(path: str, before: str, after: str) -> ColoredDiff:
    return color_diff(diff_texts(path=path, before=before, after=after), before=before, after=after)
