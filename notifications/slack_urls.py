"""The addresses of Slack: its door, the settings, and linking an account."""

from django.urls import URLPattern, path

from notifications import slack_account_views, slack_door_views, slack_views

_ORGANIZATION = "orgs/<slug:organization_slug>"
_SLACK = f"{_ORGANIZATION}/settings/slack"
_ONE = f"{_SLACK}/<int:workspace_id>"
patterns: list[URLPattern] = [
    path(
        "integrations/slack/webhook/<str:key>",
        slack_door_views.receive_from_slack,
        name="slack-door",
    ),
    path(_SLACK, slack_views.slack, name="slack"),
    path(f"{_SLACK}/begin", slack_views.begin, name="slack-begin"),
    path(f"{_SLACK}/installed", slack_views.installed, name="slack-installed"),
    path(f"{_ONE}/app", slack_views.keep_app, name="slack-keep-app"),
    path(f"{_ONE}/install", slack_views.install, name="slack-install"),
    path(f"{_ONE}/token", slack_views.install_with_token, name="slack-token"),
    path(f"{_ONE}/check", slack_views.check, name="slack-check"),
    path(f"{_ONE}/send-again", slack_views.send_again, name="slack-send-again"),
    path(f"{_ONE}/commands", slack_views.name_commands, name="slack-commands"),
    path(f"{_ONE}/remove", slack_views.remove, name="slack-remove"),
    path(
        f"{_SLACK}/channels/<int:subscription_id>/test",
        slack_views.send_test_message,
        name="slack-test",
    ),
    path(
        f"{_SLACK}/people/<int:account_id>/unlink",
        slack_views.unlink_account,
        name="slack-unlink",
    ),
    path(
        f"{_ORGANIZATION}/slack/link/<str:token>",
        slack_account_views.link_account,
        name="slack-link",
    ),
]
