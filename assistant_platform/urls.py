"""The table of doors: one include each."""

from django.urls import include, path

# Programs get their errors as JSON, people as a page.
handler500 = "api.errors.server_error"
urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("api/", include("api.urls")),
    path("", include("api.urls_root")),
    path("", include("tenants.urls")),
    path("", include("llm.urls")),
    # Before those of code hosts: Slack's door answers people at once.
    path("", include("notifications.urls")),
    path("", include("integrations.urls")),
    path("", include("rules.urls")),
    path("", include("memories.urls")),
    path("", include("triage.urls")),
    path("", include("remediation.urls")),
    path("", include("console.urls")),
]
