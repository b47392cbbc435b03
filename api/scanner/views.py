"""One scan, from its beginning to its end, in the requests of `semgrep ci`."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse, JsonResponse
from django.utils import timezone

from api.bodies import BodyTooLargeError, parse, read_body
from api.scanner import shapes
from api.scanner.configuration import choose_products, configuration, serve_rules
from api.scanner.doors import (
    ScannerRequest,
    find_scan,
    find_scan_by_unique_id,
    read_uuid,
    scanner_door,
)
from api.scanner.gate import blocking_rules, decide
from api.scanner.quick_look import look_at_results
from core.errors import InvalidInputError, NotFoundError
from findings.models import ProblemKind, ReportFormat, Scan, UploadStatus
from findings.refs import normalize_ref
from findings.reports.values import InvalidReportError
from findings.scans import complete_scan, open_scan, report_problem, store_upload
from tenants.models import Project

DRY_RUN_SECONDS = 3600


@scanner_door("POST")
def create_scan(request: ScannerRequest) -> HttpResponse:
    """Begin a scan, or return the one that this run began before."""
    wanted = parse(shapes.CreateScan, read_body(request))
    return JsonResponse({"info": _begin(request, wanted)[0]})


@scanner_door("POST")
def create_scan_at_once(request: ScannerRequest) -> HttpResponse:
    """Begin a scan and say what to do, in one answer: the way of scanners before 1.140."""
    wanted = parse(shapes.CreateScan, read_body(request))
    info, scan = _begin(request, wanted)
    if scan is None:
        name = wanted.project_metadata.project_name
        return JsonResponse({"info": info, **_dry_configuration(name)})
    return JsonResponse({"info": info, **_configuration(scan)})


@scanner_door("GET")
def read_configuration(request: ScannerRequest, unique_id: str) -> HttpResponse:
    """Say what to scan with; ready at once, so that nobody polls."""
    run = read_uuid(unique_id)
    scan = find_scan_by_unique_id(run)
    if scan is not None:
        return JsonResponse({"status": "success", **_configuration(scan)})
    name = None if run is None else cache.get(_dry_run_key(request, run))
    if name is None:
        raise NotFoundError(
            "There is no scan of this id for this token; start one with POST /api/cli/v2/scans."
        )
    return JsonResponse({"status": "success", **_dry_configuration(name)})


@scanner_door("POST")
def receive_results(request: ScannerRequest, scan_id: str) -> HttpResponse:
    """Keep what the scanner found; the ingest reads it later."""
    scan = find_scan(scan_id)
    try:
        body = read_body(request, limit_bytes=settings.UPLOAD_LIMIT_BYTES)
    except BodyTooLargeError as error:
        return _without_results(scan, error)
    upload = store_upload(
        scan=scan, report_format=ReportFormat.SEMGREP_CI, body=body, now=timezone.now()
    )
    warnings = []
    try:
        # Only now: what is wrong is kept too, and its ingest puts the reason on the Scans page.
        look_at_results(upload, body)
    except InvalidReportError as error:
        # A refusal ends the scanner, whose job is green by default; at `complete` we can block it.
        if not blocking_rules(scan):
            raise
        warnings.append(error.detail)
    return JsonResponse(shapes.results_received(task_id=str(upload.pk), warnings=warnings))


def _without_results(scan: Scan, error: BodyTooLargeError) -> HttpResponse:
    """Tell of results that are too large; where rules block, let the scanner go on."""
    report_problem(
        kind=ProblemKind.REFUSED_UPLOAD,
        unique_id=scan.unique_id,
        scan=scan,
        exit_code=None,
        detail=error.detail,
        now=timezone.now(),
    )
    if not blocking_rules(scan):
        raise error
    return JsonResponse(shapes.results_received(task_id="", warnings=[error.detail]))


@scanner_door("POST")
def complete(request: ScannerRequest, scan_id: str) -> HttpResponse:
    """End a scan once its uploads are findings, and say whether it blocks."""
    scan = find_scan(scan_id)
    end = parse(shapes.CompleteScan, read_body(request))
    if scan.uploads.filter(status=UploadStatus.STORED).exists():
        return JsonResponse(shapes.still_processing())
    decision = decide(scan)
    complete_scan(
        scan=scan,
        exit_code=end.exit_code,
        stats=end.stats,
        is_blocking=decision.is_blocking,
        now=timezone.now(),
    )
    return JsonResponse(
        shapes.completed(reason=decision.reason, match_based_ids=decision.match_based_ids)
    )


@scanner_door("POST")
def receive_error(request: ScannerRequest, scan_id: str) -> HttpResponse:
    """Write down that the engine failed."""
    scan = find_scan(scan_id)
    failure = parse(shapes.EngineError, read_body(request))
    report_problem(
        kind=ProblemKind.ENGINE_ERROR,
        unique_id=scan.unique_id,
        scan=scan,
        exit_code=failure.exit_code,
        detail=failure.stderr,
        now=timezone.now(),
    )
    return JsonResponse({})


def _begin(
    request: ScannerRequest, wanted: shapes.CreateScan
) -> tuple[dict[str, Any], Scan | None]:
    products = choose_products(wanted.scan_metadata.requested_products)
    organization = request.token.organization
    scan = None
    if wanted.scan_metadata.dry_run:
        key = _dry_run_key(request, wanted.scan_metadata.unique_id)
        cache.set(key, wanted.project_metadata.project_name, DRY_RUN_SECONDS)
    else:
        scan = _open(wanted, products)
        products = scan.products
    return shapes.scan_info(organization=organization, products=products, scan=scan), scan


def _open(wanted: shapes.CreateScan, products: list[str]) -> Scan:
    name = wanted.project_metadata.project_name
    if not name:
        field = "project_metadata.repository"
        raise InvalidInputError(
            f"{field}: the scan names no repository; set SEMGREP_REPO_NAME=org/repo.", field=field
        )
    branch = normalize_ref(wanted.project_metadata.branch or "")
    served = serve_rules(project=_project(name), products=products)
    return open_scan(
        announcement=shapes.announcement(wanted, branch=branch, products=products),
        served_modes={path: str(mode) for path, mode in served.modes.items()},
        now=timezone.now(),
    )


def _project(name: str) -> Project:
    """Return the project of this name; a new one is not stored before its scan is."""
    return Project.objects.filter(name=name).first() or Project(name=name)


def _configuration(scan: Scan) -> dict[str, Any]:
    served = serve_rules(project=scan.project, products=scan.products)
    return configuration(project=scan.project, served=served, modes=scan.served_modes)


def _dry_configuration(name: str) -> dict[str, Any]:
    project = _project(name)
    return configuration(project=project, served=serve_rules(project=project, products=["sast"]))


def _dry_run_key(request: ScannerRequest, unique_id: UUID) -> str:
    return f"dry-run:{request.token.organization.pk}:{unique_id}"
