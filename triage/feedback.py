"""What people think of a verdict."""

from datetime import datetime

from tenants.audit import Actor
from triage.models import Feedback


def agree_and_ignore(*, finding_id: int, actor: Actor, now: datetime) -> Feedback:
    """Record that `actor` agrees, and ignore the finding as a false positive."""
    raise NotImplementedError


def disagree(*, finding_id: int, note: str, actor: Actor, now: datetime) -> Feedback:
    """Record that `actor` disagrees, with a note if there is one; the status stays."""
    raise NotImplementedError
