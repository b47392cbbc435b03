"""Writing remedies: gather, ask once, store guidance and the fixes that are to be proven."""

from datetime import datetime


def write_remedy(*, finding_id: int, is_fresh: bool, now: datetime) -> None:
    """Write guidance for one finding and, for a true positive, fixes to be proven."""
    raise NotImplementedError


def give_up_remedy(*, finding_id: int, reason: str, now: datetime) -> None:
    """Keep what the rule says as guidance, and say why there is nothing better."""
    raise NotImplementedError
