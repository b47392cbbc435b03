"""The scanner's addresses outside `/api/`, where it alone looks for them."""

from django.urls import path

from api.scanner import engine_views, rule_views

urlpatterns = [
    path("failure", engine_views.receive_failure, name="failure"),
    path("c/p/semgrep-rule-lints", rule_views.rule_lints, name="rule-lints"),
    path("c/p/<str:slug>", rule_views.rules_of_one_policy, name="rules-of-policy"),
    path("c/r/<str:rule_id>", rule_views.rule_by_id, name="rule-by-id"),
]
