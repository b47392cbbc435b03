"""Fix attempts that wait for their proof, and those whose proof could not be had."""

from datetime import datetime

from findings.models import Confidence
from remediation.models import FixAttempt, FixStatus
from remediation.reasons import Reason


def has_proposed(finding_id: int) -> bool:
    """Say whether a fix of the finding waits for its proof."""
    return FixAttempt.objects.filter(finding_id=finding_id, status=FixStatus.PROPOSED).exists()


def give_up_proof(*, finding_id: int, reason: str, now: datetime) -> int:
    """Refuse the waiting fixes of a finding, whose proof could not be had; return how many."""
    refused: int = FixAttempt.objects.filter(
        finding_id=finding_id, status=FixStatus.PROPOSED
    ).update(
        status=FixStatus.REFUSED,
        reason=Reason.CHECK_FAILED,
        detail=reason[:1000],
        confidence=Confidence.LOW,
        proven_at=now,
    )
    return refused
