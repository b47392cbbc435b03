"""The addresses of notifications."""

from django.urls import URLPattern, URLResolver, path

from notifications import (
    delivery_views,
    mail_views,
    settings_views,
    subscription_views,
    views,
)
from notifications.slack_urls import patterns as slack_patterns
from notifications.webhook_urls import patterns as webhook_patterns

app_name = "notifications"
_ORGANIZATION = "orgs/<slug:organization_slug>"
_ONE = f"{_ORGANIZATION}/change-requests/<int:change_request_id>"
_MAILS = f"{_ORGANIZATION}/settings/mails"
_DELIVERIES = f"{_ORGANIZATION}/settings/deliveries"
_SUBSCRIPTIONS = f"{_ORGANIZATION}/settings/subscriptions"
urlpatterns: list[URLPattern | URLResolver] = [
    path(
        f"{_ORGANIZATION}/settings/change-requests",
        settings_views.review_settings_page,
        name="review-settings",
    ),
    path(_MAILS, mail_views.mail_preferences, name="mail-preferences"),
    path(f"{_MAILS}/monday", mail_views.send_monday_mail, name="send-monday-mail"),
    path("mails/unsubscribe/<str:token>", mail_views.leave, name="unsubscribe"),
    path(f"{_ORGANIZATION}/change-requests", views.change_requests, name="change-requests"),
    path(_ONE, views.change_request, name="change-request"),
    path(f"{_ONE}/retry", views.try_again, name="try-again"),
    path(
        f"{_ORGANIZATION}/findings/<int:finding_id>/comments",
        views.comments_panel,
        name="comments-panel",
    ),
    path(_DELIVERIES, delivery_views.deliveries, name="deliveries"),
    path(f"{_DELIVERIES}/<int:delivery_id>", delivery_views.delivery, name="delivery"),
    path(
        f"{_DELIVERIES}/<int:delivery_id>/retry",
        delivery_views.retry_delivery,
        name="retry-delivery",
    ),
    path(_SUBSCRIPTIONS, subscription_views.subscriptions, name="subscriptions"),
    path(
        f"{_SUBSCRIPTIONS}/<int:subscription_id>",
        subscription_views.subscription,
        name="subscription",
    ),
    path(
        f"{_SUBSCRIPTIONS}/<int:subscription_id>/remove",
        subscription_views.remove,
        name="remove-subscription",
    ),
    *slack_patterns,
    *webhook_patterns,
]
