"""What there is to say of findings in a change request, gathered in a constant number of queries."""

from collections.abc import Collection
from datetime import datetime

from findings.models import ChangeRequest
from notifications.facts import FindingNotice

__all__ = ["FindingNotice", "gather_notices"]


def gather_notices(
    *, change_request: ChangeRequest, finding_ids: Collection[int], now: datetime
) -> dict[int, FindingNotice]:
    """Return what there is to say of these findings, by id; one without a place is left out."""
    raise NotImplementedError
