"""Which sender serves which channel."""

from collections.abc import MutableMapping

from notifications.models import Channel
from notifications.senders.mail import MailSender
from notifications.senders.protocol import Sender
from notifications.senders.slack import SlackSender
from notifications.senders.webhook import WebhookSender

SENDERS: MutableMapping[Channel, Sender] = {
    Channel.SLACK: SlackSender(),
    Channel.WEBHOOK: WebhookSender(),
    Channel.MAIL: MailSender(),
}
