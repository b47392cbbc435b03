"""Which sender serves which channel."""

from collections.abc import MutableMapping

from notifications.models import Channel
from notifications.senders.protocol import Sender

SENDERS: MutableMapping[Channel, Sender] = {}
