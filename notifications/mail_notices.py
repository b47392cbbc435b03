"""What there is to say in a mail, read from rows at the moment it is sent."""

from collections.abc import Collection, Sequence
from datetime import date
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Count, Max, QuerySet, Sum
from django.urls import reverse

from findings.models import (
    UNDECIDED,
    Finding,
    FindingCount,
    Scan,
    ScanProblem,
    ScanStatus,
    Severity,
    Status,
)
from findings.titles import title_of_rule
from insights.choosing import chosen_tasks
from insights.tasks import TaskFacts, tasks_of_last_week
from notifications.mail_facts import (
    DigestFacts,
    DigestLine,
    FailedScanFacts,
    FoundPlace,
    FoundRule,
    MailTask,
    MondayFacts,
    Progress,
    ScanFacts,
)
from notifications.mail_texts import NAME_LIMIT, clean_block, clean_line
from notifications.models import Delivery, DeliveryKind
from notifications.weeks import eight_on
from tenants.models import Organization, Project

MOST_RULES = 20
MOST_PLACES = 10
MOST_LINES = 50
MOST_ROWS = 2000
PATH_LIMIT = 200
MESSAGE_LIMIT = 600
DETAIL_LIMIT = 2000
DETAIL_LINES = 20
COMMIT_LENGTH = 12


def monday_facts(*, organization: Organization, week: date) -> MondayFacts | None:
    """Return the tasks of a week, as far as they have come; None where it has none."""
    moment = eight_on(week, time_zone=organization.time_zone)
    tasks = chosen_tasks(now=moment)
    if not tasks:
        return None
    before = tasks_of_last_week(now=moment)
    return MondayFacts(
        week=week,
        tasks=[_task(task) for task in tasks],
        last_week=_progress(before) if before else None,
        url=_address("console:dashboard", organization.slug),
    )


def scan_facts(*, scan: Scan, finding_ids: Collection[int]) -> ScanFacts | None:
    """Return what a scan found; None where all of it has been closed meanwhile."""
    findings = Finding.objects.filter(id__in=finding_ids, status__in=UNDECIDED)
    rules = list(
        findings.order_by()
        .values_list("rule__check_id")
        .annotate(worst=Max("severity"), count=Count("id"))
        .order_by("-worst", "-count", "rule__check_id")
    )
    if not rules:
        return None
    slug = scan.organization.slug
    return ScanFacts(
        project=clean_line(scan.project.name, limit=NAME_LIMIT),
        branch=clean_line(scan.ref.name, limit=NAME_LIMIT),
        commit=scan.commit[:COMMIT_LENGTH],
        kind=scan.get_kind_display(),
        rules=_rules(findings, rules[:MOST_RULES], slug),
        more_rules=max(0, len(rules) - MOST_RULES),
        count=sum(count for _check_id, _worst, count in rules),
        open_counts=_open_counts(scan.project),
        url=_address("console:scan", slug, scan.pk),
        list_url=f"{_address('console:findings', slug)}?{urlencode({'repo': scan.project.name})}",
    )


def failed_scan_facts(scan: Scan) -> FailedScanFacts | None:
    """Return why a scan failed; None where it has completed meanwhile."""
    if scan.status == ScanStatus.COMPLETED:
        return None
    problem: ScanProblem | None = scan.problems.order_by("-id").first()
    words = problem.get_kind_display() if problem else scan.get_status_display()
    return FailedScanFacts(
        project=clean_line(scan.project.name, limit=NAME_LIMIT),
        branch=clean_line(scan.ref.name, limit=NAME_LIMIT),
        commit=scan.commit[:COMMIT_LENGTH],
        problem=words,
        detail=clean_block(
            problem.detail if problem else "", limit=DETAIL_LIMIT, lines=DETAIL_LINES
        ),
        url=_address("console:scan", scan.organization.slug, scan.pk),
    )


def _task(task: TaskFacts) -> MailTask:
    return MailTask(
        title=clean_line(task.title, limit=NAME_LIMIT),
        product=task.product.label,
        project=clean_line(task.project_name, limit=NAME_LIMIT),
        rationale=clean_line(task.rationale, limit=MESSAGE_LIMIT),
        done=task.done_count,
        total=task.total,
        is_done=task.is_done,
        url=f"{settings.PUBLIC_URL}{task.url}",
    )


def _progress(tasks: Sequence[TaskFacts]) -> Progress:
    return Progress(
        done=sum(task.done_count for task in tasks), total=sum(task.total for task in tasks)
    )


def digest_facts(*, parts: Sequence[Delivery], kind: DeliveryKind) -> DigestFacts | None:
    """Return what many mails of one kind would have said, one line a scan."""
    ids = {one for part in parts for one in part.facts.get("finding_ids", [])}
    still_open = set(
        Finding.objects.filter(id__in=ids, status__in=UNDECIDED).values_list("id", flat=True)
    )
    lines = [_line(part.scan, part, kind, still_open) for part in parts if part.scan]
    told = [line for line in lines if line is not None]
    if not told:
        return None
    return DigestFacts(
        is_of_failures=kind == DeliveryKind.FAILED_SCAN,
        lines=told[:MOST_LINES],
        more=max(0, len(told) - MOST_LINES),
        url=_address("console:scans", parts[0].organization.slug),
    )


def _line(
    scan: Scan, part: Delivery, kind: DeliveryKind, still_open: set[int]
) -> DigestLine | None:
    count = len(still_open & set(part.facts.get("finding_ids", [])))
    is_over = scan.status == ScanStatus.COMPLETED if kind == DeliveryKind.FAILED_SCAN else not count
    if is_over:
        return None
    return DigestLine(
        project=clean_line(scan.project.name, limit=NAME_LIMIT),
        branch=clean_line(scan.ref.name, limit=NAME_LIMIT),
        count=count,
        url=_address("console:scan", scan.organization.slug, scan.pk),
    )


def _rules(
    findings: QuerySet[Finding], rules: Sequence[tuple[str, int, int]], slug: str
) -> list[FoundRule]:
    names = [check_id for check_id, _worst, _count in rules]
    rows = (
        findings.filter(rule__check_id__in=names)
        .select_related("rule", "file")
        .order_by("-severity", "file__path", "start_line", "id")[:MOST_ROWS]
    )
    found: dict[str, list[Finding]] = {name: [] for name in names}
    for row in rows:
        found[row.rule.check_id].append(row)
    return [
        _rule(found[check_id], Severity(worst), count, slug)
        for check_id, worst, count in rules
        if found[check_id]
    ]


def _rule(rows: Sequence[Finding], severity: Severity, count: int, slug: str) -> FoundRule:
    first, told = rows[0], rows[:MOST_PLACES]
    title = title_of_rule(check_id=first.rule.check_id, metadata=first.rule.metadata)
    return FoundRule(
        title=clean_line(title, limit=NAME_LIMIT),
        check_id=clean_line(first.rule.check_id, limit=NAME_LIMIT),
        severity=severity,
        message=clean_line(first.message, limit=MESSAGE_LIMIT),
        places=[
            FoundPlace(
                path=clean_line(row.file.path, limit=PATH_LIMIT),
                line=row.start_line,
                url=_address("console:finding", slug, row.pk),
            )
            for row in told
        ],
        more=count - len(told),
    )


def _open_counts(project: Project) -> list[tuple[Severity, int]]:
    counts = (
        FindingCount.objects.filter(project=project, status=Status.OPEN)
        .order_by()
        .values_list("severity")
        .annotate(total=Sum("count"))
        .filter(total__gt=0)
        .order_by("-severity")
    )
    return [(Severity(severity), total) for severity, total in counts]


def _address(name: str, *parts: object) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name, args=parts)}"
