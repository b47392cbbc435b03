"""The Dashboard: where an organization stands, and what to do next."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from console.dashboard_plots import activity_plot, backlog_plot, guardrails_plot
from console.dashboard_query import DashboardQuery, Links
from console.dashboard_rows import age_rows, columns_of, part_rows, project_rows
from console.first_run import first_steps
from console.selectors import projects_to_choose
from findings.models import Product, Scan
from insights.choosing import is_chosen
from insights.kept_figures import kept_dashboard
from insights.periods import PERIODS, window_of
from insights.tasks import tasks_of_week
from tenants.permissions import MemberRequest, Permission, requires


@require_safe
@requires(Permission.VIEW)
def dashboard(request: MemberRequest) -> HttpResponse:
    """Show the figures that the address asks for; before the first scan, how to come to one."""
    if not Scan.objects.exists():
        return render(request, "console/dashboard_first.html", {"steps": first_steps()})
    query, now = DashboardQuery.from_query(request.GET), timezone.now()
    window = window_of(query.period, now=now, time_zone=request.organization.time_zone)
    found = kept_dashboard(query.findings, window=window, now=now)
    links = Links(query=query, window=window)
    columns = columns_of(found, query)
    tasks = tasks_of_week(now=now)
    context = {
        "query": query,
        "found": found,
        "links": links,
        "backlog": backlog_plot(found.parts),
        "activity": activity_plot(found.parts),
        "guardrails": guardrails_plot(found.parts),
        "parts": part_rows(found, links),
        "columns": columns,
        "rows": project_rows(found, columns, links),
        "ages": age_rows(found.ages, links),
        "tasks": tasks,
        "tasks_are_coming": not tasks and not is_chosen(now=now),
        "tasks_done": sum(task.is_done for task in tasks),
        "periods": PERIODS.items(),
        "products": Product.choices,
        "project_names": _names(query),
    }
    response = render(request, "console/dashboard.html", context)
    if request.headers.get("HX-Request") == "true":
        # What the form sends names every field; the address bar gets those that ask something.
        response.headers["HX-Push-Url"] = request.path + query.address
    return response


def _names(query: DashboardQuery) -> list[str]:
    """Return the names of the projects that can be chosen, with those that are."""
    names = [project.name for project in projects_to_choose()]
    return sorted({*names, *query.project_names})
