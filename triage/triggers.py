"""Which findings are judged without being asked for."""

from django.db.models import Q

from findings.models import Confidence, Finding, Severity

LEAST_SEVERITY = Severity.HIGH
LEAST_CONFIDENCE = Confidence.MEDIUM
SURE_AND_SEVERE = Q(severity__gte=LEAST_SEVERITY, confidence__gte=LEAST_CONFIDENCE)


def is_sure_and_severe(finding: Finding) -> bool:
    """Say of one finding what SURE_AND_SEVERE asks of rows."""
    return finding.severity >= LEAST_SEVERITY and finding.confidence >= LEAST_CONFIDENCE
