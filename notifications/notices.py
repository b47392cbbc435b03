"""What there is to say of findings in a change request, in a constant number of queries."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from findings.change_requests import scans_of
from findings.models import ChangeRequest, Finding, Instance, Ref, Scan, Severity, Status
from findings.titles import title_of_rule
from llm.configuration import assistant_settings
from notifications.facts import Decision, FindingNotice, FixFacts, GuidanceFacts, Step, VerdictFacts
from notifications.planning import deciding_scan
from notifications.remarks import (
    decisions_of,
    fixes_of,
    guidances_of,
    ids_under_analysis,
    verdicts_of,
)
from notifications.standing import standing
from rules.models import Mode

__all__ = ["FindingNotice", "gather_notices"]

MOST_REFERENCES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """All that was read of some findings, by id."""

    change_request: ChangeRequest
    decider: Scan | None
    decisions: Mapping[int, Decision]
    verdicts: Mapping[int, VerdictFacts]
    guidances: Mapping[int, GuidanceFacts]
    fixes: Mapping[int, FixFacts]
    under_analysis: Collection[int]
    tells_verdicts: bool


def gather_notices(
    *, change_request: ChangeRequest, finding_ids: Collection[int]
) -> dict[int, FindingNotice]:
    """Return what there is to say of these findings, by id; one without a place is left out."""
    decider = deciding_scan(change_request)
    instances = _instances(change_request, finding_ids, decider)
    if not instances:
        return {}
    ids = list(instances)
    found = _Found(
        change_request=change_request,
        decider=decider,
        decisions=decisions_of(ids),
        verdicts=verdicts_of(ids),
        guidances=guidances_of(ids),
        fixes=fixes_of(ids),
        under_analysis=ids_under_analysis(ids),
        tells_verdicts=assistant_settings().judges_in_comments,
    )
    return {finding_id: _notice(row, found) for finding_id, row in instances.items()}


def _instances(
    change_request: ChangeRequest, finding_ids: Collection[int], decider: Scan | None
) -> dict[int, Instance]:
    """Return each finding's appearance in the change request: on its newest ref, if on several."""
    refs = Ref.objects.filter(id__in=scans_of(change_request).order_by().values("ref_id"))
    rows = (
        Instance.objects.filter(finding_id__in=finding_ids, ref__in=refs)
        .select_related("finding__project", "rule", "file", "ref", "last_scan")
        .order_by("finding_id", "last_scan__started_at", "id")
    )
    newest_ref = decider.ref_id if decider else 0
    chosen: dict[int, Instance] = {}
    for row in rows:
        old = chosen.get(row.finding_id)
        if old is None or old.ref_id != newest_ref or row.ref_id == newest_ref:
            chosen[row.finding_id] = row
    return chosen


def _notice(row: Instance, found: _Found) -> FindingNotice:
    finding, rule, scan = row.finding, row.rule, row.last_scan
    status = standing(row, decider=found.decider)
    return FindingNotice(
        finding_id=finding.pk,
        check_id=rule.check_id,
        title=title_of_rule(check_id=rule.check_id, metadata=rule.metadata),
        message=finding.message,
        references=_references(rule.metadata),
        severity=Severity(finding.severity),
        mode=_mode(row, found.decider),
        path=row.file.path,
        commit=scan.commit if scan else "",
        start_line=row.start_line,
        end_line=row.end_line,
        status=status,
        decision=_decision(row, status, found),
        is_being_analyzed=finding.pk in found.under_analysis,
        component=row.file.component,
        trace=tuple(
            Step(role=str(step["role"]), path=str(step["path"]), line=int(step["line"]))
            for step in row.trace or []
        ),
        verdict=found.verdicts.get(finding.pk),
        tells_verdict=found.tells_verdicts,
        guidance=found.guidances.get(finding.pk),
        fix=found.fixes.get(finding.pk),
        url=_finding_url(found.change_request, finding),
        list_url=_list_url(found.change_request, row),
        found_at=row.relevant_since,
    )


def _mode(row: Instance, decider: Scan | None) -> Mode:
    """Return the rule's mode in the newest scan that knows the rule."""
    for scan in (decider, row.last_scan):
        mode = scan.served_modes.get(row.rule.check_id) if scan else None
        if mode in Mode.values:
            return Mode(mode)
    return Mode.MONITOR


def _decision(row: Instance, status: Status, found: _Found) -> Decision:
    """Return who closed a finding; who only moved it about is told on its page."""
    if status != Status.IGNORED:
        return Decision()
    if row.finding.triage_state != Status.IGNORED:
        return Decision(is_in_code=True)
    return found.decisions.get(row.finding_id, Decision())


def _references(metadata: object) -> tuple[str, ...]:
    given = metadata.get("references") if isinstance(metadata, dict) else None
    entries = given if isinstance(given, list) else [given]
    return tuple(entry for entry in entries if isinstance(entry, str))[:MOST_REFERENCES]


def _finding_url(change_request: ChangeRequest, finding: Finding) -> str:
    slug = change_request.organization.slug
    return f"{settings.PUBLIC_URL}{reverse('console:finding', args=[slug, finding.pk])}"


def _list_url(change_request: ChangeRequest, row: Instance) -> str:
    asked = {
        "repo": row.finding.project.name,
        "ref": row.ref.name,
        "rule": row.rule.check_id,
    }
    path = reverse("console:findings", args=[change_request.organization.slug])
    return f"{settings.PUBLIC_URL}{path}?{urlencode(asked)}"
