"""SARIF 2.1.0, as Semgrep and other tools write it (OASIS, sections 3.14, 3.27, 3.29, 3.49)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from findings.models import Product, Severity
from findings.reports.code_hash import hash_code
from findings.reports.fields import Fields, list_in
from findings.reports.json_stream import members
from findings.reports.rule_facts import RuleBook
from findings.reports.sarif_flows import read_flows
from findings.reports.sarif_products import package_in, product_of
from findings.reports.secrets import message_of
from findings.reports.semgrep_ci import HASH_LIMIT, MATCH_BASED_ID_LIMIT
from findings.reports.semgrep_json import CODE_HASH
from findings.reports.values import InvalidReportError, ReportedFinding, ReportFacts

RUNS = "runs"
FINGERPRINT = "matchBasedId/v1"
LEVELS = {
    "error": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "note": Severity.LOW,
    "none": Severity.LOW,
}
DEFAULT_LEVEL = "warning"
# The lower bounds that code hosts give to the property `security-severity`, a CVSS score.
SCORES = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM))
_CONFIDENCE_TAG = " CONFIDENCE"
_OWASP_TAG = "OWASP-"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    level: str
    score: float | None
    metadata: Mapping[str, Any]
    product: Product


def read_sarif(text: str) -> Iterator[ReportedFinding | ReportFacts]:
    """Yield the results of all runs, and last which rules the tools say they have."""
    listed: set[str] = set()
    has_runs = False
    for key, index, value in members(text, streamed=(RUNS,)):
        has_runs = has_runs or key == RUNS
        if index is None:
            continue
        run = Fields(value, f"$.runs[{index}]")
        rules = _rules(run)
        listed.update(check_id for check_id in rules if check_id)
        book = RuleBook()
        for place, result in enumerate(list_in(run.values.get("results"), f"{run.path}.results")):
            fields = Fields(result, f"{run.path}.results[{place}]")
            check_id = _check_id(fields, rules)
            rule = rules.get(check_id) or _unlisted(check_id, run)
            yield _finding(fields, check_id, rule, book)
    if not has_runs:
        raise InvalidReportError("The list of runs is missing: this is not SARIF.", field="$.runs")
    yield ReportFacts(rule_ids=frozenset(listed), names_all_rules=False)


def _rules(run: Fields) -> dict[str, _Rule]:
    tool = run.object("tool")
    driver = tool.object("driver")
    found = {}
    for index, value in enumerate(list_in(driver.values.get("rules"), f"{driver.path}.rules")):
        fields = Fields(value, f"{driver.path}.rules[{index}]")
        properties = fields.object("properties")
        check_id = fields.check_id("id")
        found[check_id] = _Rule(
            level=fields.object("defaultConfiguration").text("level") or DEFAULT_LEVEL,
            score=_score(properties.values.get("security-severity")),
            metadata=_metadata(fields, properties),
            product=product_of(check_id=check_id, rule=value, tool=tool.values),
        )
    return found


def _unlisted(check_id: str, run: Fields) -> _Rule:
    product = product_of(check_id=check_id, rule=None, tool=run.object("tool").values)
    return _Rule(level=DEFAULT_LEVEL, score=None, metadata={}, product=product)


def _score(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _metadata(rule: Fields, properties: Fields) -> dict[str, Any]:
    """Return what the rule's tags say, in the words of Semgrep's metadata."""
    tags = sorted(properties.texts("tags"))
    metadata: dict[str, Any] = {"cwe": [tag for tag in tags if tag.upper().startswith("CWE-")]}
    owasp = [tag.removeprefix(_OWASP_TAG) for tag in tags if tag.startswith(_OWASP_TAG)]
    words = [tag.removesuffix(_CONFIDENCE_TAG) for tag in tags if tag.endswith(_CONFIDENCE_TAG)]
    link = rule.text("helpUri")
    metadata["owasp"] = owasp
    metadata["references"] = [link] if link else []
    metadata["confidence"] = words[0] if words else None
    metadata["category"] = "security" if "security" in tags else None
    return {name: value for name, value in metadata.items() if value}


def _finding(result: Fields, check_id: str, rule: _Rule, book: RuleBook) -> ReportedFinding:
    path, region = place_of(result)
    start = region.position("startLine", 1)
    end = region.position("endLine", start)
    if end < start:
        raise region.refuse("endLine", "The result ends before it begins.")
    column = region.position("startColumn", 1)
    fingerprints = result.object("fingerprints")
    snippet = region.object("snippet").text("text")
    message = result.object("message").message("text")
    facts = book.facts(
        check_id=check_id,
        severity=_severity(result, rule),
        metadata=rule.metadata,
        product=rule.product,
        package=package_in(message) if rule.product == Product.SCA else "",
    )
    return ReportedFinding(
        rule=facts,
        path=path,
        start_line=start,
        start_column=column,
        end_line=end,
        end_column=region.position("endColumn", column + 1),
        message=message_of(facts, message, shown=[snippet]),
        is_muted=_is_suppressed(result),
        match_based_id=fingerprints.identifier(FINGERPRINT, MATCH_BASED_ID_LIMIT),
        code_hash=fingerprints.identifier(CODE_HASH, HASH_LIMIT) or hash_code(snippet),
        trace=read_flows(result),
    )


def _check_id(result: Fields, rules: Mapping[str, _Rule]) -> str:
    if result.values.get("ruleId"):
        return result.check_id("ruleId")
    named = result.object("rule")
    if named.values.get("id"):
        return named.check_id("id")
    index = result.values.get("ruleIndex", named.values.get("index"))
    if type(index) is int and 0 <= index < len(rules):
        return list(rules)[index]
    raise result.refuse("ruleId", "The rule's id is missing.")


def place_of(result: Fields) -> tuple[str, Fields]:
    """Return the file and the region of a result's first location."""
    locations = list_in(result.values.get("locations"), f"{result.path}.locations")
    if not locations:
        raise result.refuse("locations", "A location is missing.")
    physical = Fields(locations[0], f"{result.path}.locations[0]").object("physicalLocation")
    location = physical.object("artifactLocation")
    uri = unquote(location.text("uri").removeprefix("file://"))
    return Fields({"uri": uri}, location.path).file_path("uri"), physical.object("region")


def _severity(result: Fields, rule: _Rule) -> Severity:
    if rule.score is not None:
        return next((word for least, word in SCORES if rule.score >= least), Severity.LOW)
    level = result.text("level") or rule.level
    if level not in LEVELS:
        raise result.refuse("level", f"One of {', '.join(LEVELS)} is expected.")
    return LEVELS[level]


def _is_suppressed(result: Fields) -> bool:
    """Say whether a suppression holds: one under review or rejected does not (section 3.35.3)."""
    suppressions = list_in(result.values.get("suppressions"), f"{result.path}.suppressions")
    return any(
        Fields(one, f"{result.path}.suppressions[{index}]").text("status") in ("", "accepted")
        for index, one in enumerate(suppressions)
    )
