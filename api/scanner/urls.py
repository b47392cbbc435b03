"""The addresses of the scanner's protocol; none ends in a slash, and none redirects."""

from django.urls import path

from api.scanner import engine_views, views

urlpatterns = [
    path("cli/v2/scans", views.create_scan, name="scan-create"),
    path("cli/v2/scans/<str:unique_id>/config", views.read_configuration, name="scan-config"),
    path("cli/scans", views.create_scan_at_once, name="scan-create-v1"),
    path("agent/scans/<str:scan_id>/results", views.receive_results, name="scan-results"),
    path("agent/scans/<str:scan_id>/complete", views.complete, name="scan-complete"),
    path("agent/scans/<str:scan_id>/error", views.receive_error, name="scan-error"),
    path("agent/deployments/current", engine_views.current_deployment, name="deployment"),
    path("agent/deployments/deepbinary/<str:platform>", engine_views.refuse_engine, name="engine"),
    path("check-version", engine_views.check_version, name="check-version"),
]
