"""The table of doors: one include each."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("api/", include("api.urls")),
    path("", include("rules.urls")),
    path("", include("triage.urls")),
    path("", include("console.urls")),
]
