"""The scanner's door: a CI token opens the scope, and every refusal is JSON."""

import functools
import uuid
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from api.errors import MethodRefusedError, busy_response, problem_response
from core.errors import NotFoundError, ProblemError, TransientError
from core.numbers import id_of
from findings.models import Scan
from tenants.authentication import InvalidTokenError, WrongTokenKindError, token_scope
from tenants.models import ApiToken, TokenKind

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate["ScannerRequest", Arguments], HttpResponse]
SCAN_ID_HEADER = "X-Semgrep-Scan-ID"


class ScannerRequest(HttpRequest):
    """A request with a CI token, whose organization is in scope."""

    token: ApiToken


def scanner_door(
    method: str,
) -> Callable[[View[Arguments]], Callable[Concatenate[HttpRequest, Arguments], HttpResponse]]:
    """Let a view be called with `method` and a CI token alone.

    A token of another kind answers 401, not 404: for the scanner that means "this key is wrong".
    """

    def decorate(
        view: View[Arguments],
    ) -> Callable[Concatenate[HttpRequest, Arguments], HttpResponse]:
        @csrf_exempt
        @functools.wraps(view)
        def wrapper(
            request: ScannerRequest, *args: Arguments.args, **kwargs: Arguments.kwargs
        ) -> HttpResponse:
            try:
                if request.method != method:
                    raise MethodRefusedError(str(request.method), allowed=method)
                with token_scope(request, TokenKind.CI) as token:
                    request.token = token
                    return view(request, *args, **kwargs)
            except WrongTokenKindError as problem:
                return problem_response(InvalidTokenError(problem.detail))
            except ProblemError as problem:
                return problem_response(problem)
            except TransientError as error:
                return busy_response(error)

        return wrapper  # type: ignore[return-value]  # callers hold a plain HttpRequest

    return decorate


def find_scan(scan_id: str) -> Scan:
    """Return the organization's scan of this id; raise NotFoundError for any other."""
    rows = Scan.objects.select_related("project", "ref")
    scan: Scan | None = rows.filter(id=id_of(scan_id) or 0).first()
    if scan is None:
        raise NotFoundError(
            "There is no such scan for this token; start one with POST /api/cli/v2/scans."
        )
    return scan


def find_scan_by_unique_id(unique_id: uuid.UUID | None) -> Scan | None:
    """Return the organization's scan that the scanner knows by `unique_id`, if there is one."""
    if unique_id is None:
        return None
    rows = Scan.objects.select_related("project", "ref")
    scan: Scan | None = rows.filter(unique_id=unique_id).first()
    return scan


def read_uuid(text: str) -> uuid.UUID | None:
    """Return the UUID that a text is, or None."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
