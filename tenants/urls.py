"""The addresses of tenants."""

from django.urls import URLPattern, URLResolver, path

from tenants import organization_views, views

app_name = "tenants"
_TOKENS = "orgs/<slug:organization_slug>/settings/tokens"
urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "orgs/<slug:organization_slug>/settings/general",
        organization_views.general,
        name="general",
    ),
    path(_TOKENS, views.tokens, name="tokens"),
    path(f"{_TOKENS}/<int:token_id>/revoke", views.revoke, name="revoke-token"),
]
