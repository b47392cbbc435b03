"""What reports say of a rule, in our words."""

from collections.abc import Mapping
from typing import Any

from findings.models import Confidence, Product, Severity
from findings.reports.values import RuleFacts
from findings.texts import storable_json, storable_text

CATEGORY_LIMIT = 60
PACKAGE_LIMIT = 200
# Our own addition to a rule's metadata: the dependency that is to be upgraded.
PACKAGE = "assistant.package"
SEVERITY_WORDS = {
    "INFO": Severity.LOW,
    "LOW": Severity.LOW,
    "INVENTORY": Severity.LOW,
    "EXPERIMENT": Severity.LOW,
    "WARNING": Severity.MEDIUM,
    "MEDIUM": Severity.MEDIUM,
    "ERROR": Severity.HIGH,
    "HIGH": Severity.HIGH,
    "CRITICAL": Severity.CRITICAL,
}
# 4 is the scanner's EXPERIMENT.
SEVERITY_NUMBERS = (
    Severity.LOW,
    Severity.MEDIUM,
    Severity.HIGH,
    Severity.CRITICAL,
    Severity.LOW,
)
CONFIDENCE_WORDS = {
    "LOW": Confidence.LOW,
    "MEDIUM": Confidence.MEDIUM,
    "HIGH": Confidence.HIGH,
}

_Key = tuple[str, Severity, Product | None, str]


class RuleBook:
    """Makes the facts of each rule once, however many findings repeat them."""

    def __init__(self) -> None:
        self._last: dict[_Key, tuple[Mapping[str, Any], RuleFacts]] = {}

    def facts(
        self,
        *,
        check_id: str,
        severity: Severity,
        metadata: Mapping[str, Any],
        product: Product | None = None,
        package: str = "",
    ) -> RuleFacts:
        """Return the facts; the same value for the same content, as reports repeat it.

        `product` where the report says it elsewhere than in the metadata; `package` is the
        dependency that is to be upgraded.
        """
        key = (check_id, severity, product, package)
        last = self._last.get(key)
        if last is not None and last[0] == metadata:
            return last[1]
        facts = RuleFacts(
            check_id=check_id,
            severity=severity,
            confidence=_confidence(metadata),
            category=_category(metadata),
            product=product or product_in(metadata),
            metadata=storable_json(dict(metadata)) | _dependency(package),
        )
        self._last[key] = (metadata, facts)
        return facts


def _confidence(metadata: Mapping[str, Any]) -> Confidence:
    word = metadata.get("confidence")
    if not isinstance(word, str):
        return Confidence.UNKNOWN
    return CONFIDENCE_WORDS.get(word.upper(), Confidence.UNKNOWN)


def _category(metadata: Mapping[str, Any]) -> str:
    word = metadata.get("category")
    return storable_text(word)[:CATEGORY_LIMIT] if isinstance(word, str) else ""


def product_in(metadata: Mapping[str, Any]) -> Product:
    """Return the product that a rule's metadata names."""
    if metadata.get("product") == Product.SECRETS:
        return Product.SECRETS
    is_dependency = "sca-kind" in metadata or metadata.get("product") == Product.SCA
    return Product.SCA if is_dependency else Product.SAST


def dependency_in(sca_info: Any) -> tuple[Product | None, str]:
    """Return the product and the package that Semgrep's `sca_info` tells of, if it is there."""
    if sca_info is None:
        return None, ""
    match = sca_info.get("dependency_match") if isinstance(sca_info, dict) else None
    for name in ("dependency_pattern", "found_dependency"):
        told = match.get(name) if isinstance(match, dict) else None
        package = told.get("package") if isinstance(told, dict) else None
        if isinstance(package, str):
            return Product.SCA, package
    return Product.SCA, ""


def _dependency(package: str) -> dict[str, str]:
    return {PACKAGE: storable_text(package)[:PACKAGE_LIMIT]} if package else {}
