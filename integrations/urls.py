"""Where code hosts call us, and the pages of connections."""

from django.urls import path

from integrations import webhook_views

app_name = "integrations"

urlpatterns = [
    path(
        "integrations/<slug:kind>/webhook/<str:key>",
        webhook_views.receive_webhook,
        name="webhook",
    ),
]
