"""Judging a finding: gather, ask, check the evidence, store."""

from datetime import datetime

from triage.models import Verdict


def judge(*, finding_id: int, now: datetime) -> Verdict:
    """Judge one finding and store the verdict; doubt of any kind ends in needs_review."""
    raise NotImplementedError


def give_up(*, finding_id: int, reason: str, now: datetime) -> Verdict:
    """Record needs_review for a finding whose judgment could not be had."""
    raise NotImplementedError
