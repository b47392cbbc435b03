"""The paths that scans leave out: of all projects in the settings, of one on its page."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from console.policy_forms import PathIgnoresForm
from core.errors import NotFoundError
from tenants.audit import Actor
from tenants.models import Project
from tenants.path_ignores import (
    MOST_PATTERNS,
    last_change,
    set_organization_ignores,
    set_project_ignores,
)
from tenants.permissions import MemberRequest, Permission, requires

SAVED = "Saved. Scans that begin from now on leave these paths out."
UNCHANGED = "Nothing changed."


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_RULES)
def path_ignores(request: MemberRequest) -> HttpResponse:
    """Show what scans of all projects leave out; a POST stores it."""
    organization = request.organization
    form = PathIgnoresForm.of(organization.path_ignores)
    if request.method == "POST":
        form = PathIgnoresForm(request.POST)
        if form.is_valid():
            is_new = set_organization_ignores(
                organization_id=organization.pk,
                patterns=form.cleaned_data["path_ignores"],
                actor=Actor.person(request.member.user),
            )
            messages.success(request, SAVED if is_new else UNCHANGED)
            return redirect("console:path-ignores", organization.slug)
    context = {"form": form, "changed": last_change(organization), "most": MOST_PATTERNS}
    return render(request, "console/path_ignores.html", context, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_RULES)
def project_ignores(request: MemberRequest, project_id: int) -> HttpResponse:
    """Show what scans of one project leave out besides; a POST stores it."""
    project: Project | None = Project.objects.filter(id=project_id).first()
    if project is None:
        raise NotFoundError(f"There is no project {project_id} in this organization.")
    form = PathIgnoresForm.of(project.path_ignores)
    if request.method == "POST":
        form = PathIgnoresForm(request.POST)
        if form.is_valid():
            is_new = set_project_ignores(
                project_id=project.pk,
                patterns=form.cleaned_data["path_ignores"],
                actor=Actor.person(request.member.user),
            )
            messages.success(request, SAVED if is_new else UNCHANGED)
            return redirect("console:project-ignores", request.organization.slug, project.pk)
    context = {
        "form": form,
        "project": project,
        "everywhere": request.organization.path_ignores,
        "changed": last_change(project),
        "most": MOST_PATTERNS,
    }
    return render(request, "console/path_ignores.html", context, status=_status(form))


def _status(form: PathIgnoresForm) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
