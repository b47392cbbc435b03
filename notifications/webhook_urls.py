"""The addresses of outgoing webhooks."""

from django.urls import URLPattern, path

from notifications import webhook_views as views

_WEBHOOKS = "orgs/<slug:organization_slug>/settings/webhooks"
_ONE = f"{_WEBHOOKS}/<int:webhook_id>"
patterns: list[URLPattern] = [
    path(_WEBHOOKS, views.webhooks, name="webhooks"),
    path(f"{_WEBHOOKS}/add", views.add_webhook, name="add-webhook"),
    path(_ONE, views.webhook, name="webhook"),
    path(f"{_ONE}/edit", views.edit_webhook, name="edit-webhook"),
    path(f"{_ONE}/test", views.try_webhook, name="test-webhook"),
    path(f"{_ONE}/tests/<int:delivery_id>", views.webhook_trial, name="webhook-trial"),
    path(f"{_ONE}/pause", views.pause_webhook, name="pause-webhook"),
    path(f"{_ONE}/resume", views.resume_webhook, name="resume-webhook"),
    path(f"{_ONE}/calls/<int:delivery_id>/retry", views.retry_call, name="retry-call"),
    path(f"{_ONE}/remove", views.remove_webhook, name="remove-webhook"),
]
