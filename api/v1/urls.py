"""The addresses of the public API."""

from django.urls import path

from api.v1 import views
from api.v1.docs import DocsView, SchemaView

urlpatterns = [
    path("ping", views.PingView.as_view(), name="v1-ping"),
    path("deployments", views.DeploymentsView.as_view(), name="v1-deployments"),
    path("deployments/<str:deployment>/findings", views.FindingsView.as_view(), name="v1-findings"),
    path("deployments/<str:deployment>/triage", views.TriageView.as_view(), name="v1-triage"),
    path("schema", SchemaView.as_view(), name="v1-schema"),
    path("docs", DocsView.as_view(), name="v1-docs"),
]
