"""Which rows a question leads to: findings once each, or once for each ref."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from django.db.models import F, Prefetch, QuerySet

from api.v1.assistant_shapes import Row
from api.v1.questions import Filters, FindingsQuery, TriageRequest
from core.errors import NotFoundError
from findings.models import (
    STATUS_EXPRESSION,
    Confidence,
    Finding,
    Instance,
    Scan,
    Severity,
    Status,
)
from findings.refs import normalize_ref
from insights.filters import SHOWN_STATUSES, FindingFilter
from insights.search import search
from integrations.codehosts import CodeHost, CodeUnavailableError
from integrations.selectors import code_hosts_for
from notifications.selectors import posted_comments_by_finding
from remediation.selectors import (
    fix_requests_by_finding,
    guidance_by_finding,
    shown_fixes_by_finding,
)
from triage.models import Verdict

NAMED_IDS = 5


def to_filter(asked: Filters) -> FindingFilter:
    """Return the filter in our words; a rule that says no confidence counts as low."""
    confidences = [Confidence[word.upper()].value for word in asked.confidence]
    if "low" in asked.confidence:
        confidences.append(Confidence.UNKNOWN.value)
    return FindingFilter(
        statuses=tuple(asked.status),
        severities=tuple(Severity[word.upper()].value for word in asked.severities),
        confidences=tuple(confidences),
        project_ids=tuple(asked.repository_ids),
        project_names=tuple(asked.repos),
        ref=asked.ref,
        verdicts=tuple(asked.autotriage_verdict),
        components=tuple(asked.component_tags),
        rules=tuple(asked.rules),
        since=None if asked.since is None else datetime.fromtimestamp(asked.since, UTC),
        products=(asked.issue_type,),
    )


def page_of_rows(query: FindingsQuery) -> list[Row]:
    """Return one page, the newest first."""
    start = query.page * query.page_size
    window = slice(start, start + query.page_size)
    wanted = to_filter(query)
    # Keys first: sorting whole rows, to keep one page of them, takes forty times as long.
    if query.dedup and not query.ref:
        finding_ids = list(search(wanted).values_list("id", flat=True)[window])
        rows = _whole_instances().filter(finding_id__in=finding_ids, finding__ref_id=F("ref_id"))
        order, found = finding_ids, {row.finding_id: row for row in rows}
    else:
        order = list(_instances_on_refs(wanted).values_list("id", flat=True)[window])
        found = {row.pk: row for row in _whole_instances().filter(id__in=order)}
    return _with_neighbors([found[key] for key in order if key in found])


def _instances_on_refs(wanted: FindingFilter) -> QuerySet[Instance]:
    """Return the rows of every ref; status and age are those on the ref, not the finding's own."""
    anywhere = replace(wanted, ref="", since=None, statuses=tuple(Status.values))
    rows = _instances().filter(
        finding__in=search(anywhere).order_by().values("id"),
        status__in=wanted.statuses or SHOWN_STATUSES,
    )
    if wanted.ref:
        rows = rows.filter(ref__name=normalize_ref(wanted.ref))
    if wanted.since:
        rows = rows.filter(relevant_since__gte=wanted.since)
    return rows.order_by("-relevant_since", "-id")


def _instances() -> QuerySet[Instance]:
    rows: QuerySet[Instance] = Instance.objects.all()
    return rows.annotate(triage_state=F("finding__triage_state"), status=STATUS_EXPRESSION)


def _whole_instances() -> QuerySet[Instance]:
    # Few rules, refs, projects and scans stand behind many rows: each is read once, not joined.
    commits = Prefetch("last_scan", queryset=Scan.objects.only("commit"))
    rows = _instances().select_related("finding", "file")
    return rows.prefetch_related("rule", "ref", "finding__project", commits)


def _with_neighbors(instances: Sequence[Instance]) -> list[Row]:
    ids = {row.finding_id for row in instances}
    verdicts, guidances = _newest_verdicts(ids), guidance_by_finding(ids)
    fixes = shown_fixes_by_finding(ids)
    requests, comments = fix_requests_by_finding(ids), posted_comments_by_finding(ids)
    hosts = code_hosts_for({row.finding.project_id for row in instances})
    return [
        Row(
            instance=row,
            status=Status(row.status),  # type: ignore[attr-defined]  # annotated by _instances()
            verdict=verdicts.get(row.finding_id),
            guidance=guidances.get(row.finding_id),
            fix=fixes.get(row.finding_id),
            line_url=_line_url(hosts.get(row.finding.project_id), row),
            fix_requests=requests.get(row.finding_id, ()),
            comments=comments.get(row.finding_id, ()),
        )
        for row in instances
    ]


def _newest_verdicts(finding_ids: Collection[int]) -> dict[int, Verdict]:
    rows = (
        Verdict.objects.filter(finding_id__in=finding_ids)
        .exclude(finding__verdict="")  # its code has changed since
        .order_by("finding_id", "-id")
        .distinct("finding_id")
    )
    return {verdict.finding_id: verdict for verdict in rows}


def _line_url(host: CodeHost | None, row: Instance) -> str:
    commit = row.last_scan.commit if row.last_scan else ""
    if host is None or not commit:
        return ""
    try:
        return host.line_url(path=row.file.path, commit=commit, line=row.start_line)
    except CodeUnavailableError:
        return ""


def choose_findings(request: TriageRequest) -> list[int]:
    """Return the ids of the findings that a triage request is about, the newest first.

    Raises NotFoundError when one of its `issue_ids` is none of the organization's findings.
    """
    findings: QuerySet[Finding] = search(to_filter(request))
    if request.issue_ids is not None:
        _check_ids(request.issue_ids)
        findings = findings.filter(id__in=request.issue_ids)
    return list(findings.values_list("id", flat=True)[: request.limit])


def _check_ids(wanted: Sequence[int]) -> None:
    known = Finding.objects.filter(id__in=wanted).exclude(status=Status.REMOVED)
    missing = sorted(set(wanted) - set(known.values_list("id", flat=True)))
    if missing:
        named = ", ".join(str(number) for number in missing[:NAMED_IDS])
        raise NotFoundError(
            f"issue_ids: {len(missing)} of these are not here ({named}); nothing was triaged.",
            field="issue_ids",
        )
