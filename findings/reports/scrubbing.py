"""A report without the values of the secrets that it tells of, to be kept in its place.

Of a secret's finding only members that are known to hold no code stay; what code was shown leaves
its hash, so that the copy is read into the same findings as the report was. What is not of the
form that we know is left to the parser, which refuses it.
"""

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from core.redaction import redact
from findings.models import Product, ReportFormat
from findings.reports.code_hash import hash_code
from findings.reports.rule_facts import product_in
from findings.reports.sarif_products import product_of_result, rules_by_id
from findings.reports.secrets import masked
from findings.reports.semgrep_json import CODE_HASH, shown_in

LONGEST_UNREADABLE = 5_000_000
_CI_MEMBERS = frozenset({
    "check_id", "path", "line", "column", "end_line", "end_column", "severity", "index",
    "commit_date", "syntactic_id", "match_based_id", "hashes", "metadata", "is_blocking",
    "validation_state", "engine_kind",
})  # fmt: skip
_JSON_MEMBERS = frozenset({"check_id", "path", "start", "end"})
_EXTRA_MEMBERS = frozenset({
    "severity", "metadata", "fingerprint", "is_ignored", "engine_kind", "validation_state",
    CODE_HASH,
})  # fmt: skip
_RESULT_MEMBERS = frozenset({"ruleId", "ruleIndex", "level", "kind", "fingerprints"})
_REGION_MEMBERS = ("startLine", "startColumn", "endLine", "endColumn")

_Document = dict[str, Any]


def scrub(text: str, report_format: ReportFormat) -> str | None:
    """Return a report without secrets' values; None where it tells of no secret.

    Raises ValueError or RecursionError for what is not JSON.
    """
    document = json.loads(text)
    return json.dumps(document) if _SCRUBBERS[report_format](document) else None


def scrub_unreadable(text: str) -> str:
    """Return the beginning of a report that is not JSON, without what looks like a secret."""
    return redact(text[:LONGEST_UNREADABLE])


def _scrub_ci(document: Any) -> bool:
    return _replace_all(_places(document, "findings", "ignores"), _is_secret_of_ci, _finding_of_ci)


def _is_secret_of_ci(finding: _Document) -> bool:
    return _is_secret(finding.get("metadata"))


def _finding_of_ci(finding: _Document) -> _Document:
    kept = {name: value for name, value in finding.items() if name in _CI_MEMBERS}
    shown = [finding.get("fixed_lines"), finding.get("dataflow_trace")]
    return kept | {"message": _message(finding.get("message"), shown)}


def _scrub_json(document: Any) -> bool:
    return _replace_all(_places(document, "results"), _is_secret_of_json, _result_of_json)


def _is_secret_of_json(result: _Document) -> bool:
    return _is_secret(_member(result, "extra").get("metadata"))


def _result_of_json(result: _Document) -> _Document:
    extra = _member(result, "extra")
    kept = {name: value for name, value in extra.items() if name in _EXTRA_MEMBERS}
    kept["message"] = _message(extra.get("message"), shown_in(extra))
    _keep_hash(kept, extra.get("lines"))
    places = {name: value for name, value in result.items() if name in _JSON_MEMBERS}
    return places | {"extra": kept}


def _scrub_sarif(document: Any) -> bool:
    changed = False
    for run in _items(document, "runs"):
        is_secret = functools.partial(
            _is_secret_of_sarif, rules=rules_by_id(run), tool=run.get("tool")
        )
        changed |= _replace_all([run.get("results")], is_secret, _result_of_sarif)
        if changed:
            run.pop("artifacts", None)
    return changed


def _is_secret_of_sarif(result: _Document, *, rules: Mapping[str, Any], tool: Any) -> bool:
    return product_of_result(result, rules=rules, tool=tool) == Product.SECRETS


def _result_of_sarif(result: _Document) -> _Document:
    kept = {name: value for name, value in result.items() if name in _RESULT_MEMBERS}
    rule = _member(result, "rule")
    if rule:
        kept["rule"] = {name: rule[name] for name in ("id", "index") if name in rule}
    suppressions = list(_items(result, "suppressions"))
    if suppressions:
        kept["suppressions"] = [
            {name: one[name] for name in ("kind", "status") if name in one} for one in suppressions
        ]
    location = next(_items(result, "locations"), {})
    physical = _member(location, "physicalLocation")
    region = _member(physical, "region")
    snippet = _member(region, "snippet").get("text")
    kept["locations"] = [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": _member(physical, "artifactLocation").get("uri")},
                "region": {name: region[name] for name in _REGION_MEMBERS if name in region},
            }
        }
    ]
    kept["message"] = {"text": _message(_member(result, "message").get("text"), [snippet])}
    kept["fingerprints"] = dict(_member(result, "fingerprints"))
    _keep_hash(kept["fingerprints"], snippet)
    return kept


_SCRUBBERS: Mapping[ReportFormat, Callable[[Any], bool]] = {
    ReportFormat.SEMGREP_CI: _scrub_ci,
    ReportFormat.SEMGREP_JSON: _scrub_json,
    ReportFormat.SARIF: _scrub_sarif,
}


def _replace_all(
    lists: list[Any],
    is_secret: Callable[[_Document], bool],
    scrubbed: Callable[[_Document], _Document],
) -> bool:
    changed = False
    for values in lists:
        for index, value in enumerate(values if isinstance(values, list) else ()):
            if isinstance(value, dict) and is_secret(value):
                values[index] = scrubbed(value)
                changed = True
    return changed


def _message(message: Any, shown: list[Any]) -> str:
    if not isinstance(message, str):
        return ""
    return masked(message, shown=shown)


def _keep_hash(target: _Document, code: Any) -> None:
    if isinstance(code, str) and not target.get(CODE_HASH) and hash_code(code):
        target[CODE_HASH] = hash_code(code)


def _is_secret(metadata: Any) -> bool:
    return isinstance(metadata, dict) and product_in(metadata) == Product.SECRETS


def _places(document: Any, *names: str) -> list[Any]:
    return [document.get(name) for name in names] if isinstance(document, dict) else []


def _member(value: Any, name: str) -> _Document:
    member = value.get(name) if isinstance(value, dict) else None
    return member if isinstance(member, dict) else {}


def _items(value: Any, name: str) -> Iterator[_Document]:
    items = value.get(name) if isinstance(value, dict) else None
    yield from (one for one in (items if isinstance(items, list) else ()) if isinstance(one, dict))
