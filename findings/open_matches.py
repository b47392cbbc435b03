"""Which matches a scan reports that are open: the one rule of what may block it.

The gate asks for them when a scan is complete, and the ingest keeps how many there were of each
rule, so that a change of a policy can be tried on scans of the past.
"""

from collections.abc import Collection, Iterable

from django.db.models import F, QuerySet

from findings.models import (
    STATUS_EXPRESSION,
    UNDECIDED,
    Instance,
    Scan,
    TriageState,
)
from findings.reports.values import ReportedFinding

IGNORED_STATES = (TriageState.IGNORED, TriageState.PROVISIONALLY_IGNORED)


def open_matches(
    *, scan: Scan, reported: Iterable[ReportedFinding], rules: Collection[str] | None = None
) -> dict[str, str]:
    """Return the match based id of each reported match that is open, and the path of its rule.

    The status is the one on the scan's own ref: what is fixed on the primary branch may be new in
    a change request. A verdict closes nothing; a person's triage does. `rules`: of these alone.
    `reported` is read only where something can be open.
    """
    if _is_overtaken(scan):
        return _open_by_report(scan, reported, rules)
    open_here = Instance.objects.filter(ref_id=scan.ref_id)
    candidates = dict(
        _of_rules(open_here, rules)
        .annotate(triage_state=F("finding__triage_state"), status=STATUS_EXPRESSION)
        .filter(status__in=UNDECIDED)
        .values_list("match_based_id", "rule__check_id")
    )
    if not candidates:
        return {}
    # A match that an earlier scan of this change request left behind is not one of this scan.
    found = {finding.match_based_id for finding in reported}
    return {match_id: rule for match_id, rule in candidates.items() if match_id in found}


def _is_overtaken(scan: Scan) -> bool:
    """Say whether a newer scan of the ref was ingested: of this one nothing may be stored."""
    newer = Scan.objects.filter(
        ref_id=scan.ref_id, started_at__gte=scan.started_at, ingested_at__isnull=False
    )
    return newer.exclude(pk=scan.pk).exists()


def _open_by_report(
    scan: Scan, reported: Iterable[ReportedFinding], rules: Collection[str] | None
) -> dict[str, str]:
    """Return what the scan itself reports, unless a person ignored the match on this ref."""
    found = {
        finding.match_based_id: finding.rule.check_id
        for finding in reported
        if not finding.is_muted and (rules is None or finding.rule.check_id in rules)
    }
    ignored = set(
        Instance.objects.filter(
            ref_id=scan.ref_id,
            match_based_id__in=list(found),
            finding__triage_state__in=IGNORED_STATES,
        ).values_list("match_based_id", flat=True)
    )
    return {match_id: rule for match_id, rule in found.items() if match_id not in ignored}


def _of_rules(instances: QuerySet[Instance], rules: Collection[str] | None) -> QuerySet[Instance]:
    return instances if rules is None else instances.filter(rule__check_id__in=rules)
