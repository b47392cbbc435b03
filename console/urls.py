"""The addresses of console."""

from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView, TemplateView

from console import dashboard_views, health, import_views, projects_views, quality_views, views

app_name = "console"
_ORGANIZATION = "orgs/<slug:organization_slug>"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path(
        "robots.txt",
        TemplateView.as_view(template_name="robots.txt", content_type="text/plain"),
        name="robots",
    ),
    path(f"{_ORGANIZATION}/dashboard", dashboard_views.dashboard, name="dashboard"),
    path(f"{_ORGANIZATION}/findings", views.findings, name="findings"),
    path(f"{_ORGANIZATION}/findings/progress", views.progress, name="progress"),
    path(f"{_ORGANIZATION}/findings/<int:finding_id>", views.finding, name="finding"),
    path(f"{_ORGANIZATION}/findings/<int:finding_id>/activity", views.activity, name="activity"),
    path(
        f"{_ORGANIZATION}/findings/<int:finding_id>/code/<int:instance_id>",
        views.code,
        name="code",
    ),
    path(f"{_ORGANIZATION}/scans", views.scans, name="scans"),
    path(f"{_ORGANIZATION}/scans/<int:scan_id>", views.scan, name="scan"),
    path(f"{_ORGANIZATION}/projects", projects_views.projects, name="projects"),
    path(f"{_ORGANIZATION}/projects/import", import_views.import_page, name="import"),
    path(
        f"{_ORGANIZATION}/projects/import/chosen", import_views.import_chosen, name="import-chosen"
    ),
    path(f"{_ORGANIZATION}/projects/import/one", import_views.import_one, name="import-one"),
    path(f"{_ORGANIZATION}/projects/<int:project_id>", projects_views.project, name="project"),
    path(
        f"{_ORGANIZATION}/projects/<int:project_id>/checklist",
        projects_views.checklist,
        name="checklist",
    ),
    path(
        f"{_ORGANIZATION}/projects/<int:project_id>/edit",
        projects_views.edit_project,
        name="edit-project",
    ),
    path(
        f"{_ORGANIZATION}/projects/<int:project_id>/archive",
        projects_views.archive,
        name="archive-project",
    ),
    path(f"{_ORGANIZATION}/quality", quality_views.quality, name="quality"),
    path(
        f"{_ORGANIZATION}/quality/evaluations", quality_views.start_evaluation, name="evaluations"
    ),
    path(
        f"{_ORGANIZATION}/quality/evaluations/<int:evaluation_id>",
        quality_views.evaluation,
        name="evaluation",
    ),
    path(
        f"{_ORGANIZATION}/supply-chain",
        views.moved,
        {"page": "supply-chain"},
        name="supply-chain-short",
    ),
    path(
        f"{_ORGANIZATION}/supply-chain/vulnerabilities",
        views.moved,
        {"page": "supply-chain"},
        name="supply-chain",
    ),
    path(f"{_ORGANIZATION}/secrets", views.moved, {"page": "secrets"}, name="secrets"),
    path(f"{_ORGANIZATION}/policies", views.moved, {"page": "policies"}, name="policies"),
    path("favicon.ico", RedirectView.as_view(url="/static/img/mark.svg"), name="favicon"),
]
