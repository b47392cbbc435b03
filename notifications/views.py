"""The pages of change requests: what we say in them, where it stands, and what was answered."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.numbers import id_of
from findings.models import ChangeRequestState
from findings.selectors import get_finding
from notifications.reviews import want_review
from notifications.showing import (
    Asked,
    comments_on,
    conversation_of,
    get_change_request,
    page_of_change_requests,
    projects_with_change_requests,
)
from tenants.permissions import MemberRequest, Permission, requires


@require_safe
@requires(Permission.VIEW)
def change_requests(request: MemberRequest) -> HttpResponse:
    """List the change requests that the address asks for, the newest first."""
    asked = _asked(request)
    context = {
        "page": page_of_change_requests(asked),
        "asked": asked,
        "projects": projects_with_change_requests(),
        "states": ChangeRequestState.choices,
    }
    return render(request, "notifications/change_requests.html", context)


@require_safe
@requires(Permission.VIEW)
def change_request(request: MemberRequest, change_request_id: int) -> HttpResponse:
    """Show one change request with our comments as its code host shows them."""
    found = get_change_request(change_request_id)
    context = {"conversation": conversation_of(found), "change_request": found}
    return render(request, "notifications/change_request.html", context)


@require_POST
@requires(Permission.TRIAGE_FINDINGS)
def try_again(request: MemberRequest, change_request_id: int) -> HttpResponse:
    """Ask for the comments to be brought up to date now."""
    found = get_change_request(change_request_id)
    want_review(change_request_id=found.pk, at=timezone.now())
    messages.success(request, "The comments are being brought up to date.")
    return redirect(
        "notifications:change-request",
        organization_slug=request.organization.slug,
        change_request_id=found.pk,
    )


@require_safe
@requires(Permission.VIEW)
def comments_panel(request: MemberRequest, finding_id: int) -> HttpResponse:
    """Show in which change requests we speak of a finding."""
    finding = get_finding(finding_id)
    context = {"finding": finding, "comments": comments_on(finding)}
    return render(request, "notifications/_comments_panel.html", context)


def _asked(request: HttpRequest) -> Asked:
    state = request.GET.get("state", "")
    return Asked(
        project_id=id_of(request.GET.get("project", "")),
        state=state if state in ChangeRequestState.values else "",
        before=id_of(request.GET.get("before", "")),
    )
