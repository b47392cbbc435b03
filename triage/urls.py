"""The addresses of triage."""

from django.urls import URLPattern, URLResolver, path

from triage import memory_views, views

app_name = "triage"
_FINDING = "orgs/<slug:organization_slug>/findings/<int:finding_id>"
_MEMORY = "orgs/<slug:organization_slug>/memories/<int:memory_id>"
urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{_MEMORY}/preview", memory_views.preview, name="memory-preview"),
    path(f"{_MEMORY}/apply", memory_views.apply, name="apply-memory"),
    path(
        "orgs/<slug:organization_slug>/findings/triage",
        views.decide_for_selection,
        name="decide-for-selection",
    ),
    path(
        "orgs/<slug:organization_slug>/findings/analysis",
        views.offer_analysis,
        name="offer-analysis",
    ),
    path(
        "orgs/<slug:organization_slug>/findings/analysis/start",
        views.start_analysis,
        name="start-analysis",
    ),
    path(f"{_FINDING}/verdict", views.verdict_panel, name="verdict-panel"),
    path(f"{_FINDING}/verdict/agree", views.agree, name="agree"),
    path(f"{_FINDING}/verdict/rate", views.rate, name="rate"),
    path(f"{_FINDING}/decision", views.decision_panel, name="decision-panel"),
    path(f"{_FINDING}/decision/save", views.decide, name="decide"),
    path(f"{_FINDING}/notes", views.add_note, name="add-note"),
]
