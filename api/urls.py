"""The addresses below `/api/`; what none of them has is refused in JSON."""

from django.urls import include, path, re_path

from api.errors import unknown_path

app_name = "api"
urlpatterns = [
    path("", include("api.scanner.urls")),
    path("v1/", include("api.v1.urls")),
    re_path(r"^(?P<rest>.*)$", unknown_path, name="unknown"),
]
