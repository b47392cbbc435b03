"""Of which product a SARIF result is: SARIF has no word for it, so its tool, rule and tags tell.

The forms of other tools' reports are those that they write by themselves: Gitleaks and others
find secrets alone; Trivy tags its rules `secret`; who looks at dependencies names its rules after
the database of vulnerabilities, and the package in the message.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from findings.models import Product

SECRET_TOOLS = frozenset({
    "gitleaks", "trufflehog", "detect-secrets", "ggshield", "gitguardian", "secretlint",
    "secret-scanner", "kingfisher",
})  # fmt: skip
DEPENDENCY_TOOLS = frozenset({
    "grype", "osv-scanner", "dependency-check", "snyk open source", "pip-audit", "cargo-audit",
})  # fmt: skip
SECRET_TAGS = frozenset({"secret", "secrets"})
_VULNERABILITY = re.compile(r"(?:CVE-[0-9]{4}-|GHSA-|RUSTSEC-|PYSEC-|GO-[0-9]{4}-|OSV-|SNYK-)")
_PACKAGES = (
    # Trivy.
    re.compile(r"^Package: ([^\s]{1,200})$", re.MULTILINE),
    # OSV-Scanner; a scoped package of npm begins with an @.
    re.compile(r"^Package '(@?[^\s'@]{1,200})@"),
    # Grype.
    re.compile(r"\bpackage: ([^\s,]{1,200}), version\b"),
)


def product_of_result(result: Mapping[str, Any], *, rules: Mapping[str, Any], tool: Any) -> Product:
    """Return the product of a result as it stands in a run; what is malformed is code."""
    check_id = check_id_of(result, list(rules))
    return product_of(check_id=check_id, rule=rules.get(check_id), tool=tool)


def product_of(*, check_id: str, rule: Any, tool: Any) -> Product:
    """Return the product of a rule, by its tool's name, its tags and its id."""
    name = _text(_member(_member(tool, "driver"), "name")).strip().lower()
    properties = _member(rule, "properties")
    told = _member(properties, "product")
    tags = _member(properties, "tags")
    words = {tag.lower() for tag in tags if isinstance(tag, str)} if isinstance(tags, list) else ()
    if isinstance(told, str) and told in Product.values:
        return Product(told)
    if name in SECRET_TOOLS or not SECRET_TAGS.isdisjoint(words):
        return Product.SECRETS
    if name in DEPENDENCY_TOOLS or _VULNERABILITY.match(check_id):
        return Product.SCA
    return Product.SAST


def package_in(message: str) -> str:
    """Return the package that a dependency's message names; blank where it names none."""
    found = next((match for one in _PACKAGES if (match := one.search(message))), None)
    return found[1] if found else ""


def rules_by_id(run: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rules that a run lists, in its order."""
    rules = _member(_member(_member(run, "tool"), "driver"), "rules")
    return dict(_named(rules if isinstance(rules, list) else []))


def check_id_of(result: Mapping[str, Any], ids: list[str]) -> str:
    """Return the id of a result's rule: told, or by its place in the list; else blank."""
    named = _member(result, "rule")
    told = result.get("ruleId") or _member(named, "id")
    index = result.get("ruleIndex", _member(named, "index"))
    if isinstance(told, str):
        return told
    return ids[index] if type(index) is int and 0 <= index < len(ids) else ""


def _named(rules: list[Any]) -> Iterator[tuple[str, Any]]:
    for rule in rules:
        check_id = _member(rule, "id")
        if isinstance(check_id, str):
            yield check_id, rule


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
