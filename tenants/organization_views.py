"""The page Settings, General."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tenants.audit import Actor
from tenants.forms import OrganizationForm
from tenants.organizations import change_organization
from tenants.permissions import MemberRequest, Permission, requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_ORGANIZATION)
def general(request: MemberRequest) -> HttpResponse:
    """Show the organization's name and time zone; a POST stores what was entered."""
    if request.method != "POST":
        return render(
            request, "tenants/general.html", {"form": OrganizationForm.of(request.organization)}
        )
    form = OrganizationForm(request.POST, current=request.organization.time_zone)
    if not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return render(request, "tenants/general.html", {"form": form}, status=status)
    change_organization(
        organization_id=request.organization.id,
        actor=Actor.person(request.member.user),
        **form.cleaned_data,
    )
    messages.success(request, "The organization is saved.")
    return redirect("tenants:general", organization_slug=request.organization.slug)
