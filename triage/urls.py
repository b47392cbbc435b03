"""The addresses of triage."""

from django.urls import URLPattern, URLResolver, path

from triage import views

app_name = "triage"
_FINDING = "orgs/<slug:organization_slug>/findings/<int:finding_id>"
urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "orgs/<slug:organization_slug>/findings/triage",
        views.decide_for_selection,
        name="decide-for-selection",
    ),
    path(f"{_FINDING}/verdict", views.verdict_panel, name="verdict-panel"),
    path(f"{_FINDING}/verdict/agree", views.agree, name="agree"),
    path(f"{_FINDING}/verdict/disagree", views.disagree_with_verdict, name="disagree"),
    path(f"{_FINDING}/decision", views.decision_panel, name="decision-panel"),
    path(f"{_FINDING}/decision/save", views.decide, name="decide"),
    path(f"{_FINDING}/notes", views.add_note, name="add-note"),
]
