"""The public API's door: an API token opens the scope of its own organization and no other."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from pydantic import BaseModel
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from api.errors import busy_response, problem_response
from core.errors import NotFoundError, ProblemError, TransientError
from tenants.authentication import token_scope
from tenants.models import ApiToken, Organization, TokenKind


class AlwaysJson(BaseContentNegotiation):
    """Answers JSON whatever was asked for: a browser's Accept header is no error."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        """Return the parser of JSON."""
        del request
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the renderer of JSON."""
        del request, format_suffix
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


class OpenView(APIView):
    """A view that needs no token."""

    content_negotiation_class = AlwaysJson


class TokenView(OpenView):
    """A view with the scope of the token's organization."""

    token: ApiToken

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Open the scope, then answer; a refusal at the door is JSON too."""
        try:
            with token_scope(request, TokenKind.API) as self.token:
                return super().dispatch(request, *args, **kwargs)
        except ProblemError as problem:
            return problem_response(problem)
        except TransientError as error:
            return busy_response(error)

    def organization(self, name: str) -> Organization:
        """Return the token's organization, if the address names it by its slug or its id."""
        organization = self.token.organization
        if name not in {organization.slug, str(organization.pk)}:
            raise NotFoundError(
                "There is no such deployment for this token; GET /api/v1/deployments lists it."
            )
        return organization


def answer(shape: BaseModel) -> HttpResponse:
    """Return a shape as JSON; fields that were never set are left out."""
    return HttpResponse(
        shape.model_dump_json(exclude_unset=True, by_alias=True), content_type="application/json"
    )
