"""The way to a GitHub App: its manifest, what GitHub answers, and where it is installed."""

from http import HTTPStatus
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import ProblemError
from core.numbers import id_of
from integrations import app_flow
from integrations.connection_views import check_and_tell
from integrations.connections import remove_app
from integrations.forms import HOMES, AppForm
from integrations.manifests import Traveler
from integrations.models import ConnectionKind
from integrations.overview import connection_of_installation, get_app, own_address_problem
from tenants.audit import Actor
from tenants.permissions import MemberRequest, Permission, requires

LONGEST_CODE = 200


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_CONNECTIONS)
def connect_app(request: MemberRequest) -> HttpResponseBase:
    """Ask where the app shall be; a POST shows what goes to GitHub, and its button sends it."""
    form = AppForm(request.POST if request.method == "POST" else None, kind=ConnectionKind.GITHUB)
    if not form.is_bound or not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
        context = {
            "form": form,
            "home": HOMES[ConnectionKind.GITHUB],
            "own_address_problem": own_address_problem(),
        }
        return render(request, "integrations/connect_app.html", context, status=status)
    step = app_flow.begin_app(
        wanted=app_flow.Place(**form.cleaned_data),
        organization=request.organization,
        traveler=_traveler(request),
        now=timezone.now(),
    )
    context = {"step": step, "host": urlsplit(step.address).netloc}
    response = render(request, "integrations/create_app.html", context)
    return _allowing_form_to(request, response, step.address)


@never_cache
@require_safe
@requires(Permission.MANAGE_CONNECTIONS)
def app_created(request: MemberRequest) -> HttpResponse:
    """Take what GitHub made of the manifest: it hands back a code, good once."""
    app = app_flow.finish_app(
        code=request.GET.get("code", "")[:LONGEST_CODE],
        state=request.GET.get("state", ""),
        traveler=_traveler(request),
        actor=_actor(request),
        now=timezone.now(),
    )
    messages.success(request, f"{app.name} exists. Install it where your repositories are.")
    return redirect("integrations:app", request.organization.slug, app.pk)


@require_safe
@requires(Permission.MANAGE_CONNECTIONS)
def app(request: MemberRequest, app_id: int) -> HttpResponse:
    """Show an app and how to install it."""
    return render(request, "integrations/app.html", {"app": get_app(app_id)})


@never_cache
@require_safe
@requires(Permission.MANAGE_CONNECTIONS)
def install_app(request: MemberRequest, app_id: int) -> HttpResponse:
    """Lead to GitHub, where the app's repositories are chosen."""
    address = app_flow.begin_installation(
        app=get_app(app_id), traveler=_traveler(request), now=timezone.now()
    )
    return redirect(address)


@never_cache
@require_safe
@requires(Permission.MANAGE_CONNECTIONS)
def app_installed(request: MemberRequest) -> HttpResponse:
    """Take up the installation that GitHub names, where the way to it was begun here."""
    installation_id = id_of(request.GET.get("installation_id", "")) or 0
    home = redirect("integrations:connections", request.organization.slug)
    if request.GET.get("setup_action") == "request":
        messages.info(request, "An owner at GitHub has to agree; then look for installations.")
        return home
    known = connection_of_installation(installation_id)
    if known is not None and "state" not in request.GET:
        # GitHub also leads here who changed an installation there.
        return redirect("integrations:connection", request.organization.slug, known.pk)
    try:
        connection = app_flow.finish_installation(
            state=request.GET.get("state", ""),
            installation_id=installation_id,
            traveler=_traveler(request),
            actor=_actor(request),
            now=timezone.now(),
        )
    except ProblemError as error:
        messages.error(request, error.detail)
        return home
    check_and_tell(request, connection.pk)
    return redirect("integrations:connection", request.organization.slug, connection.pk)


@require_POST
@requires(Permission.MANAGE_CONNECTIONS)
def find_installations(request: MemberRequest, app_id: int) -> HttpResponse:
    """Ask GitHub where an app is installed, and offer what is not connected yet."""
    found = get_app(app_id)
    context = {"app": found, "offers": app_flow.offers_of(found), "was_asked": True}
    return render(request, "integrations/app.html", context)


@require_POST
@requires(Permission.MANAGE_CONNECTIONS)
def add_installation(request: MemberRequest, app_id: int) -> HttpResponse:
    """Connect an installation that an admin chose from what GitHub named."""
    connection = app_flow.add_installation(
        app=get_app(app_id),
        installation_id=id_of(request.POST.get("installation_id", "")) or 0,
        actor=_actor(request),
    )
    check_and_tell(request, connection.pk)
    return redirect("integrations:connection", request.organization.slug, connection.pk)


@require_POST
@requires(Permission.MANAGE_CONNECTIONS)
def remove_idle_app(request: MemberRequest, app_id: int) -> HttpResponse:
    """Delete the keys of an app that no connection uses."""
    name = remove_app(app_id=app_id, actor=_actor(request))
    messages.success(request, f"{name} is removed here; delete it at GitHub, too.")
    return redirect("integrations:connections", request.organization.slug)


def _allowing_form_to(
    request: HttpRequest, response: HttpResponse, address: str
) -> HttpResponseBase:
    """Let the forms of this one page go to the host of `address`, and to no other."""
    parts = urlsplit(address)
    allow = csp_update({"form-action": [f"{parts.scheme}://{parts.netloc}"]})
    return allow(lambda _request: response)(request)


def _traveler(request: MemberRequest) -> Traveler:
    return Traveler(organization_id=request.organization.pk, user_id=request.member.user_id)


def _actor(request: MemberRequest) -> Actor:
    return Actor.person(request.member.user)
