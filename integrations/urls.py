"""Where code hosts call us, and the pages of connections."""

from django.urls import path

from integrations import app_views, connection_views, webhook_views

app_name = "integrations"

_CONNECTIONS = "orgs/<slug:organization_slug>/settings/connections"
_CONNECTION = f"{_CONNECTIONS}/<int:connection_id>"
_APP = f"{_CONNECTIONS}/apps/<int:app_id>"
urlpatterns = [
    path(
        "integrations/<slug:kind>/webhook/<str:key>",
        webhook_views.receive_webhook,
        name="webhook",
    ),
    path(_CONNECTIONS, connection_views.connections, name="connections"),
    path(f"{_CONNECTIONS}/github/app", app_views.connect_app, name="connect-app"),
    path(f"{_CONNECTIONS}/github/created", app_views.app_created, name="app-created"),
    path(f"{_CONNECTIONS}/github/installed", app_views.app_installed, name="app-installed"),
    path(f"{_CONNECTIONS}/<slug:kind>/token", connection_views.connect_token, name="connect-token"),
    path(_CONNECTION, connection_views.connection, name="connection"),
    path(f"{_CONNECTION}/check", connection_views.check, name="check-connection"),
    path(f"{_CONNECTION}/rename", connection_views.rename, name="rename-connection"),
    path(f"{_CONNECTION}/token/change", connection_views.change_token, name="change-token"),
    path(f"{_CONNECTION}/webhook", connection_views.show_webhook, name="show-webhook"),
    path(
        f"{_CONNECTION}/events/<int:receipt_id>/retry",
        connection_views.retry_event,
        name="retry-event",
    ),
    path(f"{_CONNECTION}/remove", connection_views.remove, name="remove-connection"),
    path(_APP, app_views.app, name="app"),
    path(f"{_APP}/install", app_views.install_app, name="install-app"),
    path(f"{_APP}/find", app_views.find_installations, name="find-installations"),
    path(f"{_APP}/add", app_views.add_installation, name="add-installation"),
    path(f"{_APP}/remove", app_views.remove_idle_app, name="remove-app"),
]
