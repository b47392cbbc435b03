"""Proving the fixes that wait for it, many at once, and keeping what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvingOutcome:
    """What came of it; `retry_finding_ids`: findings whose model may be asked once more."""

    proven_finding_ids: tuple[int, ...] = ()
    retry_finding_ids: tuple[int, ...] = ()


def prove_proposed(*, finding_ids: Sequence[int], now: datetime) -> ProvingOutcome:
    """Prove every proposed fix of these findings, and keep the best proven one of each."""
    raise NotImplementedError


def retry_fix(*, finding_id: int, now: datetime) -> bool:
    """Ask the model once more, with the exact failures; say whether there is something to prove."""
    raise NotImplementedError
