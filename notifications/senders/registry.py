"""Which sender serves which channel."""

from collections.abc import MutableMapping

from notifications.models import Channel
from notifications.senders.protocol import Sender
from notifications.senders.webhook import WebhookSender

SENDERS: MutableMapping[Channel, Sender] = {
    Channel.WEBHOOK: WebhookSender(),
}
