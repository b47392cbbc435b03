"""What was decided, judged, advised and mended of findings, in one query or two each."""

import re
from collections.abc import Collection
from typing import Any

from findings.models import Activity, ActivityKind, Conclusion, Finding, TriageReason, TriageState
from llm.models import ModelCall
from llm.providers.offline import OfflineProvider
from notifications.facts import CheckFacts, Decision, FixFacts, GuidanceFacts, VerdictFacts
from remediation.models import FixAttempt, RemedyOrigin
from remediation.selectors import guidance_by_finding, shown_fixes_by_finding
from remediation.suggestions import kept_suggestion
from tenants.models import User
from triage.models import AnalysisRequest, AnalysisStatus, Origin, Verdict

SOMEBODY = "a member of the organization"
_MAIL = re.compile(r"\S+@\S+\.\S+")
_UNDER_WAY = ("waiting", "running")


def decisions_of(finding_ids: Collection[int]) -> dict[int, Decision]:
    """Return who last ignored each finding that is ignored; names, and never an address."""
    newest = (
        Activity.objects.filter(
            finding_id__in=finding_ids,
            kind=ActivityKind.TRIAGE,
            finding__triage_state=TriageState.IGNORED,
        )
        .select_related("actor")
        .order_by("finding_id", "-at", "-id")
        .distinct("finding_id")
    )
    return {activity.finding_id: _decision(activity) for activity in newest}


def verdicts_of(finding_ids: Collection[int]) -> dict[int, VerdictFacts]:
    """Return the verdict that counts of each finding that has one."""
    newest = (
        Verdict.objects.filter(finding_id__in=finding_ids)
        .exclude(finding__verdict="")
        .select_related("model_call")
        .order_by("finding_id", "-id")
        .distinct("finding_id")
    )
    return {verdict.finding_id: _verdict(verdict) for verdict in newest}


def guidances_of(finding_ids: Collection[int]) -> dict[int, GuidanceFacts]:
    """Return the guidance that counts of each finding that has one."""
    return {
        finding_id: GuidanceFacts(
            summary=guidance.summary,
            instructions=guidance.instructions,
            is_by_model=guidance.origin != RemedyOrigin.RULE,
            memory_ids=tuple(guidance.memory_ids),
        )
        for finding_id, guidance in guidance_by_finding(finding_ids).items()
    }


def fixes_of(finding_ids: Collection[int]) -> dict[int, FixFacts]:
    """Return the proven fix that may be shown of each finding that has one."""
    return {
        finding_id: _fix(fix) for finding_id, fix in shown_fixes_by_finding(finding_ids).items()
    }


def shown_name(*, actor: User | None, label: str) -> str:
    """Return what others may call who acted; blank where she is known by an address alone."""
    name = actor.name if actor else label
    # Who has given no name is known by her address, which strangers are not to read.
    return "" if not name.strip() or _MAIL.search(name) else name


def ids_under_analysis(finding_ids: Collection[int]) -> set[int]:
    """Return the findings of which a verdict, guidance or proof is still to come."""
    # The rows are the pipeline's: what it still has to do for a finding.
    staged = Finding.objects.filter(pk__in=finding_ids, stages__status__in=_UNDER_WAY)
    asked = AnalysisRequest.objects.filter(
        status=AnalysisStatus.WAITING, finding_ids__overlap=list(finding_ids)
    )
    wanted = {one for ids in asked.values_list("finding_ids", flat=True) for one in ids}
    return set(staged.values_list("pk", flat=True)) | (wanted & set(finding_ids))


def _decision(activity: Activity) -> Decision:
    reason = activity.triage_reason
    return Decision(
        who=shown_name(actor=activity.actor, label=activity.actor_label) or SOMEBODY,
        reason=TriageReason(reason) if reason in TriageReason.values else None,
        note=activity.note,
    )


def _verdict(verdict: Verdict) -> VerdictFacts:
    kept: list[dict[str, Any]] = [one for one in verdict.quotes if one.get("is_supported")]
    return VerdictFacts(
        verdict_id=verdict.pk,
        conclusion=Conclusion(verdict.conclusion),
        reason=verdict.reason,
        quotes=tuple(str(quote.get("text", "")) for quote in kept),
        is_by_model=verdict.origin == Origin.MODEL
        or (verdict.origin == Origin.REUSED and _is_of_model(verdict.model_call)),
        memory_ids=tuple(verdict.memory_ids),
    )


def _is_of_model(call: ModelCall | None) -> bool:
    return call is not None and call.provider != OfflineProvider.name


def _fix(fix: FixAttempt) -> FixFacts:
    return FixFacts(
        path=fix.path,
        commit=fix.commit,
        start_line=fix.start_line,
        end_line=fix.end_line,
        replacement=kept_suggestion(fix),
        edits=tuple((str(one["search"]), str(one["replace"])) for one in fix.edits),
        checks=tuple(CheckFacts(name=str(one["name"]), is_met=one["ok"]) for one in fix.checks),
        confidence=fix.get_confidence_display(),
        is_by_model=fix.origin != RemedyOrigin.RULE,
        memory_ids=tuple(fix.memory_ids),
    )
