"""Which findings of a scan are analyzed, and in what order.

Offline, judging costs nothing, and every open finding is judged. With a model: of a full scan,
findings of high or critical severity whose rule is sure of itself; of a diff scan also the first
ten new ones of any kind. Verdicts that could make somebody ignore a finding are looked at again
at each full scan: where the code is as it was, the earlier verdict is kept without a call.
"""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet

from findings.models import (
    UNDECIDED,
    Conclusion,
    Finding,
    Product,
    Scan,
    ScanKind,
    State,
)
from llm.configuration import assistant_settings
from notifications.planning import TELLING_MODES
from pipeline.models import Stage, StageRun
from remediation.models import Guidance
from remediation.selectors import OF_TODAYS_CODE
from triage.triggers import SURE_AND_SEVERE

FIRST_OF_A_CHANGE_REQUEST = 10
CHANGE_REQUEST_PRIORITY = 10
ASKED_PRIORITY = 20


def findings_to_judge(*, scan: Scan, is_offline: bool) -> list[int]:
    """Return the ids of the scan's findings to judge, the most severe first."""
    found = _open_findings(scan)
    allowed = assistant_settings()
    if not allowed.judges:
        return []
    if is_offline:
        return _ids(found)
    chosen = _ids(found.filter(SURE_AND_SEVERE))
    if scan.kind == ScanKind.DIFF:
        first = _ids(found)[:FIRST_OF_A_CHANGE_REQUEST]
        chosen += [finding_id for finding_id in first if finding_id not in set(chosen)]
    return chosen[: allowed.findings_per_scan]


def findings_to_guide(*, scan: Scan, but_not: Collection[int]) -> list[int]:
    """Return the ids of findings that need guidance without being judged first.

    Of a diff scan those that will be commented on; of a full scan true positives that have none:
    they were judged before there was guidance, or a model's trouble outlasted every try.
    `but_not`: those that are judged, which leads on to their guidance; the cap is one for both.
    """
    if scan.kind == ScanKind.DIFF:
        wanted = _open_findings(scan).filter(rule__check_id__in=_told_rules(scan))
    else:
        guided = Guidance.objects.filter(OF_TODAYS_CODE, finding=OuterRef("id"))
        real = _undecided_findings(scan).filter(verdict=Conclusion.TRUE_POSITIVE)
        wanted = real.filter(~Exists(guided))
    room = max(0, assistant_settings().findings_per_scan - len(but_not))
    return [finding_id for finding_id in _ids(wanted) if finding_id not in but_not][:room]


def is_commented(finding: Finding, scan: Scan | None) -> bool:
    """Say whether a scan's finding is to be told in its change request."""
    if scan is None or scan.kind != ScanKind.DIFF:
        return False
    return finding.rule.check_id in _told_rules(scan)


def stages_after_verdict(finding: Finding, run: StageRun) -> list[Stage]:
    """Return what follows a verdict: guidance for what is real, commented on or asked for."""
    if not run.follow_up or finding.verdict == Conclusion.FALSE_POSITIVE:
        return []
    is_wanted = run.scan_id is None or is_commented(finding, run.scan)
    if finding.verdict == Conclusion.TRUE_POSITIVE or is_wanted:
        return [Stage.REMEDY]
    return []


def _told_rules(scan: Scan) -> list[str]:
    return [path for path, mode in scan.served_modes.items() if mode in TELLING_MODES]


def priority_of(scan: Scan) -> int:
    """Return how urgent a scan's findings are: change requests before the backlog."""
    return CHANGE_REQUEST_PRIORITY if scan.kind == ScanKind.DIFF else 0


def _open_findings(scan: Scan) -> QuerySet[Finding]:
    unjudged = Q(verdict="")
    if scan.kind == ScanKind.FULL:
        unjudged |= Q(verdict__in=[Conclusion.FALSE_POSITIVE, Conclusion.NEEDS_REVIEW])
    return _undecided_findings(scan).filter(unjudged)


def _undecided_findings(scan: Scan) -> QuerySet[Finding]:
    return Finding.objects.filter(
        product=Product.SAST,
        status__in=UNDECIDED,
        instances__ref=scan.ref_id,
        instances__state=State.UNRESOLVED,
    )


def _ids(findings: QuerySet[Finding]) -> list[int]:
    ordered = findings.order_by("-severity", "-confidence", "id")
    return list(ordered.values_list("id", flat=True))
