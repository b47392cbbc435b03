"""The pages Settings, Subscriptions: who hears of scans, by mail and in Slack."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import ProblemError
from notifications.models import Channel, Subscription
from notifications.subscribers import (
    all_subscriptions,
    get_subscription,
    projects_to_choose,
    tags_to_choose,
)
from notifications.subscribing import (
    change_subscription,
    remove_subscription,
    subscribe_address,
)
from notifications.subscription_forms import AddressForm, SubscriptionForm
from tenants.audit import Actor
from tenants.permissions import MemberRequest, Permission, requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_NOTIFICATIONS)
def subscriptions(request: MemberRequest) -> HttpResponse:
    """List the subscriptions; a POST subscribes a mail address."""
    if request.method != "POST":
        return _list(request, _address_form(None))
    form = _address_form(request.POST)
    if form.is_valid():
        try:
            row = subscribe_address(
                address=form.cleaned_data["address"],
                wish=form.wish(),
                actor=Actor.person(request.member.user),
                now=timezone.now(),
            )
        except ProblemError as error:
            form.add_error(error.field or None, error.detail)
        else:
            return _done(request, f"{row} is subscribed.")
    return _list(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_NOTIFICATIONS)
def subscription(request: MemberRequest, subscription_id: int) -> HttpResponse:
    """Show what one subscription asks for; a POST changes it."""
    row = get_subscription(subscription_id)
    if request.method != "POST":
        return _one(request, row, _form(None, row))
    form = _form(request.POST, row)
    if form.is_valid():
        actor = Actor.person(request.member.user)
        try:
            change_subscription(subscription_id=row.pk, wish=form.wish(), actor=actor)
        except ProblemError as error:
            form.add_error("scope" if error.field == "address" else error.field, error.detail)
        else:
            return _done(request, f"What {row} hears of is changed.")
    return _one(request, row, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_POST
@requires(Permission.MANAGE_NOTIFICATIONS)
def remove(request: MemberRequest, subscription_id: int) -> HttpResponse:
    """End a subscription."""
    actor = Actor.person(request.member.user)
    row = remove_subscription(subscription_id=subscription_id, actor=actor, now=timezone.now())
    return _done(request, f"{row} hears of nothing more by this subscription.")


def _done(request: MemberRequest, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("notifications:subscriptions", organization_slug=request.organization.slug)


def _list(
    request: MemberRequest, form: SubscriptionForm, *, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    context = {"form": form, "subscriptions": all_subscriptions()}
    return render(request, "notifications/subscriptions.html", context, status=status)


def _one(
    request: MemberRequest,
    row: Subscription,
    form: SubscriptionForm,
    *,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    context = {"form": form, "subscription": row, "is_slack": row.channel == Channel.SLACK}
    return render(request, "notifications/subscription.html", context, status=status)


def _choices(row: Subscription | None) -> dict[str, Any]:
    return {"projects": projects_to_choose(row), "tags": tags_to_choose(row)}


def _address_form(data: QueryDict | None) -> AddressForm:
    initial = AddressForm.initial_of(None, Channel.MAIL)
    return AddressForm(data, initial=initial, **_choices(None))


def _form(data: QueryDict | None, row: Subscription) -> SubscriptionForm:
    initial = SubscriptionForm.initial_of(row, Channel(row.channel))
    return SubscriptionForm(data, initial=initial, **_choices(row))
