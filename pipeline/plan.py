"""Which findings of a scan are analyzed, and in what order.

Offline, judging costs nothing, and every open finding is judged. With a model: of a full scan,
findings of high or critical severity whose rule is sure of itself; of a diff scan also the first
ten new ones of any kind. Verdicts that could make somebody ignore a finding are looked at again
at each full scan: where the code is as it was, the earlier verdict is kept without a call.
"""

from django.db.models import Q, QuerySet

from findings.models import (
    Conclusion,
    Confidence,
    Finding,
    Product,
    Scan,
    ScanKind,
    Severity,
    State,
    Status,
)

UNDECIDED = (Status.OPEN, Status.REVIEWING, Status.FIXING)
FIRST_OF_A_CHANGE_REQUEST = 10
CHANGE_REQUEST_PRIORITY = 10
SURE_AND_SEVERE = Q(severity__gte=Severity.HIGH, confidence__gte=Confidence.MEDIUM)


def findings_to_judge(*, scan: Scan, is_offline: bool) -> list[int]:
    """Return the ids of the scan's findings to judge, the most severe first."""
    found = _open_findings(scan)
    if is_offline:
        return _ids(found)
    chosen = _ids(found.filter(SURE_AND_SEVERE))
    if scan.kind == ScanKind.DIFF:
        first = _ids(found)[:FIRST_OF_A_CHANGE_REQUEST]
        chosen += [finding_id for finding_id in first if finding_id not in set(chosen)]
    return chosen


def priority_of(scan: Scan) -> int:
    """Return how urgent a scan's findings are: change requests before the backlog."""
    return CHANGE_REQUEST_PRIORITY if scan.kind == ScanKind.DIFF else 0


def why_not_judged(finding: Finding, *, is_offline: bool) -> str:
    """Say why an open finding has no verdict and will get none; blank where one is to come."""
    if finding.product != Product.SAST:
        return "Only findings in code are analyzed."
    if finding.status not in UNDECIDED:
        return "It was decided before it was analyzed."
    if is_offline or (
        finding.severity >= Severity.HIGH and finding.confidence >= Confidence.MEDIUM
    ):
        return ""
    return (
        "Full scans are analyzed where severity is high or critical and the rule's confidence is"
        " medium or high; this finding is below that."
    )


def _open_findings(scan: Scan) -> QuerySet[Finding]:
    unjudged = Q(verdict="")
    if scan.kind == ScanKind.FULL:
        unjudged |= Q(verdict__in=[Conclusion.FALSE_POSITIVE, Conclusion.NEEDS_REVIEW])
    return Finding.objects.filter(
        unjudged,
        product=Product.SAST,
        status__in=UNDECIDED,
        instances__ref=scan.ref_id,
        instances__state=State.UNRESOLVED,
    )


def _ids(findings: QuerySet[Finding]) -> list[int]:
    ordered = findings.order_by("-severity", "-confidence", "id")
    return list(ordered.values_list("id", flat=True))
