"""The addresses of llm."""

from django.urls import URLPattern, URLResolver, path

from llm import log_views, views

app_name = "llm"
_ASSISTANT = "orgs/<slug:organization_slug>/settings/assistant"
_LOG = "orgs/<slug:organization_slug>/settings/model-log"
urlpatterns: list[URLPattern | URLResolver] = [
    path(_ASSISTANT, views.assistant, name="assistant"),
    path(f"{_ASSISTANT}/test", views.test_connection, name="test-connection"),
    path(_LOG, log_views.calls, name="calls"),
    path(f"{_LOG}/export", log_views.export, name="export"),
    path(f"{_LOG}/delete", log_views.delete_shown, name="delete-shown"),
    path(f"{_LOG}/<int:call_id>", log_views.call, name="call"),
    path(f"{_LOG}/<int:call_id>/delete", log_views.delete_one, name="delete-one"),
]
