"""What the Projects pages show: projects with their newest scan, open findings and repository."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import QueryDict

from core.errors import NotFoundError
from findings.models import FindingCount, Ref, Scan, ScanKind, Status
from integrations.models import RepositoryLink
from tenants.models import Project

PAGE_SIZE = 50
MOST_TAGS = 200
MOST_BRANCHES = 200
LONGEST_TEXT = 400
TABS = {"scanning": "Scanning", "idle": "Not scanning", "archived": "Archived"}
_TAB_CONDITIONS = {
    "scanning": Q(is_archived=False, is_scanned=True),
    "idle": Q(is_archived=False, is_scanned=False),
    "archived": Q(is_archived=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectQuery:
    """Which projects are asked for, and from which name on."""

    tab: str = "scanning"
    text: str = ""
    tag: str = ""
    after: str = ""

    @classmethod
    def from_query(cls, query: QueryDict) -> "ProjectQuery":
        """Read the address; what makes no sense there asks for nothing."""
        values = {
            name: query.get(name, "").replace("\0", "").strip()[:LONGEST_TEXT]
            for name in ("tab", "text", "tag", "after")
        }
        values["tab"] = values["tab"] if values["tab"] in TABS else "scanning"
        return cls(**values)

    def address(self, **changes: str) -> str:
        """Return the query of an address that asks for this, with changes."""
        wanted = replace(self, **{"after": "", **changes})
        fields = ("tab", "text", "tag", "after")
        return "?" + urlencode({n: getattr(wanted, n) for n in fields if getattr(wanted, n)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One list of projects."""

    label: str
    count: int
    query: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRow:
    """A project of the list."""

    project: Project
    open_count: int
    scan: Scan | None
    link: RepositoryLink | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectPage:
    """One page of projects by name; `next_after` is the key of the next one, blank: no more."""

    rows: Sequence[ProjectRow]
    next_after: str


def page_of_projects(wanted: ProjectQuery) -> ProjectPage:
    """Return a page of projects, by name, in a constant number of queries."""
    projects = _with_facts(_matching(wanted).filter(_TAB_CONDITIONS[wanted.tab]))
    found = list(projects.filter(name__gt=wanted.after).order_by("name")[: PAGE_SIZE + 1])
    rows = _rows_of(found[:PAGE_SIZE])
    has_more = len(found) > PAGE_SIZE
    return ProjectPage(rows=rows, next_after=rows[-1].project.name if has_more else "")


def project_row(project_id: int) -> ProjectRow:
    """Return one project with the same facts. Raises NotFoundError for a stranger's."""
    rows = _rows_of(_with_facts(Project.objects.filter(id=project_id)))
    if not rows:
        raise NotFoundError(f"There is no project {project_id} in this organization.")
    return rows[0]


def tabs_of(wanted: ProjectQuery) -> list[Tab]:
    """Return the lists with their counts; the archived ones where there are any."""
    counts = _matching(wanted).aggregate(
        **{name: Count("id", filter=condition) for name, condition in _TAB_CONDITIONS.items()}
    )
    return [
        Tab(
            label=label,
            count=counts[name],
            query=wanted.address(tab=name),
            is_current=name == wanted.tab,
        )
        for name, label in TABS.items()
        if name != "archived" or counts[name] or wanted.tab == name
    ]


def tags_in_use() -> list[str]:
    """Return the tags that projects carry, by name."""
    tags = Project.objects.annotate(tag=Func(F("tags"), function="unnest"))
    return list(tags.order_by("tag").values_list("tag", flat=True).distinct()[:MOST_TAGS])


def branches_to_choose(row: ProjectRow) -> list[str]:
    """Return the branches that may be the primary one: those scanned in full, and the host's."""
    names = Ref.objects.filter(project=row.project, scans__kind=ScanKind.FULL).exclude(
        name__startswith="refs/"
    )
    scanned = names.order_by("name").values_list("name", flat=True).distinct()[:MOST_BRANCHES]
    default = [row.link.default_branch] if row.link and row.link.default_branch else []
    now = [row.project.primary_branch] if row.project.primary_branch else []
    return list(dict.fromkeys([*now, *default, *scanned]))


def _matching(wanted: ProjectQuery) -> QuerySet[Any]:
    projects: QuerySet[Any] = Project.objects.annotate(
        is_scanned=Exists(Scan.objects.filter(project=OuterRef("pk")))
    )
    for word in wanted.text.split():
        projects = projects.filter(name__icontains=word)
    return projects.filter(tags__contains=[wanted.tag]) if wanted.tag else projects


def _with_facts(projects: QuerySet[Any]) -> QuerySet[Any]:
    """Add the newest scan's id and the number of open findings to each row."""
    newest = Scan.objects.filter(project=OuterRef("pk")).order_by("-id").values("id")[:1]
    counts = (
        FindingCount.objects.filter(project=OuterRef("pk"), status=Status.OPEN)
        .order_by()
        .values("project")
        .annotate(total=Sum("count"))
        .values("total")
    )
    rows: QuerySet[Any] = projects.select_related("repository__connection").annotate(
        last_scan_id=Subquery(newest), open_count=Coalesce(Subquery(counts), 0)
    )
    return rows


def _rows_of(projects: Iterable[Any]) -> list[ProjectRow]:
    """Return projects that have their facts as rows, with their newest scans in one query."""
    shown = list(projects)
    scans = Scan.objects.select_related("ref").in_bulk(
        [project.last_scan_id for project in shown if project.last_scan_id]
    )
    return [
        ProjectRow(
            project=project,
            open_count=project.open_count,
            scan=scans.get(project.last_scan_id),
            link=getattr(project, "repository", None),
        )
        for project in shown
    ]
