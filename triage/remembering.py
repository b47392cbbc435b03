"""Keeping the note of an ignored finding as a memory for its rule in its project."""

from collections.abc import Sequence
from datetime import datetime

from core.errors import InvalidInputError
from findings.models import Finding
from memories.models import Memory
from memories.services import remember_from_note
from tenants.audit import Actor

MOST_RULES = 20


def remember_note(
    *, finding_ids: Sequence[int], note: str, actor: Actor, is_admin: bool, now: datetime
) -> list[Memory]:
    """Keep a note once for each rule and project among the findings; return the memories.

    Raises InvalidInputError where that would be more than MOST_RULES.
    """
    findings = Finding.objects.filter(pk__in=finding_ids).select_related("project", "rule")
    occasions: dict[tuple[int, str], Finding] = {}
    for finding in findings.order_by("pk"):
        occasions.setdefault((finding.project_id, finding.rule.check_id), finding)
    if len(occasions) > MOST_RULES:
        raise InvalidInputError(
            f"remember: these findings are of {len(occasions)} rules; a note can be remembered for"
            f" at most {MOST_RULES} at once. Select fewer, or write a memory on the Memories page.",
            field="remember",
        )
    return [
        remember_from_note(finding=finding, text=note, actor=actor, is_admin=is_admin, now=now)
        for finding in occasions.values()
    ]
