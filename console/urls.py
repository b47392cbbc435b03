"""The addresses of console."""

from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView, TemplateView

from console import (
    dashboard_views,
    health,
    ignores_views,
    import_views,
    policies_views,
    policy_change_views,
    projects_views,
    quality_views,
    rule_import_views,
    rule_start_views,
    rules_views,
    views,
)

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
    path(
        f"{_ORGANIZATION}/findings/<int:finding_id>/rule/<slug:aim>",
        rule_start_views.rule_from_finding,
        name="rule-from-finding",
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
    path(f"{_ORGANIZATION}/rules", rules_views.rules, name="rules"),
    path(f"{_ORGANIZATION}/rules/import", rule_import_views.import_rules, name="import-rules"),
    path(f"{_ORGANIZATION}/rules/shipped", rule_import_views.add_shipped, name="add-shipped"),
    path(
        f"{_ORGANIZATION}/rules/imports/<int:import_id>",
        rule_import_views.rule_import,
        name="rule-import",
    ),
    path(f"{_ORGANIZATION}/rules/<int:rule_id>", rules_views.rule, name="rule"),
    path(f"{_ORGANIZATION}/rules/<int:rule_id>/fork", rules_views.fork, name="fork-rule"),
    path(f"{_ORGANIZATION}/rules/<int:rule_id>/delete", rules_views.delete, name="delete-rule"),
    path(f"{_ORGANIZATION}/rules/<int:rule_id>/restore", rules_views.restore, name="restore-rule"),
    path(
        f"{_ORGANIZATION}/rules/<int:rule_id>/versions/<int:number>",
        rules_views.rule_version,
        name="rule-version",
    ),
    path(
        f"{_ORGANIZATION}/rules/<int:rule_id>/versions/<int:number>/restore",
        rules_views.restore_earlier,
        name="restore-rule-version",
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
    path(f"{_ORGANIZATION}/policies", policies_views.policies, name="policies"),
    path(f"{_ORGANIZATION}/policies/new", policy_change_views.add_policy, name="add-policy"),
    path(f"{_ORGANIZATION}/policies/<int:policy_id>", policies_views.policy, name="policy"),
    path(
        f"{_ORGANIZATION}/policies/<int:policy_id>/rulesets",
        policies_views.policy_rulesets,
        name="policy-rulesets",
    ),
    path(
        f"{_ORGANIZATION}/policies/<int:policy_id>/changes",
        policies_views.policy_changes,
        name="policy-changes",
    ),
    path(
        f"{_ORGANIZATION}/policies/<int:policy_id>/settings",
        policies_views.policy_settings,
        name="policy-settings",
    ),
    path(
        f"{_ORGANIZATION}/policies/<int:policy_id>/modes",
        policy_change_views.modes,
        name="policy-modes",
    ),
    path(
        f"{_ORGANIZATION}/policies/<int:policy_id>/name",
        policy_change_views.rename,
        name="rename-policy",
    ),
    path(
        f"{_ORGANIZATION}/policies/<int:policy_id>/tags",
        policy_change_views.tag,
        name="tag-policy",
    ),
    path(
        f"{_ORGANIZATION}/policies/<int:policy_id>/delete",
        policy_change_views.delete,
        name="delete-policy",
    ),
    path(
        f"{_ORGANIZATION}/settings/ignored-paths", ignores_views.path_ignores, name="path-ignores"
    ),
    path(
        f"{_ORGANIZATION}/projects/<int:project_id>/ignored-paths",
        ignores_views.project_ignores,
        name="project-ignores",
    ),
    path("favicon.ico", RedirectView.as_view(url="/static/img/mark.svg"), name="favicon"),
]
