"""What a message in Slack has to say at this moment, in a constant number of queries."""

from collections.abc import Collection, Mapping
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from findings.models import (
    UNDECIDED,
    Conclusion,
    Finding,
    Instance,
    Scan,
    Severity,
    Status,
)
from findings.titles import title_of_rule
from integrations.codehosts import CodeHost
from integrations.selectors import code_hosts_for
from notifications.facts import Decision, GuidanceFacts
from notifications.mail_notices import digest_facts
from notifications.models import Delivery, DeliveryKind
from notifications.remarks import decisions_of, fixes_of, guidances_of, shown_name, verdicts_of
from notifications.slack_facts import (
    AskedVerdict,
    Digest,
    DigestLine,
    FailedScan,
    OpinionTold,
    Origin,
    ScanNews,
    SlackFacts,
    ToldFinding,
)
from triage.models import Rating
from triage.selectors import latest_feedback

MOST_TOLD = 20
MOST_REFERENCES = 10


def facts_of(delivery: Delivery) -> SlackFacts | None:
    """Return what a message says now; None where there is nothing to say any more."""
    scan = _scan_of(delivery)
    match delivery.kind:
        case DeliveryKind.SCAN:
            return _news(delivery, scan) if scan else None
        case DeliveryKind.FAILED_SCAN:
            return _failure(scan) if scan else None
        case DeliveryKind.VERDICT:
            return _asked(delivery, scan)
        case DeliveryKind.DIGEST:
            return _digest(delivery, scan)
    return None


def _scan_of(delivery: Delivery) -> Scan | None:
    rows = Scan.objects.select_related("project", "ref", "organization")
    scan: Scan | None = rows.filter(id=delivery.scan_id).first()
    return scan


def _news(delivery: Delivery, scan: Scan) -> ScanNews | None:
    ids = [int(one) for one in delivery.facts.get("finding_ids", [])]
    # What was fixed or decided since, in quiet hours maybe, is no news.
    standing = set(
        Finding.objects.filter(id__in=ids, status__in=UNDECIDED).values_list("id", flat=True)
    )
    kept = [one for one in ids if one in standing]
    if not kept:
        return None
    more = max(0, int(delivery.facts.get("count", len(ids))) - len(ids))
    return ScanNews(
        origin=_origin(scan, _list_url(scan)),
        findings=_told(scan, kept[:MOST_TOLD]),
        count=len(kept) + more,
    )


def _failure(scan: Scan) -> FailedScan:
    problem = scan.problems.order_by("-id").first()
    said = f"{problem.get_kind_display()}. {problem.detail[-600:]}" if problem else ""
    path = reverse("console:scan", args=[scan.organization.slug, scan.pk])
    return FailedScan(
        origin=_origin(scan, f"{settings.PUBLIC_URL}{path}"),
        problem=said or scan.get_status_display(),
    )


def _asked(delivery: Delivery, scan: Scan | None) -> AskedVerdict | None:
    finding: Finding | None = Finding.objects.filter(id=delivery.finding_id).first()
    if finding is None or scan is None:
        return None
    verdict = verdicts_of([finding.pk]).get(finding.pk)
    told = _told(scan, [finding.pk])
    if verdict is None or not told:
        return None
    return AskedVerdict(
        origin=_origin(scan, _list_url(scan)),
        finding=told[0],
        value=f"{delivery.pk}:{finding.pk}:{verdict.verdict_id}",
        reason=verdict.reason,
        is_by_model=verdict.is_by_model,
        is_safe=verdict.conclusion == Conclusion.FALSE_POSITIVE,
        status=Status(finding.status),
        decision=_decision(finding),
        opinions=_opinions(verdict.verdict_id),
    )


def _decision(finding: Finding) -> Decision:
    if finding.status == Status.IGNORED and finding.triage_state != Status.IGNORED:
        return Decision(is_in_code=True)
    return decisions_of([finding.pk]).get(finding.pk, Decision())


def _opinions(verdict_id: int) -> list[OpinionTold]:
    return [
        OpinionTold(
            who=shown_name(actor=one.actor, label=one.actor_label) or "A member",
            agrees=one.rating == Rating.GOOD,
            note=one.note,
        )
        for one in latest_feedback(verdict_id)
    ]


def _digest(delivery: Delivery, scan: Scan | None) -> Digest | None:
    parts: QuerySet[Delivery] = delivery.parts.order_by("id")
    count = parts.count()
    if not count:
        return None
    if delivery.facts.get("of") == DeliveryKind.VERDICT:
        slug = delivery.organization.slug
        return _digest_of_verdicts(scan, parts, count) if scan else _of_a_night(slug, parts, count)
    return _digest_of_scans(DeliveryKind(delivery.facts.get("of", DeliveryKind.SCAN)), parts)


def _digest_of_verdicts(scan: Scan, parts: QuerySet[Delivery], count: int) -> Digest:
    findings = Finding.objects.filter(id__in=parts.values("finding_id"))
    shown = findings.order_by("-severity", "id").values_list("id", flat=True)[:MOST_TOLD]
    return Digest(
        headline=f"{count} findings in {scan.project.name} may be safe to ignore",
        lines=[
            DigestLine(title=one.title, detail=f"{one.path}:{one.line}", url=one.url)
            for one in _told(scan, list(shown))
        ],
        count=count,
        done_count=count - findings.filter(status__in=UNDECIDED).count(),
        url=_list_url(scan, recommendation=Conclusion.FALSE_POSITIVE.value),
    )


def _of_a_night(slug: str, parts: QuerySet[Delivery], count: int) -> Digest:
    """Return what gathered in quiet hours: verdicts on findings of several scans."""
    findings = Finding.objects.filter(id__in=parts.values("finding_id"))
    shown = findings.select_related("rule", "file", "project").order_by("-severity", "id")
    query = urlencode({"recommendation": Conclusion.FALSE_POSITIVE.value})
    return Digest(
        headline=f"{count} findings may be safe to ignore",
        lines=[
            DigestLine(
                title=title_of_rule(check_id=row.rule.check_id, metadata=row.rule.metadata),
                detail=f"{row.project.name}: {row.file.path}:{row.start_line}",
                url=f"{settings.PUBLIC_URL}{reverse('console:finding', args=[slug, row.pk])}",
            )
            for row in shown[:MOST_TOLD]
        ],
        count=count,
        done_count=count - findings.filter(status__in=UNDECIDED).count(),
        url=f"{settings.PUBLIC_URL}{reverse('console:findings', args=[slug])}?{query}",
    )


def _digest_of_scans(kind: DeliveryKind, parts: QuerySet[Delivery]) -> Digest | None:
    rows = parts.select_related("organization", "scan__project", "scan__ref")
    told = digest_facts(parts=list(rows), kind=kind)
    if told is None:
        return None
    return Digest(
        headline=told.heading,
        lines=[
            DigestLine(
                title=one.project,
                detail=one.branch if told.is_of_failures else f"{one.branch}: {one.count} new",
                url=one.url,
            )
            for one in told.lines[:MOST_TOLD]
        ],
        count=told.count,
        done_count=0,
        url=told.url,
    )


def _told(scan: Scan, finding_ids: Collection[int]) -> list[ToldFinding]:
    """Return what is said of findings, in their order, as they stand on the scan's branch."""
    rows = (
        Instance.objects.filter(finding_id__in=finding_ids, ref=scan.ref_id)
        .select_related("finding", "rule", "file")
        .order_by("id")
    )
    by_finding = {row.finding_id: row for row in rows}
    host = code_hosts_for([scan.project_id]).get(scan.project_id)
    advice = guidances_of(finding_ids)
    fixed = fixes_of(finding_ids).keys()
    return [
        _told_one(by_finding[one], scan, host, advice, has_fix=one in fixed)
        for one in finding_ids
        if one in by_finding
    ]


def _told_one(
    row: Instance,
    scan: Scan,
    host: CodeHost | None,
    advice: Mapping[int, GuidanceFacts],
    *,
    has_fix: bool,
) -> ToldFinding:
    path = reverse("console:finding", args=[scan.organization.slug, row.finding_id])
    place = row.file.path
    line_url = ""
    if host is not None and scan.commit:
        line_url = host.line_url(path=place, commit=scan.commit, line=row.start_line)
    guidance = advice.get(row.finding_id)
    return ToldFinding(
        title=title_of_rule(check_id=row.rule.check_id, metadata=row.rule.metadata),
        severity=Severity(row.finding.severity),
        message=row.finding.message,
        path=place,
        line=row.start_line,
        line_url=line_url,
        url=f"{settings.PUBLIC_URL}{path}",
        advice=guidance.summary if guidance else "",
        has_fix=has_fix,
        references=_references(row.rule.metadata),
    )


def _references(metadata: object) -> list[str]:
    given = metadata.get("references") if isinstance(metadata, dict) else None
    entries = given if isinstance(given, list) else [given]
    return [entry for entry in entries if isinstance(entry, str)][:MOST_REFERENCES]


def _origin(scan: Scan, url: str) -> Origin:
    return Origin(
        project=scan.project.name,
        branch=scan.ref.name,
        commit=scan.commit,
        change_request=scan.change_request,
        url=url,
    )


def _list_url(scan: Scan, **asked: str) -> str:
    query = urlencode({"repo": scan.project.name, "ref": scan.ref.name, **asked})
    path = reverse("console:findings", args=[scan.organization.slug])
    return f"{settings.PUBLIC_URL}{path}?{query}"
