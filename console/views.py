"""The pages that show several apps: findings, one finding, scans."""

from collections.abc import Mapping
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from console.code import Place, lines_around, without_match
from console.facets import COMPONENTS, branches_of, chips_of, facets_of, query_of, tabs_of, total_of
from console.selectors import (
    analysis_progress,
    instance_shown,
    projects_to_choose,
    rows_of,
)
from core.errors import NotFoundError, TransientError
from core.numbers import id_of
from findings.models import Finding, Instance, Product, Scan
from findings.selectors import (
    activities_of,
    commit_to_read,
    get_finding,
    instances_of,
    newest_problems,
    newest_scans,
    scan_details,
)
from insights.filters import FindingFilter
from insights.search import count_by, page_of_findings
from integrations.codehosts import CodeFile, CodeUnavailableError
from integrations.selectors import code_host_for
from memories.selectors import text_of_memory
from remediation.panels import remedy_context
from tenants.models import User
from tenants.permissions import MemberRequest, Permission, requires
from tenants.selectors import memberships_of
from triage.forms import TriageForm
from triage.panels import verdict_context

FILTERS_ELEMENT = "filters"
# Where the scanner's links lead that name a page of their own: the list of findings, narrowed.
PRODUCTS = {"supply-chain": Product.SCA, "secrets": Product.SECRETS}


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the Dashboard of the person's first organization."""
    memberships = memberships_of(cast("User", request.user))
    if not memberships:
        return render(request, "console/no_organization.html")
    return redirect("console:dashboard", organization_slug=memberships[0].organization.slug)


@require_safe
@requires(Permission.VIEW)
def findings(request: MemberRequest) -> HttpResponse:
    """Show the findings that the address asks for; htmx gets the list alone."""
    wanted = FindingFilter.from_query(request.GET)
    cursor = request.GET.get("cursor", "")
    page = page_of_findings(wanted, cursor)
    counts = count_by(wanted) if wanted.is_counted else None
    context = {
        "wanted": wanted,
        "here": query_of(wanted, cursor),
        "newer": query_of(wanted, page.previous_cursor) if page.previous_cursor else "",
        "older": query_of(wanted, page.next_cursor) if page.next_cursor else "",
        "rows": rows_of(page),
        "total": total_of(wanted, counts),
        "tabs": tabs_of(wanted, counts),
        "facets": facets_of(wanted, counts, projects_to_choose()),
        "branches": branches_of(wanted, COMPONENTS),
        "chips": chips_of(wanted, memory=text_of_memory(wanted.memory_id)),
        "is_empty_house": not page.items and not Scan.objects.exists(),
        "decision": TriageForm(),
    }
    is_fragment = request.headers.get("HX-Request") == "true"
    template = "console/_findings.html" if is_fragment else "console/findings.html"
    response = render(request, template, {**context, "is_fragment": is_fragment})
    patch_vary_headers(response, ["HX-Request"])
    if request.headers.get("HX-Trigger") == FILTERS_ELEMENT:
        # What the form sends names every field; the address bar gets those that ask something.
        response.headers["HX-Push-Url"] = request.path + query_of(wanted)
    return response


@require_safe
@requires(Permission.VIEW)
def progress(request: MemberRequest) -> HttpResponse:
    """Show how far the analysis of the newest scan has come; the strip asks again by itself."""
    context = {"progress": analysis_progress(timezone.now())}
    return render(request, "console/_progress.html", context)


@require_safe
@requires(Permission.VIEW)
def finding(request: MemberRequest, finding_id: int) -> HttpResponse:
    """Show one finding."""
    found = get_finding(finding_id)
    instances = list(instances_of(found))
    instance = instance_shown(instances, found, request.GET.get("ref", ""))
    context = {
        "finding": found,
        "instance": instance,
        "instances": instances,
        "mode": _mode(found, instance),
        "activities": activities_of(found),
        "form": TriageForm(),
        **verdict_context(found),
        **remedy_context(found),
    }
    return render(request, "console/finding.html", context)


@require_safe
@requires(Permission.VIEW)
def activity(request: MemberRequest, finding_id: int) -> HttpResponse:
    """Show what happened to a finding."""
    found = get_finding(finding_id)
    context = {"finding": found, "activities": activities_of(found)}
    return render(request, "console/_activity.html", context)


@require_safe
@requires(Permission.VIEW)
def code(request: MemberRequest, finding_id: int, instance_id: int) -> HttpResponse:
    """Show the code of one appearance of a finding, from the code host, or why there is none."""
    found = get_finding(finding_id)
    instance = next((one for one in instances_of(found) if one.pk == instance_id), None)
    if instance is None:
        raise NotFoundError("This finding does not appear there any more; load the page again.")
    context: dict[str, Any] = {"finding": found, "instance": instance}
    try:
        context |= _code_context(found, instance)
    except CodeUnavailableError as error:
        context["problem"] = error.detail
    except TransientError:
        context |= {"problem": "The code host does not answer at the moment.", "is_busy": True}
    return render(request, "console/_code.html", context)


@require_safe
@requires(Permission.VIEW)
def scans(request: MemberRequest) -> HttpResponse:
    """List the scans, the newest first, and the newest troubles."""
    before = id_of(request.GET.get("before", ""))
    is_first = before is None
    page = newest_scans(before=before)
    orphans = [one for one in newest_problems(limit=20) if one.scan_id is None]
    context = {"page": page, "is_first": is_first, "problems": orphans if is_first else []}
    return render(request, "console/scans.html", context)


@require_safe
@requires(Permission.VIEW)
def scan(request: MemberRequest, scan_id: int) -> HttpResponse:
    """Show one scan and what went wrong around it."""
    details = scan_details(scan_id)
    context = {"scan": details.scan, "problems": details.problems}
    return render(request, "console/scan.html", context)


@require_safe
@requires(Permission.VIEW)
def moved(request: MemberRequest, page: str) -> HttpResponse:
    """Lead a link of the scanner to the findings that it means."""
    response = redirect("console:findings", organization_slug=request.organization.slug)
    kept = {name: request.GET[name] for name in ("repo", "ref") if name in request.GET}
    kept["product"] = PRODUCTS[page].value
    wanted = request.GET.copy()
    wanted.clear()
    wanted.update(kept)
    response["Location"] += f"?{wanted.urlencode()}"
    return response


def _mode(finding: Finding, instance: Instance | None) -> str:
    scan = instance.last_scan if instance else None
    return str(scan.served_modes.get(finding.rule.check_id, "")) if scan else ""


def _code_context(finding: Finding, instance: Instance) -> Mapping[str, Any]:
    commit = commit_to_read(instance)
    if not commit:
        return {"problem": "The scan named no commit, so we cannot know which code it saw."}
    path = instance.file.path
    host = code_host_for(finding.project)
    source: CodeFile = host.read_file(path=path, commit=commit)
    place = Place(
        start_line=instance.start_line,
        start_column=instance.start_column,
        end_line=instance.end_line,
        end_column=instance.end_column,
    )
    lines = lines_around(path=path, text=source.text, place=place, roles=_roles(instance))
    if finding.product == Product.SECRETS:
        lines = without_match(lines)
    if not lines:
        return {"problem": "The file ends before the match: it is not the file that was scanned."}
    url = host.line_url(path=path, commit=commit, line=instance.start_line)
    return {"lines": lines, "commit": commit, "source": source, "line_url": url}


def _roles(instance: Instance) -> dict[int, str]:
    """Return what the lines of the finding's own file are in its data flow."""
    steps = instance.trace or []
    return {step["line"]: step["role"] for step in steps if step["path"] == instance.file.path}
