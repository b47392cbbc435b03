"""The page on which a member says that she is somebody in Slack."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from integrations.slack_accounts import link, member_of, read_link
from tenants.audit import Actor
from tenants.permissions import MemberRequest, Permission, requires


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.VIEW)
def link_account(request: MemberRequest, token: str) -> HttpResponse:
    """Ask whether it is she who acts in Slack; a POST says yes."""
    now = timezone.now()
    stranger = read_link(token=token, organization_id=request.organization.pk, now=now)
    if request.method == "POST":
        actor = Actor.person(request.member.user)
        link(stranger=stranger, member=request.member, actor=actor, now=now)
        messages.success(request, "Linked. Press the button in Slack once more.")
        return redirect("console:findings", request.organization.slug)
    known = member_of(workspace=stranger.workspace, slack_user_id=stranger.slack_user_id)
    context = {"stranger": stranger, "known": known}
    return render(request, "notifications/slack_link.html", context)
