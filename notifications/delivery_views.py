"""The pages Settings, Deliveries: what went out, what waits, and what was given up."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.numbers import id_of
from notifications.deliveries import retry
from notifications.models import Channel
from notifications.outbox import (
    FILTERS,
    AskedDeliveries,
    dead_letter_count,
    details_of,
    page_of_deliveries,
)
from tenants.audit import Actor
from tenants.permissions import MemberRequest, Permission, requires


@require_safe
@requires(Permission.MANAGE_NOTIFICATIONS)
def deliveries(request: MemberRequest) -> HttpResponse:
    """List the messages that the address asks for, the newest first."""
    asked = _asked(request)
    context = {
        "page": page_of_deliveries(asked),
        "asked": asked,
        "dead_letters": dead_letter_count(),
        "channels": Channel.choices,
        "fates": FILTERS,
    }
    return render(request, "notifications/deliveries.html", context)


@require_safe
@requires(Permission.MANAGE_NOTIFICATIONS)
def delivery(request: MemberRequest, delivery_id: int) -> HttpResponse:
    """Show one message with each try to send it."""
    details = details_of(delivery_id)
    context = {"details": details, "shown": details.shown, "delivery": details.shown.row}
    return render(request, "notifications/delivery.html", context)


@require_POST
@requires(Permission.MANAGE_NOTIFICATIONS)
def retry_delivery(request: MemberRequest, delivery_id: int) -> HttpResponse:
    """Send a dead letter once more."""
    actor = Actor.person(request.member.user)
    row = retry(delivery_id=delivery_id, actor=actor, now=timezone.now())
    messages.success(request, f"The message to {row.recipient} is being sent again.")
    return redirect(
        "notifications:delivery",
        organization_slug=request.organization.slug,
        delivery_id=row.pk,
    )


def _asked(request: HttpRequest) -> AskedDeliveries:
    channel, fate = request.GET.get("channel", ""), request.GET.get("status", "")
    return AskedDeliveries(
        channel=channel if channel in Channel.values else "",
        fate=fate if fate in dict(FILTERS) else "",
        before=id_of(request.GET.get("before", "")),
    )
