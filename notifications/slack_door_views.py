"""The door of Slack: commands, buttons and windows; Slack waits three seconds for each answer."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from core.errors import ProblemError, TransientError
from integrations.events import SlackButtonPressed, SlackCommandGiven, SlackWindowFilled
from integrations.models import SlackWorkspace
from integrations.slack.client import PATIENCE_AT_THE_DOOR_SECONDS
from integrations.slack_reception import Came, keep, read_request
from integrations.slack_workspaces import slack_of
from integrations.webhook_keys import find_endpoint, organization_of
from integrations.webhook_registry import SLACK
from integrations.webhook_views import WrongMethodError, read_body, refusal
from integrations.webhooks import UnknownEndpointError
from notifications.channels import slack_windows
from notifications.slack_actions import memo_of, window_of_button
from notifications.slack_commands import answer_command, fill_subscription
from tenants.scope import organization_scope

NOT_OPENED = "Slack did not open the window in time; give the command again."


@csrf_exempt
def receive_from_slack(request: HttpRequest, key: str) -> HttpResponse:
    """Answer what somebody does in Slack; what may take longer is kept, and a worker does it."""
    try:
        if request.method != "POST":
            raise WrongMethodError("Events are posted; use POST.")
        body = read_body(request)
        endpoint = find_endpoint(kind=SLACK, key=key)
        if endpoint is None:
            raise UnknownEndpointError
        now = timezone.now()
        with organization_scope(organization_of(endpoint)):
            came = read_request(endpoint=endpoint, headers=request.headers, body=body, now=now)
            return _answer(came)
    except ProblemError as problem:
        return refusal(problem)


def _answer(came: Came) -> HttpResponse:
    event = came.event
    if isinstance(event, SlackCommandGiven):
        return _to_command(event, came.workspace)
    if isinstance(event, SlackButtonPressed):
        return _to_button(event, came)
    if isinstance(event, SlackWindowFilled):
        return _to_window(event, came)
    return HttpResponse()


def _to_command(event: SlackCommandGiven, workspace: SlackWorkspace) -> HttpResponse:
    answer = answer_command(event=event, workspace=workspace, now=timezone.now())
    text = answer.text
    if answer.window is not None:
        text = "" if _opened(workspace, event.trigger, answer.window) else NOT_OPENED
    return JsonResponse({"response_type": "ephemeral", "text": text}) if text else HttpResponse()


def _to_button(event: SlackButtonPressed, came: Came) -> HttpResponse:
    now = timezone.now()
    window = window_of_button(event=event, workspace=came.workspace, now=now)
    if window is None or not _opened(came.workspace, event.trigger, window):
        keep(came, now=now)
    return HttpResponse()


def _to_window(event: SlackWindowFilled, came: Came) -> HttpResponse:
    now = timezone.now()
    if event.window != slack_windows.SUBSCRIBE:
        keep(came, now=now)
        return HttpResponse()
    wrong = fill_subscription(event=event, memo=memo_of(event), workspace=came.workspace, now=now)
    return JsonResponse({"response_action": "errors", "errors": wrong}) if wrong else HttpResponse()


def _opened(workspace: SlackWorkspace, trigger: str, window: Mapping[str, Any]) -> bool:
    """Open a window. It cannot wait for a worker: after three seconds Slack opens it no more."""
    slack = slack_of(workspace, timeout_seconds=PATIENCE_AT_THE_DOOR_SECONDS)
    try:
        slack.open_window(trigger=trigger, view=window)
    except (ProblemError, TransientError):
        return False
    return True
