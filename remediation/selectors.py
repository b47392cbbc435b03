"""Reading guidance and fixes: those that speak of the code as it is, and no others."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import F, Q, QuerySet

from findings.models import Conclusion, Confidence
from llm.configuration import assistant_settings
from llm.models import LeastConfidence
from remediation.models import FixAttempt, FixRequest, FixStatus, Guidance, RemedyOrigin

# A finding whose matched code has changed keeps its older remedies in the database, out of sight.
OF_TODAYS_CODE = Q(code_hash=F("finding__code_hash")) | Q(code_hash="") | Q(finding__code_hash="")


def latest_guidance(finding_id: int) -> Guidance | None:
    """Return the guidance that counts, with its model call; None: none on the code as it is."""
    return guidance_by_finding([finding_id]).get(finding_id)


def guidance_by_finding(finding_ids: Collection[int]) -> dict[int, Guidance]:
    """Return the guidance that counts, by finding, in one query; one without is left out."""
    newest = (
        Guidance.objects.filter(OF_TODAYS_CODE, finding_id__in=finding_ids)
        .select_related("model_call")
        .order_by("finding_id", "-id")
        .distinct("finding_id")
    )
    return {guidance.finding_id: guidance for guidance in newest}


def shown_fix(finding_id: int) -> FixAttempt | None:
    """Return the fix to show: proven, of a true positive, and sure enough; else None."""
    return shown_fixes_by_finding([finding_id]).get(finding_id)


def shown_fixes_by_finding(finding_ids: Collection[int]) -> dict[int, FixAttempt]:
    """Return the fixes to show, by finding, in two queries; one without is left out."""
    if not finding_ids:
        return {}
    newest = (
        FixAttempt.objects.filter(
            OF_TODAYS_CODE,
            finding_id__in=finding_ids,
            finding__verdict=Conclusion.TRUE_POSITIVE,
            status=FixStatus.PROVEN,
            confidence__gte=least_confidence(),
        )
        .select_related("guidance", "model_call")
        .order_by("finding_id", "-id")
        .distinct("finding_id")
    )
    return {fix.finding_id: fix for fix in newest}


def fix_attempts_of(finding_id: int) -> QuerySet[FixAttempt]:
    """Return every attempt at a finding's fix, newest first, refused and replaced ones too."""
    return (
        FixAttempt.objects.filter(finding_id=finding_id)
        .select_related("guidance", "model_call")
        .order_by("-id")
    )


def fix_requests_by_finding(finding_ids: Collection[int]) -> dict[int, list[FixRequest]]:
    """Return the requests of findings, newest first, in one query; one without is left out."""
    found = defaultdict(list)
    for row in FixRequest.objects.filter(finding_id__in=finding_ids).order_by("-id"):
        found[row.finding_id].append(row)
    return dict(found)


def guidance_of_input(input_hash: str) -> Guidance | None:
    """Return a model's own guidance on an equal question in this organization, or None."""
    guidance: Guidance | None = (
        Guidance.objects.filter(input_hash=input_hash, origin=RemedyOrigin.MODEL)
        .order_by("-id")
        .first()
    )
    return guidance


def least_confidence() -> Confidence:
    """Return how sure a fix must be to be shown, by the organization's setting."""
    chosen = LeastConfidence(assistant_settings().least_fix_confidence)
    return Confidence[chosen.name]
