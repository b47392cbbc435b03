"""The page that makes projects of repositories."""

from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from console.importing import Choices, choices_of
from console.project_forms import ImportForm
from core.errors import InvalidInputError
from core.numbers import id_of
from integrations.imports import Imported, import_repositories
from integrations.models import Connection
from integrations.overview import get_connection, usable_connections
from tenants.audit import Actor
from tenants.permissions import MemberRequest, Permission, requires

LONGEST_TEXT = 200
MOST_PAGES = 10_000


@require_safe
@requires(Permission.MANAGE_PROJECTS)
def import_page(request: MemberRequest) -> HttpResponse:
    """Offer the repositories of a connection."""
    return _page(request)


@require_POST
@requires(Permission.MANAGE_PROJECTS)
def import_chosen(request: MemberRequest) -> HttpResponse:
    """Import what was chosen; htmx gets a list that does it one after the other, and shows it."""
    form = ImportForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form)
    connection = get_connection(form.cleaned_data["connection"])
    context = {"connection": connection, "tags": ", ".join(form.cleaned_data["tags"])}
    if request.headers.get("HX-Request") == "true":
        context["names"] = form.cleaned_data["names"]
        response = render(request, "console/_import_progress.html", context)
    else:
        context["outcomes"] = _imported(request, form)
        response = render(request, "console/import_result.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
@requires(Permission.MANAGE_PROJECTS)
def import_one(request: MemberRequest) -> HttpResponse:
    """Import one repository of the list, and say how it went."""
    form = ImportForm(request.POST)
    if not form.is_valid():
        raise InvalidInputError("repository: this is none of the list; load the page again.")
    outcome = _imported(request, form)[0]
    return render(request, "console/_import_outcome.html", {"outcome": outcome})


def _imported(request: MemberRequest, form: ImportForm) -> list[Imported]:
    return import_repositories(
        connection_id=form.cleaned_data["connection"],
        full_names=form.cleaned_data["names"],
        tags=form.cleaned_data["tags"],
        actor=Actor.person(request.member.user),
        now=timezone.now(),
    )


def _page(request: MemberRequest, form: ImportForm | None = None) -> HttpResponse:
    query = request.GET if form is None else request.POST
    offered = list(usable_connections())
    chosen = _chosen(offered, query.get("connection", ""))
    number = min(id_of(query.get("page", "")) or 1, MOST_PAGES)
    text = query.get("q", "").replace("\0", "").strip()[:LONGEST_TEXT]
    found = Choices()
    if chosen is not None:
        found = choices_of(connection=chosen, page=number, text=text, now=timezone.now())
    context = {
        "connections": offered,
        "connection": chosen,
        "found": found,
        "number": number,
        "text": text,
        "form": form,
    }
    status = HTTPStatus.OK if form is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "console/import.html", context, status=status)


def _chosen(offered: list[Connection], text: str) -> Connection | None:
    """Return the connection that the address names, else the only one there is."""
    if text:
        return get_connection(id_of(text) or 0)
    return offered[0] if len(offered) == 1 else None
