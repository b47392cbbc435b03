"""Finding findings: every filter, once, for pages and for programs."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from django.db.models import CharField, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast

from core.errors import InvalidInputError
from findings.models import (
    STATUS_EXPRESSION,
    Finding,
    FindingCount,
    Instance,
    Ref,
    ReportedRule,
    SourceFile,
)
from findings.refs import normalize_ref
from insights.filters import NOT_ANALYZED, SHOWN_STATUSES, FindingFilter
from insights.models import TaskFinding
from insights.moments import in_lifecycle, in_time
from memories.models import MemoryUse

__all__ = ["Counts", "FindingFilter", "Page", "count_by", "page_of_findings", "search"]

PAGE_SIZE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"(older|newer)-([0-9]{1,17})-([0-9]{1,18})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list that is paged by key; a cursor is blank where there is no such page."""

    items: list[Finding]
    next_cursor: str = ""
    previous_cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many findings a value of a field would show, the other fields staying as they are."""

    statuses: Mapping[str, int] = field(default_factory=dict)
    severities: Mapping[str, int] = field(default_factory=dict)
    verdicts: Mapping[str, int] = field(default_factory=dict)
    projects: Mapping[str, int] = field(default_factory=dict)
    products: Mapping[str, int] = field(default_factory=dict)


def search(wanted: FindingFilter) -> QuerySet[Finding]:
    """Return the findings that `wanted` describes, the newest first."""
    findings: QuerySet[Finding] = Finding.objects.select_related("rule", "file", "project", "ref")
    conditions = _conditions(wanted, project="project__name")
    if wanted.ref:
        conditions &= Q(id__in=_on_ref(wanted.ref, wanted.statuses or SHOWN_STATUSES))
    else:
        conditions &= Q(status__in=wanted.statuses or SHOWN_STATUSES)
    if wanted.confidences:
        conditions &= Q(confidence__in=wanted.confidences)
    if wanted.rules:
        conditions &= Q(rule__in=ReportedRule.objects.filter(check_id__in=wanted.rules))
    conditions &= in_time(wanted) & in_lifecycle(wanted.lifecycle)
    if wanted.memory_id is not None:
        uses = MemoryUse.objects.filter(memory_id=wanted.memory_id)
        conditions &= Q(id__in=uses.values("finding_id"))
    if wanted.task_id is not None:
        members = TaskFinding.objects.filter(task_id=wanted.task_id)
        conditions &= Q(id__in=members.values("finding_id"))
    conditions &= _in_files(wanted)
    # Rules and paths are small tables: they are searched, and joined by key to the big one.
    for word in wanted.text.split():
        conditions &= Q(rule__in=ReportedRule.objects.filter(check_id__icontains=word)) | Q(
            file__in=SourceFile.objects.filter(path__icontains=word)
        )
    return findings.filter(conditions).order_by("-relevant_since", "-id")


def page_of_findings(wanted: FindingFilter, cursor: str = "", size: int = PAGE_SIZE) -> Page:
    """Return the page of at most `size` findings that `cursor` names, else the first one.

    Raises InvalidInputError for a cursor that is not one of ours.
    """
    direction, moment, finding_id = _read_cursor(cursor)
    findings = search(wanted)
    if direction == "newer":
        rows = list(_after(findings.reverse(), moment, finding_id)[: size + 1])
    else:
        rows = list((_before(findings, moment, finding_id) if cursor else findings)[: size + 1])
    is_more = len(rows) > size
    items = rows[:size]
    if direction == "newer":
        items.reverse()
    has_older, has_newer = (True, is_more) if direction == "newer" else (is_more, bool(cursor))
    return Page(
        items=items,
        next_cursor=_write_cursor("older", items[-1]) if items and has_older else "",
        previous_cursor=_write_cursor("newer", items[0]) if items and has_newer else "",
    )


def count_by(wanted: FindingFilter) -> Counts:
    """Return the counts beside the filters, from the kept counts, in one query."""
    dimensions = {
        "status": replace(wanted, statuses=()),
        "severity": replace(wanted, severities=()),
        "verdict": replace(wanted, verdicts=()),
        "project_id": replace(wanted, project_ids=(), project_names=()),
        "product": replace(wanted, products=()),
    }
    first, *others = [_counts_of(name, asked) for name, asked in dimensions.items()]
    found: dict[str, dict[str, int]] = {name: {} for name in dimensions}
    for dimension, value, total in first.union(*others, all=True):
        found[dimension][value] = total
    found["verdict"][NOT_ANALYZED] = found["verdict"].pop("", 0)
    return Counts(
        statuses=found["status"],
        severities=found["severity"],
        verdicts=found["verdict"],
        projects=found["project_id"],
        products=found["product"],
    )


def _counts_of(
    dimension: str, wanted: FindingFilter
) -> QuerySet[FindingCount, tuple[str, str, int]]:
    counts: QuerySet[FindingCount, tuple[str, str, int]] = (
        FindingCount.objects.filter(
            _conditions(wanted, project="project__name"),
            status__in=wanted.statuses or SHOWN_STATUSES,
        )
        .order_by()
        .values_list(Value(dimension), Cast(F(dimension), CharField()))
        .annotate(total=Sum("count"))
        .filter(total__gt=0)
    )
    return counts


def _conditions(wanted: FindingFilter, *, project: str) -> Q:
    """Return the conditions on fields that findings and their counts share."""
    conditions = Q()
    if wanted.severities:
        conditions &= Q(severity__in=wanted.severities)
    if wanted.products:
        conditions &= Q(product__in=wanted.products)
    if wanted.verdicts:
        verdicts = ["" if verdict == NOT_ANALYZED else verdict for verdict in wanted.verdicts]
        conditions &= Q(verdict__in=verdicts)
    if wanted.project_ids:
        conditions &= Q(project_id__in=wanted.project_ids)
    if wanted.project_names:
        conditions &= Q(**{f"{project}__in": wanted.project_names})
    return conditions


def _in_files(wanted: FindingFilter) -> Q:
    if not (wanted.components or wanted.risks or wanted.path):
        return Q()
    files = SourceFile.objects.filter(path__icontains=wanted.path)
    if wanted.components or wanted.risks:
        # Two levels of one filter: a group, or single components of it.
        files = files.filter(
            Q(component__in=wanted.components) | Q(component_risk__in=wanted.risks)
        )
    return Q(file__in=files)


def _on_ref(ref: str, statuses: Collection[str]) -> QuerySet[Instance, int]:
    """Return the ids of findings whose instance on this ref has one of these statuses."""
    ids: QuerySet[Instance, int] = (
        Instance.objects.filter(ref__in=Ref.objects.filter(name=normalize_ref(ref)))
        .annotate(triage_state=F("finding__triage_state"), status_here=STATUS_EXPRESSION)
        .filter(status_here__in=statuses)
        .values_list("finding_id", flat=True)
    )
    return ids


def _before(findings: QuerySet[Finding], moment: datetime, finding_id: int) -> QuerySet[Finding]:
    return findings.filter(relevant_since__lte=moment).exclude(
        relevant_since=moment, id__gte=finding_id
    )


def _after(findings: QuerySet[Finding], moment: datetime, finding_id: int) -> QuerySet[Finding]:
    return findings.filter(relevant_since__gte=moment).exclude(
        relevant_since=moment, id__lte=finding_id
    )


def _write_cursor(direction: str, finding: Finding) -> str:
    microseconds = (finding.relevant_since - _EPOCH) // timedelta(microseconds=1)
    return f"{direction}-{microseconds}-{finding.pk}"


def _read_cursor(cursor: str) -> tuple[str, datetime, int]:
    if not cursor:
        return "older", _EPOCH, 0
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise InvalidInputError(
            "cursor: this is not a place in the list; start again from its first page.",
            field="cursor",
        )
    direction, microseconds, finding_id = match.groups()
    moment = _EPOCH + timedelta(microseconds=int(microseconds))
    return direction, moment, int(finding_id)
