"""The addresses of tenants."""

from django.urls import URLPattern, URLResolver, path

from tenants import views

app_name = "tenants"
_TOKENS = "orgs/<slug:organization_slug>/settings/tokens"
urlpatterns: list[URLPattern | URLResolver] = [
    path(_TOKENS, views.tokens, name="tokens"),
    path(f"{_TOKENS}/<int:token_id>/revoke", views.revoke, name="revoke-token"),
]
