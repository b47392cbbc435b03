"""The Projects pages: the list, and one project with its checklist and pipelines."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from console.checklist import checklist_of
from console.pipelines import pipelines_for
from console.project_forms import ProjectForm
from console.projects import (
    ProjectQuery,
    ProjectRow,
    branches_to_choose,
    page_of_projects,
    project_row,
    tabs_of,
    tags_in_use,
)
from integrations.overview import usable_connections
from tenants.audit import Actor
from tenants.models import Project
from tenants.permissions import MemberRequest, Permission, requires
from tenants.projects import archive_project, change_project


@require_safe
@requires(Permission.VIEW)
def projects(request: MemberRequest) -> HttpResponse:
    """List the projects that the address asks for."""
    wanted = ProjectQuery.from_query(request.GET)
    page = page_of_projects(wanted)
    tabs = tabs_of(wanted)
    is_empty_house = not page.rows and not Project.objects.exists()
    context = {
        "wanted": wanted,
        "page": page,
        "tabs": tabs,
        "tags": tags_in_use(),
        "first": wanted.address() if wanted.after else "",
        "next": wanted.address(after=page.next_after) if page.next_after else "",
        "is_empty_house": is_empty_house,
        "has_connection": is_empty_house and usable_connections().exists(),
    }
    return render(request, "console/projects.html", context)


@require_safe
@requires(Permission.VIEW)
def project(request: MemberRequest, project_id: int) -> HttpResponse:
    """Show one project."""
    return _page(request, project_row(project_id))


@require_safe
@requires(Permission.VIEW)
def checklist(request: MemberRequest, project_id: int) -> HttpResponse:
    """Show what is left to be done for a project; it asks again by itself while something is."""
    row = project_row(project_id)
    context = {"row": row, "project": row.project, "checklist": checklist_of(row)}
    return render(request, "console/_checklist.html", context)


@require_POST
@requires(Permission.MANAGE_PROJECTS)
def edit_project(request: MemberRequest, project_id: int) -> HttpResponse:
    """Store a project's tags and primary branch."""
    row = project_row(project_id)
    form = ProjectForm(request.POST, branches=branches_to_choose(row))
    if not form.is_valid():
        return _page(request, row, form=form)
    change_project(
        project_id=project_id, actor=Actor.person(request.member.user), **form.cleaned_data
    )
    messages.success(request, f"{row.project.name} is changed.")
    return redirect("console:project", request.organization.slug, project_id)


@require_POST
@requires(Permission.MANAGE_PROJECTS)
def archive(request: MemberRequest, project_id: int) -> HttpResponse:
    """Put a project aside, or take it back."""
    is_archived = request.POST.get("restore") is None
    changed = archive_project(
        project_id=project_id,
        is_archived=is_archived,
        actor=Actor.person(request.member.user),
    )
    done = "archived; its findings are kept" if is_archived else "taken back"
    messages.success(request, f"{changed.name} is {done}.")
    return redirect("console:project", request.organization.slug, project_id)


def _page(request: HttpRequest, row: ProjectRow, form: ProjectForm | None = None) -> HttpResponse:
    found = row.project
    values = {"tags": ", ".join(found.tags), "primary_branch": found.primary_branch}
    context = {
        "row": row,
        "project": found,
        "checklist": checklist_of(row),
        "pipelines": pipelines_for(
            branch=found.primary_branch or (row.link.default_branch if row.link else "")
        ),
        "form": form or ProjectForm(initial=values, branches=branches_to_choose(row)),
    }
    status = HTTPStatus.OK if form is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "console/project.html", context, status=status)
