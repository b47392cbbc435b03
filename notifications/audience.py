"""Who wants to hear of a scan: the subscriptions and webhooks whose scope its project is in."""

import hashlib

from django.db.models import Q

from findings.models import Scan
from notifications.models import Channel, OutgoingWebhook, Subscription, WebhookState


def subscriptions_for(scan: Scan) -> list[Subscription]:
    """Return the subscriptions of a scan's project, of its tags, and of all projects."""
    rows = Subscription.objects.filter(_scope_of(scan)).select_related("organization")
    return list(rows.order_by("id"))


def webhooks_for(scan: Scan) -> list[OutgoingWebhook]:
    """Return the webhooks that are called for a scan; one that is paused misses it."""
    rows = OutgoingWebhook.objects.filter(_scope_of(scan), state=WebhookState.ACTIVE)
    return list(rows.order_by("id"))


def target_of(subscription: Subscription) -> str:
    """Return what two subscriptions share that lead to the same channel or address."""
    if subscription.channel == Channel.SLACK:
        return f"slack:{subscription.workspace_id}:{subscription.slack_channel_id}"
    # Part of a key: an address may be longer than it.
    digest = hashlib.sha256(subscription.address.lower().encode()).hexdigest()
    return f"mail:{digest[:16]}"


def _scope_of(scan: Scan) -> Q:
    everything = Q(project__isnull=True, tag="")
    return everything | Q(project=scan.project_id) | Q(tag__in=scan.project.tags)
