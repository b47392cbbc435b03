"""The page of a member's own mails, and the link of mails that ends them without signing in."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from llm.configuration import assistant_settings
from notifications.mail_links import read_unsubscription
from notifications.mail_preferences import (
    describe,
    save_preference,
    save_weekly_mail,
    unsubscribe,
    wants_monday_mail,
)
from notifications.monday import last_monday_mail, next_monday_mail, want_monday_mail_now
from tenants.audit import Actor
from tenants.models import Role
from tenants.permissions import MemberRequest, Permission, may, requires


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.VIEW)
def mail_preferences(request: MemberRequest) -> HttpResponse:
    """Show which mails the member gets; a POST stores what she wants."""
    if request.method == "POST":
        _save(request)
        messages.success(request, "Your mails are saved.")
        return _back(request)
    member, now = request.member, timezone.now()
    context = {
        "is_admin": member.role == Role.ADMIN,
        "wants_monday": wants_monday_mail(member),
        "sends_weekly_mail": assistant_settings().sends_weekly_mail,
        "next_at": next_monday_mail(time_zone=request.organization.time_zone, now=now),
        "last": last_monday_mail(member),
    }
    return render(request, "notifications/mail_preferences.html", context)


@require_POST
@requires(Permission.VIEW)
def send_monday_mail(request: MemberRequest) -> HttpResponse:
    """Send the member this week's mail now."""
    if want_monday_mail_now(member=request.member, now=timezone.now()):
        messages.success(request, f"This week's mail is on its way to {request.user}.")
    else:
        messages.info(request, "There is nothing to recommend this week, so there is no mail.")
    return _back(request)


@csrf_exempt  # mail programs post to it at one click: what it may do, the signed link says
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether a mail is to end, and end it at a POST; who holds its link may."""
    wanted = read_unsubscription(token)
    subject = describe(wanted)
    if request.method == "POST":
        unsubscribe(wanted, now=timezone.now())
    context = {"subject": subject, "is_done": request.method == "POST" or subject is None}
    return render(request, "notifications/unsubscribe.html", context, status=HTTPStatus.OK)


def _save(request: MemberRequest) -> None:
    member, now = request.member, timezone.now()
    actor = Actor.person(member.user)
    if member.role == Role.ADMIN:
        wanted = request.POST.get("monday") == "on"
        save_preference(member=member, wants_monday=wanted, actor=actor, now=now)
    if may(member, Permission.MANAGE_NOTIFICATIONS):
        is_wanted = request.POST.get("weekly") == "on"
        save_weekly_mail(is_wanted=is_wanted, actor=actor, now=now)


def _back(request: MemberRequest) -> HttpResponse:
    return redirect("notifications:mail-preferences", organization_slug=request.organization.slug)
