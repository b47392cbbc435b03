"""The page Settings, Comments."""

from http import HTTPStatus

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from llm.configuration import assistant_settings
from llm.services import save_settings
from notifications.review_settings import review_settings, save_review_settings
from notifications.reviews import want_kept_reviews
from notifications.settings_forms import ReviewSettingsForm
from tenants.audit import Actor
from tenants.permissions import MemberRequest, Permission, requires


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_CONNECTIONS)
def review_settings_page(request: MemberRequest) -> HttpResponse:
    """Show how change requests are spoken to; a POST stores what was entered."""
    if request.method != "POST":
        return _page(request, ReviewSettingsForm.of(review_settings(), assistant_settings()))
    form = ReviewSettingsForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    _save(request, form)
    messages.success(request, "The settings of comments are saved.")
    return redirect("notifications:review-settings", organization_slug=request.organization.slug)


@transaction.atomic
def _save(request: MemberRequest, form: ReviewSettingsForm) -> None:
    actor, now = Actor.person(request.member.user), timezone.now()
    before = review_settings()
    stored = save_review_settings(wanted=form.applied_to(before), actor=actor, now=now)
    save_settings(
        wanted=form.applied_to_assistant(assistant_settings()),
        has_consented=False,
        actor=actor,
        now=now,
    )
    if stored.comments and not before.comments:
        want_kept_reviews(at=now)


def _page(
    request: MemberRequest, form: ReviewSettingsForm, *, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    return render(request, "notifications/review_settings.html", {"form": form}, status=status)
