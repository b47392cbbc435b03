"""The pages Settings, Webhooks."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import NotFoundError
from core.numbers import id_of
from notifications import outgoing_webhooks as services
from notifications.deliveries import retry
from notifications.models import Delivery, OutgoingWebhook
from notifications.webhook_forms import WebhookForm
from notifications.webhook_showing import (
    count_held_back,
    host_of,
    log_of,
    trial_of,
    webhooks_with_last_sent,
)
from tenants.audit import Actor
from tenants.permissions import MemberRequest, Permission, requires


@require_safe
@requires(Permission.MANAGE_NOTIFICATIONS)
def webhooks(request: MemberRequest) -> HttpResponse:
    """List the webhooks and how well they fare."""
    rows = [(row, host_of(row)) for row in webhooks_with_last_sent()]
    return render(request, "notifications/webhooks.html", {"webhooks": rows})


@never_cache
@sensitive_post_parameters("secret", "url")
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_NOTIFICATIONS)
def add_webhook(request: MemberRequest) -> HttpResponse:
    """Ask for a new webhook; a POST stores it and has it called with a test message."""
    initial = {"sends_scans": True, "sends_findings": True}
    form = WebhookForm(request.POST if request.method == "POST" else None, initial=initial)
    if not form.is_bound or not form.is_valid():
        return _form_page(request, form)
    added = services.add_webhook(wanted=form.wanted(), actor=_actor(request))
    messages.success(request, f"{added.name} is added, and is being called with a test.")
    return _test(request, added.pk)


@require_safe
@requires(Permission.MANAGE_NOTIFICATIONS)
def webhook(request: MemberRequest, webhook_id: int) -> HttpResponse:
    """Show one webhook, how it fares, and the log of its calls."""
    found = services.get_webhook(webhook_id)
    before, test = (id_of(request.GET.get(name, "")) for name in ("before", "test"))
    context = {
        "webhook": found,
        "host": host_of(found),
        "held_back": count_held_back(found),
        "log": log_of(found, before=before),
        "before": before,
        "trial": trial_of(found, test) if test is not None else None,
    }
    return render(request, "notifications/webhook.html", context)


@never_cache
@sensitive_post_parameters("secret", "url")
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_NOTIFICATIONS)
def edit_webhook(request: MemberRequest, webhook_id: int) -> HttpResponse:
    """Show what may be changed of a webhook; a POST stores it."""
    found = services.get_webhook(webhook_id)
    form = WebhookForm(request.POST if request.method == "POST" else None, stored=found)
    if not form.is_bound or not form.is_valid():
        return _form_page(request, form, found)
    services.change_webhook(webhook_id=webhook_id, wanted=form.wanted(), actor=_actor(request))
    messages.success(request, "The webhook is saved.")
    return _back(request, webhook_id)


@require_POST
@requires(Permission.MANAGE_NOTIFICATIONS)
def try_webhook(request: MemberRequest, webhook_id: int) -> HttpResponse:
    """Have a webhook called with a test message; its page shows how that went."""
    return _test(request, webhook_id)


@never_cache
@require_safe
@requires(Permission.MANAGE_NOTIFICATIONS)
def webhook_trial(request: MemberRequest, webhook_id: int, delivery_id: int) -> HttpResponse:
    """Show how a test goes, for the page that waits for it."""
    found = services.get_webhook(webhook_id)
    trial = trial_of(found, delivery_id)
    # Its end is told in the log, too.
    log = None if trial.is_under_way else log_of(found)
    context = {"webhook": found, "trial": trial, "log": log, "is_fragment": True}
    return render(request, "notifications/_webhook_trial.html", context)


@require_POST
@requires(Permission.MANAGE_NOTIFICATIONS)
def pause_webhook(request: MemberRequest, webhook_id: int) -> HttpResponse:
    """Call a webhook no more."""
    paused = services.pause_webhook(webhook_id=webhook_id, actor=_actor(request))
    messages.success(request, f"{paused.name} is paused.")
    return _back(request, webhook_id)


@require_POST
@requires(Permission.MANAGE_NOTIFICATIONS)
def resume_webhook(request: MemberRequest, webhook_id: int) -> HttpResponse:
    """Call a webhook again."""
    count = services.resume_webhook(
        webhook_id=webhook_id, actor=_actor(request), now=timezone.now()
    )
    held = "1 message that waited goes" if count == 1 else f"{count} messages that waited go"
    more = f" {held} out now." if count else ""
    messages.success(request, f"The webhook is called again.{more}")
    return _back(request, webhook_id)


@require_POST
@requires(Permission.MANAGE_NOTIFICATIONS)
def retry_call(request: MemberRequest, webhook_id: int, delivery_id: int) -> HttpResponse:
    """Send a message that was given up once more."""
    found = services.get_webhook(webhook_id)
    if not Delivery.objects.filter(id=delivery_id, webhook=found).exists():
        raise NotFoundError(f"There is no message {delivery_id} to this webhook.")
    retry(delivery_id=delivery_id, actor=_actor(request), now=timezone.now())
    messages.success(request, "The message is being sent again.")
    return _back(request, webhook_id)


@require_POST
@requires(Permission.MANAGE_NOTIFICATIONS)
def remove_webhook(request: MemberRequest, webhook_id: int) -> HttpResponse:
    """Delete a webhook with its secret and its log."""
    name = services.remove_webhook(webhook_id=webhook_id, actor=_actor(request))
    messages.success(request, f"{name} is removed.")
    return redirect("notifications:webhooks", organization_slug=request.organization.slug)


def _test(request: MemberRequest, webhook_id: int) -> HttpResponse:
    delivery_id = services.want_trial(webhook_id=webhook_id, now=timezone.now())
    answer = _back(request, webhook_id)
    answer["Location"] += f"?test={delivery_id}"
    return answer


def _back(request: MemberRequest, webhook_id: int) -> HttpResponse:
    return redirect("notifications:webhook", request.organization.slug, webhook_id)


def _form_page(
    request: HttpRequest, form: WebhookForm, stored: OutgoingWebhook | None = None
) -> HttpResponse:
    context = {"form": form, "webhook": stored}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "notifications/webhook_form.html", context, status=status)


def _actor(request: MemberRequest) -> Actor:
    return Actor.person(request.member.user)
