"""The addresses of remedies."""

from django.urls import URLPattern, URLResolver, path

from remediation import views

app_name = "remediation"
_FINDING = "orgs/<slug:organization_slug>/findings/<int:finding_id>"
urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{_FINDING}/remedy", views.remedy_panel, name="remedy-panel"),
    path(f"{_FINDING}/remedy/progress", views.remedy_progress, name="remedy-progress"),
    path(f"{_FINDING}/fix-request", views.fix_request, name="fix-request"),
    path(f"{_FINDING}/fixes/<int:fix_id>/request", views.request_fix, name="request-fix"),
    path(f"{_FINDING}/remedy/regenerate", views.regenerate, name="regenerate"),
    path(f"{_FINDING}/remedy/customize", views.customize, name="customize"),
    path(f"{_FINDING}/guidance/rate", views.give_guidance_feedback, name="rate-guidance"),
    path(f"{_FINDING}/fix/rate", views.give_fix_feedback, name="rate-fix"),
    path(f"{_FINDING}/fixes/<int:fix_id>", views.fix_diff, name="fix-diff"),
    path(f"{_FINDING}/fixes/<int:fix_id>.patch", views.fix_patch, name="fix-patch"),
]
