"""What the Rules page lists: the rules that the address asks for, with modes and figures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.db.models import Count, F, Func, Q, QuerySet
from django.http import QueryDict

from findings.models import Severity
from findings.reports.rule_facts import SEVERITY_WORDS
from findings.titles import title_of_rule
from insights.kept_figures import kept_rule_figures
from insights.rule_figures import RuleFigures
from rules.models import Mode, Rule, Ruleset, RuleSource
from rules.policy_book import read_book
from rules.policy_uses import modes_by_rule

PAGE_SIZE = 50
LONGEST_TEXT = 400
MOST_OPTIONS = 200
NO_POLICY = "none"
MODES = {**{mode.value: str(mode.label) for mode in Mode}, NO_POLICY: "In no policy"}
SEVERITIES = {severity.name.lower(): str(severity.label) for severity in reversed(Severity)}
TABS = {"": "Rules", "deleted": "Deleted"}
_FIELDS = ("tab", "text", "source", "language", "severity", "mode", "ruleset", "after")
_FILTERS = ("text", "source", "language", "severity", "mode", "ruleset")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleQuery:
    """Which rules are asked for, and from which id on; a blank field asks nothing."""

    tab: str = ""
    text: str = ""
    source: str = ""
    language: str = ""
    severity: str = ""
    mode: str = ""
    ruleset: str = ""
    after: str = ""

    @classmethod
    def from_query(cls, query: QueryDict) -> "RuleQuery":
        """Read the address; what we do not know there asks nothing."""
        values = {
            name: query.get(name, "").replace("\0", "").strip()[:LONGEST_TEXT] for name in _FIELDS
        }
        known = {"tab": TABS, "source": RuleSource.values, "severity": SEVERITIES, "mode": MODES}
        for name, words in known.items():
            values[name] = values[name] if values[name] in words else ""
        return cls(**values)

    def address(self, **changes: str) -> str:
        """Return the query of an address that asks for this, with changes."""
        wanted = replace(self, **{"after": "", **changes})
        return "?" + urlencode({n: getattr(wanted, n) for n in _FIELDS if getattr(wanted, n)})

    @property
    def is_narrowed(self) -> bool:
        """Say whether it asks for some of the rules alone."""
        return any(getattr(self, name) for name in _FILTERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """A rule of the list."""

    rule: Rule
    title: str
    severity: Severity | None
    mode: Mode | None
    figures: RuleFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePage:
    """One page of rules by id; `next_after` is the key of the next one, blank: no more."""

    rows: Sequence[RuleRow]
    next_after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A filter of the list: its values with their labels, and the one that is asked."""

    name: str
    label: str
    value: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One list of rules."""

    label: str
    count: int
    query: str
    is_current: bool


def page_of_rules(wanted: RuleQuery) -> RulePage:
    """Return a page of rules, by id, in a constant number of queries."""
    modes = modes_by_rule(read_book())
    rules = _of_mode(_matching(wanted), wanted.mode, modes).filter(
        deleted_at__isnull=wanted.tab != "deleted", path__gt=wanted.after
    )
    found = list(rules.defer("text", "test_code").order_by("path")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    figures = kept_rule_figures([rule.path for rule in shown])
    rows = [
        RuleRow(
            rule=rule,
            title=title_of(rule),
            severity=severity_of(rule),
            mode=modes.get(rule.pk),
            figures=figures[rule.path],
        )
        for rule in shown
    ]
    has_more = len(found) > PAGE_SIZE
    return RulePage(rows=rows, next_after=shown[-1].path if has_more else "")


def tabs_of(wanted: RuleQuery) -> list[Tab]:
    """Return the lists with their counts; deleted rules where there are any."""
    is_deleted = Q(deleted_at__isnull=False)
    counts = Rule.objects.aggregate(
        kept=Count("id", filter=~is_deleted), gone=Count("id", filter=is_deleted)
    )
    numbers = {"": counts["kept"], "deleted": counts["gone"]}
    return [
        Tab(
            label=label,
            count=numbers[name],
            query=RuleQuery(tab=name).address(),
            is_current=wanted.tab == name,
        )
        for name, label in TABS.items()
        if not name or numbers[name] or wanted.tab == name
    ]


def choices_of(wanted: RuleQuery) -> list[Choice]:
    """Return the filters with what there is to choose."""
    languages = Rule.objects.annotate(one=Func(F("languages"), function="unnest"))
    names = languages.order_by("one").values_list("one", flat=True).distinct()[:MOST_OPTIONS]
    rulesets = Ruleset.objects.order_by("name").values_list("slug", "name")[:MOST_OPTIONS]
    sources = {source.value: str(source.label) for source in RuleSource}
    options: Iterable[tuple[str, str, Mapping[str, str]]] = (
        ("source", "Source", sources),
        ("language", "Language", {name: name for name in names}),
        ("severity", "Severity", SEVERITIES),
        ("mode", "Mode", MODES),
        ("ruleset", "Ruleset", dict(rulesets)),
    )
    return [
        Choice(name=name, label=label, value=getattr(wanted, name), options=values)
        for name, label, values in options
    ]


def title_of(rule: Rule) -> str:
    """Return what people call a rule."""
    return title_of_rule(check_id=rule.path, metadata=rule.definition.get("metadata"))


def severity_of(rule: Rule) -> Severity | None:
    """Return a rule's severity in our words; None for a word that we do not know."""
    return SEVERITY_WORDS.get(rule.severity.upper())


def _matching(wanted: RuleQuery) -> QuerySet[Rule]:
    rules = Rule.objects.all()
    for word in wanted.text.split():
        rules = rules.filter(Q(path__icontains=word) | Q(definition__message__icontains=word))
    if wanted.source:
        rules = rules.filter(source=wanted.source)
    if wanted.language:
        rules = rules.filter(languages__contains=[wanted.language])
    if wanted.severity:
        words = [w for w, level in SEVERITY_WORDS.items() if level.name.lower() == wanted.severity]
        rules = rules.filter(severity__in=[*words, *(word.lower() for word in words)])
    if wanted.ruleset:
        rules = rules.filter(ruleset_entries__ruleset__slug=wanted.ruleset)
    return rules


def _of_mode(rules: QuerySet[Rule], mode: str, modes: Mapping[int, Mode]) -> QuerySet[Rule]:
    if not mode:
        return rules
    if mode == NO_POLICY:
        return rules.exclude(id__in=list(modes))
    return rules.filter(id__in=[rule_id for rule_id, one in modes.items() if one == mode])
