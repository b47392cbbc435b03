"""What reports say of a rule, in our words."""

from collections.abc import Mapping
from typing import Any

from findings.models import Confidence, Product, Severity
from findings.reports.values import RuleFacts
from findings.texts import storable_json, storable_text

CATEGORY_LIMIT = 60
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


class RuleBook:
    """Makes the facts of each rule once, however many findings repeat them."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, Severity, bool], tuple[Mapping[str, Any], RuleFacts]] = {}

    def facts(
        self,
        *,
        check_id: str,
        severity: Severity,
        metadata: Mapping[str, Any],
        is_dependency: bool = False,
    ) -> RuleFacts:
        """Return the facts; the same value for the same content, as reports repeat it."""
        key = (check_id, severity, is_dependency)
        last = self._last.get(key)
        if last is not None and last[0] == metadata:
            return last[1]
        facts = RuleFacts(
            check_id=check_id,
            severity=severity,
            confidence=_confidence(metadata),
            category=_category(metadata),
            product=_product(metadata, is_dependency=is_dependency),
            metadata=storable_json(dict(metadata)),
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


def _product(metadata: Mapping[str, Any], *, is_dependency: bool) -> Product:
    if metadata.get("product") == Product.SECRETS:
        return Product.SECRETS
    return Product.SCA if is_dependency or "sca-kind" in metadata else Product.SAST
