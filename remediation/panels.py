"""What the remedy's panel shows: guidance, the proven fix, refusals, or why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from findings.models import Conclusion, Finding
from integrations.models import ConnectionKind, RepositoryLink
from llm.configuration import assistant_settings
from llm.runner import is_offline_provider
from memories.selectors import referenced_memories
from remediation.change_requests import IN_FLIGHT, why_no_request
from remediation.models import (
    FixAttempt,
    FixFeedback,
    FixRequestState,
    FixStatus,
    Guidance,
    GuidanceFeedback,
)
from remediation.progress import failure_of, step_of
from remediation.reasons import Reason
from remediation.selectors import (
    fix_attempts_of,
    fix_requests_by_finding,
    latest_guidance,
    least_confidence,
    shown_fix,
)
from triage.estimates import estimate_for
from triage.models import Analysis
from triage.reasons import why_not_judged
from triage.selectors import newest_of_each

MOST_REFUSED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A refused attempt as it may be told: why, by which check and when; never its code."""

    sentence: str
    failed_check: str
    attempt: FixAttempt


def remedy_context(finding: Finding) -> dict[str, Any]:
    """Return what the panel shows of a finding."""
    guidance, fix = latest_guidance(finding.pk), shown_fix(finding.pk)
    attempts = list(fix_attempts_of(finding.pk))
    is_offline = is_offline_provider()
    return {
        "guidance": guidance,
        "fix": fix,
        "step": step_of(finding),
        "failure": failure_of(finding),
        "is_offline": is_offline,
        "refusals": _refusals(attempts),
        "why_no_guidance": "" if guidance else why_no_guidance(finding, is_offline=is_offline),
        "why_no_fix": "" if fix else why_no_fix(finding, attempts, is_offline=is_offline),
        "estimate": estimate_for(count=1, wanted=[Analysis.REMEDY]),
        **_opinions(guidance, fix),
        **fix_request_context(finding, fix),
        "guidance_memories": referenced_memories(guidance.memory_ids) if guidance else [],
        "fix_memories": referenced_memories(fix.memory_ids) if fix else [],
    }


def fix_request_context(finding: Finding, fix: FixAttempt | None) -> dict[str, Any]:
    """Return how far the newest change request with a fix is, and whether one can be asked for."""
    requests = fix_requests_by_finding([finding.pk]).get(finding.pk, [])
    newest = requests[0] if requests else None
    is_alive = newest is not None and newest.state in IN_FLIGHT
    can_be_asked = fix is not None and not is_alive
    why_not = why_no_request(finding) if can_be_asked else ""
    return {
        "fix_request": newest,
        "is_being_opened": newest is not None and newest.state == FixRequestState.REQUESTED,
        "has_failed": newest is not None and newest.state == FixRequestState.FAILED,
        "is_earlier_fix": newest is not None and (fix is None or newest.fix_id != fix.pk),
        "can_ask": can_be_asked and not why_not,
        "why_no_request": why_not,
        "change_request_noun": _noun_of(finding),
    }


def _noun_of(finding: Finding) -> str:
    """Return what the project's code host calls a change request."""
    is_gitlab = RepositoryLink.objects.filter(
        project_id=finding.project_id, connection__kind=ConnectionKind.GITLAB
    ).exists()
    return "merge request" if is_gitlab else "pull request"


def why_no_guidance(finding: Finding, *, is_offline: bool) -> str:
    """Say why a finding has no guidance."""
    if finding.verdict == Conclusion.FALSE_POSITIVE:
        return "The verdict is that there is nothing to fix."
    if finding.verdict:
        return "Nobody has asked for guidance on this finding yet."
    why = why_not_judged(finding, is_offline=is_offline)
    return why or "Guidance follows once the finding has been judged."


def why_no_fix(finding: Finding, attempts: Sequence[FixAttempt], *, is_offline: bool) -> str:
    """Say why a finding has no fix to show."""
    if finding.verdict != Conclusion.TRUE_POSITIVE:
        return "Fixes are written for true positives alone."
    if any(attempt.status == FixStatus.PROPOSED for attempt in attempts):
        return "A fix was proposed and waits for its proof."
    least = least_confidence()
    if any(one.status == FixStatus.PROVEN and one.confidence < least for one in attempts):
        return (
            "A fix was proven, but its confidence is below what your organization asks for"
            f" ({least.label.lower()})."
        )
    if any(attempt.status == FixStatus.REFUSED for attempt in attempts):
        return "No fix could be proven, so none is shown."
    return _why_none_was_tried(is_offline=is_offline)


def _why_none_was_tried(*, is_offline: bool) -> str:
    if not assistant_settings().fixes:
        return "Fixes are switched off in the assistant's settings."
    if is_offline:
        return "No model is configured, and the rule brings no fix of its own."
    return "No fix was proposed."


def _refusals(attempts: Sequence[FixAttempt]) -> list[Refusal]:
    refused = [attempt for attempt in attempts if attempt.status == FixStatus.REFUSED]
    return [
        Refusal(
            sentence=_sentence(attempt),
            failed_check=next(
                (str(check["name"]) for check in attempt.checks if check["ok"] is False), ""
            ),
            attempt=attempt,
        )
        for attempt in refused[:MOST_REFUSED]
    ]


def _sentence(attempt: FixAttempt) -> str:
    known = attempt.reason in set(Reason)
    return Reason(attempt.reason).sentence if known else attempt.detail


def _opinions(guidance: Guidance | None, fix: FixAttempt | None) -> dict[str, Any]:
    of_guidance = GuidanceFeedback.objects.filter(guidance=guidance).select_related("actor")
    of_fix = FixFeedback.objects.filter(fix=fix).select_related("actor")
    return {
        "guidance_opinions": newest_of_each(of_guidance.order_by("-id")) if guidance else [],
        "fix_opinions": newest_of_each(of_fix.order_by("-id")) if fix else [],
    }
