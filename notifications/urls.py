"""The addresses of notifications."""

from django.urls import URLPattern, URLResolver, path

from notifications import settings_views, views
from notifications.webhook_urls import patterns as webhook_patterns

app_name = "notifications"
_ORGANIZATION = "orgs/<slug:organization_slug>"
_ONE = f"{_ORGANIZATION}/change-requests/<int:change_request_id>"
urlpatterns: list[URLPattern | URLResolver] = [
    path(
        f"{_ORGANIZATION}/settings/change-requests",
        settings_views.review_settings_page,
        name="review-settings",
    ),
    path(f"{_ORGANIZATION}/change-requests", views.change_requests, name="change-requests"),
    path(_ONE, views.change_request, name="change-request"),
    path(f"{_ONE}/retry", views.try_again, name="try-again"),
    path(
        f"{_ORGANIZATION}/findings/<int:finding_id>/comments",
        views.comments_panel,
        name="comments-panel",
    ),
    *webhook_patterns,
]
