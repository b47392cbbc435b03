"""What the scanner asks beside its scans: versions, its organization, an engine; its failures."""

import re
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from api.bodies import parse, read_body
from api.errors import MethodRefusedError, problem_response
from api.scanner import shapes
from api.scanner.doors import (
    SCAN_ID_HEADER,
    ScannerRequest,
    read_uuid,
    scanner_door,
)
from core.errors import ProblemError
from findings.models import ProblemKind
from findings.scans import report_problem

# The scanners that our tests run: newer ones work as far as we know, older ones do not.
NEWEST_TESTED = "1.182.0"
OLDEST_TESTED = "1.100.0"
ADD_OSS_ONLY = (
    "This platform does not hand out the proprietary engine. Run `semgrep ci --oss-only`."
)


class EngineRefusedError(ProblemError):
    """The scanner was started without --oss-only."""

    code = "engine_refused"
    status = HTTPStatus.FORBIDDEN


@csrf_exempt
def check_version(request: HttpRequest) -> HttpResponse:
    """Say which scanners are known to work; asked without a token."""
    if request.method != "GET":
        return problem_response(MethodRefusedError(str(request.method), allowed="GET"))
    return JsonResponse(shapes.versions(newest=NEWEST_TESTED, oldest=OLDEST_TESTED))


@scanner_door("GET")
def current_deployment(request: ScannerRequest) -> HttpResponse:
    """Say whose token this is."""
    return JsonResponse(shapes.deployment(request.token.organization))


@scanner_door("GET")
def refuse_engine(request: ScannerRequest, platform: str) -> HttpResponse:
    """Refuse the engine, and write it down: the Scans page then says what to add."""
    unique_id = read_uuid(request.headers.get(SCAN_ID_HEADER, ""))
    known_platform = re.sub(r"[^A-Za-z0-9_.-]", "", platform)[:40]
    # The service finds the scan by the run's id, if one was ever made.
    report_problem(
        kind=ProblemKind.ENGINE_BINARY,
        unique_id=unique_id,
        scan=None,
        exit_code=None,
        detail=f"Asked for the engine for {known_platform}. Add --oss-only to the command.",
        now=timezone.now(),
    )
    raise EngineRefusedError(ADD_OSS_ONLY)


@scanner_door("POST")
def receive_failure(request: ScannerRequest) -> HttpResponse:
    """Write down that the scanner gave up; without this its job would just be green."""
    failure = parse(shapes.ClientFailure, read_body(request))
    unique_id = read_uuid(failure.request_id or request.headers.get(SCAN_ID_HEADER, ""))
    report_problem(
        kind=ProblemKind.CLIENT_FAILURE,
        unique_id=unique_id,
        scan=None,
        exit_code=failure.exit_code,
        detail=failure.told,
        now=timezone.now(),
    )
    return JsonResponse({})
