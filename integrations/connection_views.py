"""The pages Settings, Connections, and connecting by token."""

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import InvalidInputError, TransientError
from integrations import connections as services
from integrations.checking import check_connection
from integrations.connections import TokenConnection
from integrations.forms import HOMES, NewTokenForm, RenameForm, TokenConnectionForm
from integrations.models import Connection, ConnectionKind, ConnectionState
from integrations.overview import (
    connections_of_organization,
    endpoint_of,
    facts_of,
    get_connection,
    idle_apps,
    own_address_problem,
)
from integrations.webhooks import endpoint_secret, endpoint_url, process_again
from tenants.audit import Actor, record_audit_event
from tenants.permissions import MemberRequest, Permission, requires


@require_safe
@requires(Permission.MANAGE_CONNECTIONS)
def connections(request: MemberRequest) -> HttpResponse:
    """List the connections, how well they work, and the ways to add one."""
    context = {
        "connections": connections_of_organization(),
        "idle_apps": idle_apps(),
        "own_address_problem": own_address_problem(),
    }
    return render(request, "integrations/connections.html", context)


@require_safe
@requires(Permission.MANAGE_CONNECTIONS)
def connection(request: MemberRequest, connection_id: int) -> HttpResponse:
    """Show one connection."""
    return _page(request, get_connection(connection_id))


@never_cache
@sensitive_post_parameters("token", "ca_bundle")
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_CONNECTIONS)
def connect_token(request: MemberRequest, kind: str) -> HttpResponse:
    """Ask for a token; a POST stores it and asks the code host what it may do."""
    if kind not in HOMES:
        raise Http404
    chosen = ConnectionKind(kind)
    form = TokenConnectionForm(request.POST if request.method == "POST" else None, kind=chosen)
    if form.is_bound and form.is_valid():
        try:
            wanted = TokenConnection(kind=chosen, **form.cleaned_data)
            added = services.connect_by_token(wanted=wanted, actor=_actor(request))
        except InvalidInputError as error:
            form.add_error(error.field, error.detail.partition(": ")[2])
        else:
            check_and_tell(request, added.pk)
            return redirect("integrations:connection", request.organization.slug, added.pk)
    context = {"form": form, "kind": chosen, "home": HOMES[chosen]}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "integrations/connect_token.html", context, status=status)


@require_POST
@requires(Permission.MANAGE_CONNECTIONS)
def check(request: MemberRequest, connection_id: int) -> HttpResponse:
    """Ask the code host what a connection may do; htmx gets the answer alone."""
    check_and_tell(request, connection_id)
    found = get_connection(connection_id)
    if request.headers.get("HX-Request") != "true":
        return redirect("integrations:connection", request.organization.slug, found.pk)
    context = {"connection": found, "is_fragment": True}
    return render(request, "integrations/_state.html", context)


@require_POST
@requires(Permission.MANAGE_CONNECTIONS)
def rename(request: MemberRequest, connection_id: int) -> HttpResponse:
    """Give a connection another name."""
    form = RenameForm(request.POST)
    if form.is_valid():
        try:
            services.rename_connection(
                connection_id=connection_id, actor=_actor(request), **form.cleaned_data
            )
        except InvalidInputError as error:
            form.add_error("name", error.detail.partition(": ")[2])
        else:
            messages.success(request, "The connection has its new name.")
            return redirect("integrations:connection", request.organization.slug, connection_id)
    return _page(request, get_connection(connection_id), rename_form=form)


@never_cache
@sensitive_post_parameters("token")
@require_POST
@requires(Permission.MANAGE_CONNECTIONS)
def change_token(request: MemberRequest, connection_id: int) -> HttpResponse:
    """Have a connection sign in with another token, and ask what that may do."""
    found, form = get_connection(connection_id), NewTokenForm(request.POST)
    if not form.is_valid():
        return _page(request, found, token_form=form)
    services.change_token(
        connection_id=connection_id, token=form.cleaned_data["token"], actor=_actor(request)
    )
    check_and_tell(request, connection_id)
    return redirect("integrations:connection", request.organization.slug, connection_id)


@never_cache
@require_POST
@requires(Permission.MANAGE_CONNECTIONS)
def show_webhook(request: MemberRequest, connection_id: int) -> HttpResponse:
    """Show the webhook's address and secret, for who enters them at the code host."""
    found = get_connection(connection_id)
    endpoint = endpoint_of(found)
    if endpoint is None or found.app_id is not None:
        raise Http404
    record_audit_event(
        actor=_actor(request), action="connection.webhook_shown", object_label=str(found)
    )
    hook = {"url": endpoint_url(endpoint), "secret": endpoint_secret(endpoint)}
    return _page(request, found, hook=hook)


@require_POST
@requires(Permission.MANAGE_CONNECTIONS)
def retry_event(request: MemberRequest, connection_id: int, receipt_id: int) -> HttpResponse:
    """Have an event that failed processed once more."""
    found = get_connection(connection_id)
    try:
        process_again(receipt_id=receipt_id, now=timezone.now())
    except InvalidInputError as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, "The event is being processed again.")
    return redirect("integrations:connection", request.organization.slug, found.pk)


@require_POST
@requires(Permission.MANAGE_CONNECTIONS)
def remove(request: MemberRequest, connection_id: int) -> HttpResponse:
    """Delete a connection with its credentials."""
    name = services.remove_connection(connection_id=connection_id, actor=_actor(request))
    messages.success(request, f"{name} is removed. Projects and findings are still here.")
    return redirect("integrations:connections", organization_slug=request.organization.slug)


def check_and_tell(request: MemberRequest, connection_id: int) -> None:
    """Ask the code host, and say how it went in a message."""
    try:
        found = check_connection(
            connection_id=connection_id, now=timezone.now(), actor=_actor(request)
        )
    except TransientError:
        messages.error(request, "The code host does not answer at the moment; check again later.")
        return
    if found.state == ConnectionState.WORKING:
        messages.success(request, f"{found.name} works.")
    elif found.state in {ConnectionState.LIMITED, ConnectionState.BROKEN}:
        messages.error(request, f"{found.name}: {found.get_state_display().lower()}.")


def _page(request: HttpRequest, found: Connection, **extra: object) -> HttpResponse:
    """Show the page of a connection; a form that was refused comes back with its errors."""
    context = {"connection": found, "facts": facts_of(found), **extra}
    is_refused = "rename_form" in extra or "token_form" in extra
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_refused else HTTPStatus.OK
    return render(request, "integrations/connection.html", context, status=status)


def _actor(request: MemberRequest) -> Actor:
    return Actor.person(request.member.user)
