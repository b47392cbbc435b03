"""The addresses of the public API."""

from django.urls import path

from api.v1 import policy_views, views
from api.v1.docs import DocsView, SchemaView

urlpatterns = [
    path("ping", views.PingView.as_view(), name="v1-ping"),
    path("deployments", views.DeploymentsView.as_view(), name="v1-deployments"),
    path("deployments/<str:deployment>/findings", views.FindingsView.as_view(), name="v1-findings"),
    path("deployments/<str:deployment>/triage", views.TriageView.as_view(), name="v1-triage"),
    path(
        "deployments/<str:deployment>/policies",
        policy_views.PoliciesView.as_view(),
        name="v1-policies",
    ),
    path(
        "deployments/<str:deployment>/policies/<int:policy_id>",
        policy_views.PolicyView.as_view(),
        name="v1-policy",
    ),
    path("schema", SchemaView.as_view(), name="v1-schema"),
    path("docs", DocsView.as_view(), name="v1-docs"),
]
