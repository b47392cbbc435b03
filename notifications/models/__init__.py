"""What is told, to whom, and how an organization wants it."""

from notifications.models.deliveries import (
    Channel,
    Delivery,
    DeliveryAttempt,
    DeliveryKind,
    ToldScan,
)
from notifications.models.reviews import (
    PREFIX_PATTERN,
    CommandState,
    CommentKind,
    CommentPlace,
    CommentState,
    Review,
    ReviewCommand,
    ReviewComment,
    ReviewSettings,
)
from notifications.models.subscriptions import (
    MailPreference,
    OutgoingWebhook,
    Subscription,
    WebhookState,
)

__all__ = [
    "PREFIX_PATTERN",
    "Channel",
    "CommandState",
    "CommentKind",
    "CommentPlace",
    "CommentState",
    "Delivery",
    "DeliveryAttempt",
    "DeliveryKind",
    "MailPreference",
    "OutgoingWebhook",
    "Review",
    "ReviewCommand",
    "ReviewComment",
    "ReviewSettings",
    "Subscription",
    "ToldScan",
    "WebhookState",
]
