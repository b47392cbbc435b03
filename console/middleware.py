"""Turns refusals into pages, and into fragments where htmx asked."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from core.errors import ProblemError, TransientError

PROGRAMS = "/api/"
BUSY = (
    "Another system that this page needs does not answer at the moment. Nothing was changed;"
    " try again in a minute."
)


class ProblemMiddleware:
    """Turns a ProblemError of a view into a page that says what to do.

    A fragment's request that meets a closed session gets the whole page anew, which then asks
    to sign in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        response = self.get_response(request)
        location = response.headers.get("Location", "")
        if _is_fragment(request) and location.startswith(reverse("account_login")):
            response = HttpResponse(status=HTTPStatus.UNAUTHORIZED)
            response.headers["HX-Refresh"] = "true"
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the page of a refusal; anything else, and what programs asked, goes on."""
        if request.path.startswith(PROGRAMS):
            return None
        if isinstance(exception, TransientError):
            return _problem_page(request, HTTPStatus.SERVICE_UNAVAILABLE, BUSY)
        if isinstance(exception, ProblemError):
            return _problem_page(request, exception.status, exception.detail)
        return None


def _problem_page(request: HttpRequest, status: HTTPStatus, detail: str) -> HttpResponse:
    template = "console/_problem.html" if _is_fragment(request) else "console/problem.html"
    context = {"status": status.value, "phrase": status.phrase, "detail": detail}
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _is_fragment(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"
