"""Does this scan block? Decided for each finding, when the scan is complete."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import F

from findings.models import (
    STATUS_EXPRESSION,
    UNDECIDED,
    Instance,
    Scan,
    TriageState,
    UploadStatus,
)
from findings.reported import reported_ids, reports_of
from rules.models import Mode

IGNORED_STATES = (TriageState.IGNORED, TriageState.PROVISIONALLY_IGNORED)
NAMED_RULES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether a scan blocks, and by which findings; `reason` is blank when it does not."""

    match_based_ids: Sequence[str] = ()
    reason: str = ""

    @property
    def is_blocking(self) -> bool:
        """Say whether the scanner is to fail its job."""
        return bool(self.reason)


def blocking_rules(scan: Scan) -> list[str]:
    """Return the paths of the rules that were served for this scan in block mode."""
    return [path for path, mode in scan.served_modes.items() if mode == Mode.BLOCK]


def decide(scan: Scan) -> Decision:
    """Block on findings of this scan whose rule was served in block mode and that are not closed.

    The status is the one on the scan's own ref: what is fixed on the primary branch may be new
    in a change request. A verdict never unblocks; a person's triage does. Results that we cannot
    read, or that never came, block too: nobody knows what they hold.
    """
    rules = blocking_rules(scan)
    if not rules:
        return Decision()
    if trouble := _why_unread(scan):
        rule_count = "1 rule is" if len(rules) == 1 else f"{len(rules)} rules are"
        return Decision(reason=f"{rule_count} in block mode, and {trouble}")
    if _is_overtaken(scan):
        return _decide_by_report(scan, rules)
    open_here = (
        Instance.objects.filter(ref_id=scan.ref_id, rule__check_id__in=rules)
        .annotate(triage_state=F("finding__triage_state"), status=STATUS_EXPRESSION)
        .filter(status__in=UNDECIDED)
        .values_list("match_based_id", "rule__check_id")
    )
    candidates = dict(open_here)
    if not candidates:
        return Decision()
    # A match that an earlier scan of this change request left behind does not block this one.
    reported = candidates.keys() & reported_ids(scan)
    if not reported:
        return Decision()
    return Decision(
        match_based_ids=sorted(reported),
        reason=_explain(Counter(candidates[match_id] for match_id in reported)),
    )


def _is_overtaken(scan: Scan) -> bool:
    """Say whether a newer scan of the ref was ingested: of this one nothing may be stored."""
    newer = Scan.objects.filter(
        ref_id=scan.ref_id, started_at__gte=scan.started_at, ingested_at__isnull=False
    )
    return newer.exclude(pk=scan.pk).exists()


def _decide_by_report(scan: Scan, rules: Collection[str]) -> Decision:
    """Block on what the scan itself reports, unless a person ignored the match on this ref."""
    reported = {
        finding.match_based_id: finding.rule.check_id
        for report in reports_of(scan)
        for finding in report.findings
        if finding.rule.check_id in rules and not finding.is_muted
    }
    ignored = set(
        Instance.objects.filter(
            ref_id=scan.ref_id,
            match_based_id__in=list(reported),
            finding__triage_state__in=IGNORED_STATES,
        ).values_list("match_based_id", flat=True)
    )
    open_ids = sorted(reported.keys() - ignored)
    if not open_ids:
        return Decision()
    return Decision(
        match_based_ids=open_ids, reason=_explain(Counter(reported[one] for one in open_ids))
    )


def _why_unread(scan: Scan) -> str:
    """Say why nothing of the scan's results was read; blank where something was."""
    errors = dict(scan.uploads.order_by("id").values_list("status", "error"))
    if UploadStatus.INGESTED in errors:
        return ""
    if not errors:
        return "no results came. Scan again; the Scans page shows what went wrong."
    return f"the results could not be read: {errors[UploadStatus.REFUSED]} Scan again."


def _explain(counts: Counter[str]) -> str:
    total = counts.total()
    named = [f"{rule} ({count})" for rule, count in counts.most_common(NAMED_RULES)]
    more = len(counts) - len(named)
    if more > 0:
        named.append(f"{more} more rules")
    noun = "finding" if total == 1 else "findings"
    return f"{total} open {noun} of rules in block mode: {', '.join(named)}. Fix or triage them."
