"""Errors as JSON, in one shape: `{"error": {"code", "message", "field"?}}`."""

import logging
from http import HTTPStatus
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.defaults import server_error as server_error_page
from pydantic import BaseModel
from rest_framework.exceptions import APIException, MethodNotAllowed
from rest_framework.response import Response

from core.errors import NotFoundError, ProblemError, TransientError

logger = logging.getLogger(__name__)

API_PATHS = ("/api/", "/c/", "/failure")
UNEXPECTED = "Something went wrong on our side; it is in the log. Try again in a minute."
BUSY = "We are busy; try again in a minute."
NOTHING_HERE = "Nothing is here. The addresses of the API are listed at /api/v1/docs."


class MethodRefusedError(ProblemError):
    """The address is right, the method is not."""

    code = "method_not_allowed"
    status = HTTPStatus.METHOD_NOT_ALLOWED

    def __init__(self, method: str, *, allowed: str) -> None:
        super().__init__(f"{method} is not allowed here; use {allowed}.")
        self.allowed = allowed


class UnknownPathError(NotFoundError):
    """No door of the API has this address."""

    code: ClassVar[str] = "unknown_path"


class ErrorDetail(BaseModel):
    """A stable word for programs, a sentence for people, and the wrong field if one is to blame."""

    code: str
    message: str
    field: str | None = None


class ErrorShape(BaseModel):
    """Every refusal has this shape."""

    error: ErrorDetail


def error_body(*, code: str, message: str, field: str | None = None) -> dict[str, Any]:
    """Return the one shape of an error; `field` is left out where no field is to blame."""
    shape = ErrorShape(error=ErrorDetail(code=code, message=message, field=field))
    return shape.model_dump(exclude_none=True)


def problem_response(problem: ProblemError) -> JsonResponse:
    """Answer a refusal."""
    body = error_body(code=problem.code, message=problem.detail, field=problem.field)
    headers = {}
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(problem, MethodRefusedError):
        headers["Allow"] = problem.allowed
    return JsonResponse(body, status=problem.status, headers=headers)


def busy_response(error: TransientError) -> JsonResponse:
    """Answer that another try may work, and when; the scanner honors the header."""
    seconds = max(1, round(error.retry_after_seconds or 5))
    body = error_body(code="busy", message=BUSY)
    return JsonResponse(
        body, status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": str(seconds)}
    )


def handle_exception(exception: Exception, context: dict[str, Any]) -> Response | None:
    """Answer what a view of the REST framework raised; None lets it rise to `server_error`."""
    del context
    if isinstance(exception, Http404):
        exception = NotFoundError("There is nothing of that name within your token's reach.")
    if isinstance(exception, ProblemError):
        body = error_body(code=exception.code, message=exception.detail, field=exception.field)
        return Response(body, status=exception.status)
    if isinstance(exception, APIException):
        return _framework_response(exception)
    return None


def _framework_response(exception: APIException) -> Response:
    detail = exception.detail
    message = str(detail) if isinstance(detail, str) else exception.default_detail
    headers = {}
    if isinstance(exception, MethodNotAllowed):
        code = MethodRefusedError.code
    else:
        code = str(exception.default_code)
    if wait := getattr(exception, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return Response(
        error_body(code=code, message=str(message)), status=exception.status_code, headers=headers
    )


@csrf_exempt
def unknown_path(_request: HttpRequest, **_rest: str) -> HttpResponse:
    """Answer an address that no door of the API has."""
    return problem_response(UnknownPathError(NOTHING_HERE))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an error that nobody expected: JSON for programs, the page for people."""
    if not request.path.startswith(API_PATHS):
        return server_error_page(request)
    body = error_body(code="internal_error", message=UNEXPECTED)
    return JsonResponse(body, status=HTTPStatus.INTERNAL_SERVER_ERROR)
