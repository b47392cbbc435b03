"""The addresses of the rule editor."""

from django.urls import URLPattern, URLResolver, path

from rules import draft_views, editor_views, trial_views

app_name = "rules"
_EDITOR = "orgs/<slug:organization_slug>/rules/editor"
urlpatterns: list[URLPattern | URLResolver] = [
    path(_EDITOR, editor_views.editor, name="editor"),
    path(f"{_EDITOR}/check", editor_views.check, name="check"),
    path(f"{_EDITOR}/save", editor_views.save, name="save"),
    path(f"{_EDITOR}/policy", editor_views.add_to_policy, name="add-to-policy"),
    path(f"{_EDITOR}/trials", trial_views.trials, name="trials"),
    path(f"{_EDITOR}/trials/<int:trial_id>", trial_views.trial, name="trial"),
    path(f"{_EDITOR}/drafts", draft_views.drafts, name="drafts"),
    path(f"{_EDITOR}/drafts/<int:draft_id>", draft_views.draft, name="draft"),
]
