"""The page Settings, Slack: making the app, installing it, its channels and people."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from core.errors import NotFoundError, ProblemError, TransientError
from integrations import slack_workspaces as services
from integrations.models import ConnectionState
from integrations.overview import own_address_problem
from integrations.slack_accounts import unlink
from notifications.models import Channel
from notifications.slack_commands import send_test
from notifications.slack_dead_letters import SlackBrokenError, send_held_back
from notifications.slack_forms import SlackAppForm, SlackCommandsForm, SlackTokenForm
from notifications.slack_showing import redirect_url, shown_workspaces
from notifications.subscribers import get_subscription
from tenants.audit import Actor
from tenants.permissions import MemberRequest, Permission, may, requires

LONGEST_CODE = 500
NOT_ANSWERED = "{error} Nothing was changed; try again in a minute."


@never_cache
@require_safe
@requires(Permission.MANAGE_NOTIFICATIONS)
def slack(request: MemberRequest) -> HttpResponse:
    """Show the workspaces and how to connect one."""
    return _page(request)


@require_POST
@requires(Permission.MANAGE_NOTIFICATIONS)
def begin(request: MemberRequest) -> HttpResponse:
    """Make the address that the app's manifest needs, and show the steps."""
    services.begin_workspace(actor=_actor(request), now=timezone.now())
    return _home(request)


@sensitive_post_parameters()
@require_POST
@requires(Permission.MANAGE_NOTIFICATIONS)
def keep_app(request: MemberRequest, workspace_id: int) -> HttpResponse:
    """Keep what Slack shows of the app, and lead on to Slack."""
    services.get_workspace(workspace_id)
    form = SlackAppForm(request.POST)
    if not form.is_valid():
        return _refused(request, workspace_id, "app_form", form)
    services.keep_app(workspace_id=workspace_id, actor=_actor(request), **form.cleaned_data)
    return redirect("notifications:slack-install", request.organization.slug, workspace_id)


@never_cache
@require_safe
@requires(Permission.MANAGE_NOTIFICATIONS)
def install(request: MemberRequest, workspace_id: int) -> HttpResponse:
    """Lead to Slack, where the app is installed."""
    address = services.way_to_slack(
        workspace=services.get_workspace(workspace_id),
        user_id=request.member.user_id,
        redirect_url=redirect_url(request.organization),
        now=timezone.now(),
    )
    return redirect(address)


@never_cache
@require_safe
@requires(Permission.MANAGE_NOTIFICATIONS)
def installed(request: MemberRequest) -> HttpResponse:
    """Take what Slack sends along: a code, good once, or that somebody declined."""
    if "error" in request.GET:
        messages.error(request, "Slack says that the app was not installed; nothing was changed.")
        return _home(request)
    try:
        row = services.finish_install(
            code=request.GET.get("code", "")[:LONGEST_CODE],
            state=request.GET.get("state", ""),
            organization=request.organization,
            redirect_url=redirect_url(request.organization),
            actor=_actor(request),
            now=timezone.now(),
        )
    except ProblemError as error:
        messages.error(request, error.detail)
    except TransientError as error:
        messages.error(request, f"{error} Nothing was installed; press Install again.")
    else:
        messages.success(request, f"{row} is connected. Subscribe a channel in Slack.")
    return _home(request)


@sensitive_post_parameters()
@require_POST
@requires(Permission.MANAGE_NOTIFICATIONS)
def install_with_token(request: MemberRequest, workspace_id: int) -> HttpResponse:
    """Install by a bot token, once Slack has taken it."""
    services.get_workspace(workspace_id)
    form = SlackTokenForm(request.POST)
    if form.is_valid():
        try:
            row = services.install_with_token(
                workspace_id=workspace_id,
                actor=_actor(request),
                now=timezone.now(),
                **form.cleaned_data,
            )
        except ProblemError as error:
            form.add_error("bot_token", error.detail)
        except TransientError as error:
            form.add_error("bot_token", NOT_ANSWERED.format(error=error))
        else:
            messages.success(request, f"{row} is connected. Subscribe a channel in Slack.")
            return _home(request)
    return _refused(request, workspace_id, "token_form", form)


@require_POST
@requires(Permission.MANAGE_NOTIFICATIONS)
def check(request: MemberRequest, workspace_id: int) -> HttpResponse:
    """Ask Slack whether it still lets us in."""
    row = services.check_workspace(workspace_id=workspace_id, now=timezone.now())
    if row.state == ConnectionState.WORKING and not row.problem:
        messages.success(request, f"Slack answers for {row}.")
    else:
        messages.error(request, row.problem)
    return _home(request)


@require_POST
@requires(Permission.MANAGE_NOTIFICATIONS)
def send_again(request: MemberRequest, workspace_id: int) -> HttpResponse:
    """Send again what was not sent because of the token; workers do it."""
    try:
        count = send_held_back(workspace_id=workspace_id, actor=_actor(request), now=timezone.now())
    except SlackBrokenError as error:
        messages.error(request, error.detail)
        return _home(request)
    said = "1 message is" if count == 1 else f"{count or 'No'} messages are"
    messages.success(request, f"{said} being sent again; Deliveries shows what becomes of it.")
    return _home(request)


@require_POST
@requires(Permission.MANAGE_NOTIFICATIONS)
def name_commands(request: MemberRequest, workspace_id: int) -> HttpResponse:
    """Give the commands other names."""
    services.get_workspace(workspace_id)
    form = SlackCommandsForm(request.POST)
    if form.is_valid():
        try:
            services.name_commands(
                workspace_id=workspace_id,
                subscribe=form.cleaned_data["subscribe_command"],
                unsubscribe=form.cleaned_data["unsubscribe_command"],
                actor=_actor(request),
            )
        except ProblemError as error:
            form.add_error(error.field, error.detail)
        else:
            messages.success(request, "Saved. Paste the new manifest into the app at Slack.")
            return _home(request)
    return _refused(request, workspace_id, "commands_form", form)


@require_POST
@requires(Permission.MANAGE_NOTIFICATIONS)
def remove(request: MemberRequest, workspace_id: int) -> HttpResponse:
    """Forget a workspace with its subscriptions."""
    name = services.remove_workspace(workspace_id=workspace_id, actor=_actor(request))
    messages.success(request, f"{name} is removed here; delete the app at Slack, too.")
    return _home(request)


@require_POST
@requires(Permission.MANAGE_NOTIFICATIONS)
def send_test_message(request: MemberRequest, subscription_id: int) -> HttpResponse:
    """Send a message that proves that messages arrive; a worker does it."""
    row = get_subscription(subscription_id)
    if row.channel != Channel.SLACK:
        raise NotFoundError("There is no such channel of Slack.")
    now = timezone.now()
    send_test(subscription=row, key=f"test:{row.pk}:{now:%Y%m%dT%H%M%S}", now=now)
    messages.success(request, f"A test message is on its way to {row}.")
    return _home(request)


@require_POST
@requires(Permission.VIEW)
def unlink_account(request: MemberRequest, account_id: int) -> HttpResponse:
    """Forget who somebody in Slack is; members their own, admins anybody's."""
    manages = may(request.member, Permission.MANAGE_NOTIFICATIONS)
    unlink(account_id=account_id, member=request.member, may_any=manages, actor=_actor(request))
    messages.success(request, "The link is gone: Slack's buttons ask to link anew.")
    if manages:
        return _home(request)
    return redirect("console:findings", request.organization.slug)


def _refused(
    request: MemberRequest, workspace_id: int, name: str, form: forms.Form
) -> HttpResponse:
    context = {"refused_id": workspace_id, name: form}
    return _page(request, context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _page(
    request: MemberRequest,
    more: dict[str, Any] | None = None,
    *,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    context = {
        "shown": shown_workspaces(request.organization, now=timezone.now()),
        "own_address_problem": own_address_problem(),
        **(more or {}),
    }
    return render(request, "notifications/slack.html", context, status=status)


def _home(request: MemberRequest) -> HttpResponse:
    return redirect("notifications:slack", request.organization.slug)


def _actor(request: MemberRequest) -> Actor:
    return Actor.person(request.member.user)
