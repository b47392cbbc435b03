"""What the verdict's panel and the dialog before an analysis show."""

from collections.abc import Collection
from typing import Any

from findings.models import Finding
from llm.runner import is_offline_provider
from memories.selectors import referenced_memories
from triage.estimates import estimate
from triage.models import Analysis
from triage.reasons import analyzable, is_being_judged, why_not_judged
from triage.selectors import latest_feedback, latest_tag, latest_verdict

EVERYTHING = (Analysis.JUDGE, Analysis.REMEDY)


def verdict_context(finding: Finding) -> dict[str, Any]:
    """Return the verdict that counts and what belongs to it, or why there is none."""
    verdict = latest_verdict(finding.pk)
    if verdict is None:
        if is_being_judged(finding):
            return {"verdict": None, "is_being_judged": True}
        why = why_not_judged(finding, is_offline=is_offline_provider())
        return {"verdict": None, "why_not_judged": why}
    return {
        "verdict": verdict,
        "feedback": latest_feedback(verdict.pk),
        "tag": latest_tag(finding.file_id),
        "verdict_memories": referenced_memories(verdict.memory_ids),
    }


def analysis_context(finding_ids: Collection[int]) -> dict[str, Any]:
    """Return how many of these can be analyzed, what that takes, and what keeps the others."""
    possible = analyzable(finding_ids)
    return {
        "possible": possible,
        "estimate": estimate(finding_ids=possible.finding_ids, wanted=EVERYTHING),
    }
