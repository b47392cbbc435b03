"""What a rule says of itself, read from its definition into words that people filter by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

# A rule's own words for how severe its findings are, by ours; the most severe first.
SEVERITIES: Mapping[str, Sequence[str]] = {
    "critical": ("CRITICAL",),
    "high": ("ERROR", "HIGH"),
    "medium": ("WARNING", "MEDIUM"),
    "low": ("INFO", "LOW", "INVENTORY", "EXPERIMENT"),
}
CONFIDENCES = ("high", "medium", "low")
_BY_WORD = {word: ours for ours, words in SEVERITIES.items() for word in words}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFacts:
    """A rule's metadata; blank or empty where it says nothing."""

    severity: str
    confidence: str
    category: str
    message: str
    vulnerability_classes: tuple[str, ...]
    cwe: tuple[str, ...]
    owasp: tuple[str, ...]
    technologies: tuple[str, ...]


def facts_of(definition: Mapping[str, Any]) -> RuleFacts:
    """Return what a definition says; odd values count as nothing."""
    found = definition.get("metadata")
    metadata: Mapping[str, Any] = found if isinstance(found, dict) else {}
    confidence = str(metadata.get("confidence", "")).lower()
    return RuleFacts(
        severity=severity_of(str(definition.get("severity", ""))),
        confidence=confidence if confidence in CONFIDENCES else "",
        category=_text(metadata.get("category")),
        message=_text(definition.get("message")),
        vulnerability_classes=_texts(metadata.get("vulnerability_class")),
        cwe=_texts(metadata.get("cwe")),
        owasp=_texts(metadata.get("owasp")),
        technologies=_texts(metadata.get("technology")),
    )


def severity_of(word: str) -> str:
    """Return our word for a rule's severity; blank for one that we do not know."""
    return _BY_WORD.get(word.upper(), "")


def has_severity(severity: str) -> Q:
    """Return the condition on rules of this severity, in our word."""
    return Q(severity__in=SEVERITIES.get(severity, ()))


def has_confidence(confidence: str) -> Q:
    """Return the condition on rules of this confidence."""
    return Q(definition__metadata__confidence__iexact=confidence)


def has_class(vulnerability_class: str) -> Q:
    """Return the condition on rules of a vulnerability class; rules name one, or several."""
    return Q(definition__metadata__vulnerability_class=vulnerability_class) | Q(
        definition__metadata__vulnerability_class__contains=[vulnerability_class]
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    """Return what rule authors write as one text or as a list of them."""
    items = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(item.strip() for item in items if isinstance(item, str) and item.strip())
