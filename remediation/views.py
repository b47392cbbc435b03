"""The panel that says how to make a finding go away, and what people do with it."""

import json
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.errors import TransientError
from findings.selectors import get_finding
from integrations.codehosts import CodeUnavailableError
from memories.services import remember_from_fix
from remediation import change_requests
from remediation.feedback import rate_fix, rate_guidance
from remediation.forms import CustomizeForm, RateFixForm, RateGuidanceForm
from remediation.panels import fix_request_context, remedy_context
from remediation.progress import Step, step_of
from remediation.selectors import shown_fix
from remediation.showing import colored_diff_of, fix_to_show, patch_of
from tenants.audit import Actor
from tenants.permissions import MemberRequest, Permission, may, requires
from triage.forms import valid
from triage.models import Analysis, Rating
from triage.requests import request_analysis
from triage.views import answer

ANALYSIS_CHANGED = "analysis-changed"


@require_safe
@requires(Permission.VIEW)
def remedy_panel(request: MemberRequest, finding_id: int) -> HttpResponse:
    """Show the guidance and the fix of a finding, or why there are none."""
    finding = get_finding(finding_id)
    context = {"finding": finding, **remedy_context(finding)}
    return render(request, "remediation/_remedy_panel.html", context)


@require_safe
@requires(Permission.VIEW)
def remedy_progress(request: MemberRequest, finding_id: int) -> HttpResponse:
    """Show how far the analysis has come; the panels load themselves anew once it is further."""
    finding = get_finding(finding_id)
    step = step_of(finding)
    context = {"finding": finding, "step": step}
    response = render(request, "remediation/_progress.html", context)
    if request.GET.get("seen", step) != step:
        response.headers["HX-Trigger"] = json.dumps({ANALYSIS_CHANGED: True})
    return response


@require_safe
@requires(Permission.VIEW)
def fix_diff(request: MemberRequest, finding_id: int, fix_id: int) -> HttpResponse:
    """Show what the proven fix changes, in the code of the code host."""
    finding = get_finding(finding_id)
    fix = fix_to_show(finding, fix_id)
    context: dict[str, Any] = {"finding": finding, "fix": fix}
    try:
        context["diff"] = colored_diff_of(finding=finding, fix=fix)
    except CodeUnavailableError as error:
        context["problem"] = error.detail
    except TransientError:
        context |= {"problem": "The code host does not answer at the moment.", "is_busy": True}
    return render(request, "remediation/_diff.html", context)


@require_safe
@requires(Permission.VIEW)
def fix_patch(request: MemberRequest, finding_id: int, fix_id: int) -> HttpResponse:  # noqa: ARG001 a view
    """Give the proven fix as a file that `git apply` takes."""
    finding = get_finding(finding_id)
    diff = patch_of(finding=finding, fix=fix_to_show(finding, fix_id))
    response = HttpResponse(diff.patch.encode(), content_type="text/x-diff; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="finding-{finding.pk}.patch"'
    return response


@require_safe
@requires(Permission.VIEW)
def fix_request(request: MemberRequest, finding_id: int) -> HttpResponse:
    """Show how far the change request with the fix has come."""
    finding = get_finding(finding_id)
    fix = shown_fix(finding.pk)
    context = {"finding": finding, "fix": fix, **fix_request_context(finding, fix)}
    return render(request, "remediation/_fix_request.html", context)


@require_POST
@requires(Permission.TRIAGE_FINDINGS)
def request_fix(request: MemberRequest, finding_id: int, fix_id: int) -> HttpResponse:
    """Ask for a change request that brings the proven fix into the repository."""
    change_requests.request_fix(
        finding_id=finding_id,
        fix_id=fix_id,
        actor=Actor.person(request.member.user),
        now=timezone.now(),
    )
    return answer(request, "It is being opened; the link appears here.", finding_id=finding_id)


@require_POST
@requires(Permission.TRIAGE_FINDINGS)
def regenerate(request: MemberRequest, finding_id: int) -> HttpResponse:
    """Ask for new guidance and a new fix."""
    finding = get_finding(finding_id)
    if step_of(finding) != Step.NOTHING:
        return answer(request, "It is being written already.", finding_id=finding.pk)
    _ask_anew(request, finding.pk)
    return answer(request, "New guidance is being written.", finding_id=finding.pk)


@require_POST
@requires(Permission.TRIAGE_FINDINGS)
def customize(request: MemberRequest, finding_id: int) -> HttpResponse:
    """Remember what fixes of this rule should look like here; an admin's word is used at once."""
    finding = get_finding(finding_id)
    text = valid(CustomizeForm(request.POST)).cleaned_data["text"]
    is_admin = may(request.member, Permission.MANAGE_MEMORIES)
    actor = Actor.person(request.member.user)
    now = timezone.now()
    remember_from_fix(finding=finding, text=text, actor=actor, is_admin=is_admin, now=now)
    if not is_admin:
        said = "Suggested. It is used once an admin of your organization has made it live."
        return answer(request, said, finding_id=finding.pk)
    _ask_anew(request, finding.pk)
    return answer(request, "Saved. New guidance is being written.", finding_id=finding.pk)


@require_POST
@requires(Permission.TRIAGE_FINDINGS)
def give_guidance_feedback(request: MemberRequest, finding_id: int) -> HttpResponse:
    """Record what a member thinks of the guidance."""
    finding = get_finding(finding_id)
    values = valid(RateGuidanceForm(request.POST)).cleaned_data
    rate_guidance(
        finding_id=finding.pk,
        guidance_id=values["guidance"],
        rating=Rating(values["rating"]),
        note=values["note"],
        actor=Actor.person(request.member.user),
        now=timezone.now(),
    )
    return answer(request, "Thank you: your rating is kept.", finding_id=finding.pk)


@require_POST
@requires(Permission.TRIAGE_FINDINGS)
def give_fix_feedback(request: MemberRequest, finding_id: int) -> HttpResponse:
    """Record what a member thinks of the fix."""
    finding = get_finding(finding_id)
    values = valid(RateFixForm(request.POST)).cleaned_data
    rate_fix(
        finding_id=finding.pk,
        fix_id=values["fix"],
        rating=Rating(values["rating"]),
        note=values["note"],
        actor=Actor.person(request.member.user),
        now=timezone.now(),
    )
    return answer(request, "Thank you: your rating is kept.", finding_id=finding.pk)


def _ask_anew(request: MemberRequest, finding_id: int) -> None:
    request_analysis(
        finding_ids=[finding_id],
        wanted=[Analysis.REMEDY],
        is_fresh=True,
        actor=Actor.person(request.member.user),
        now=timezone.now(),
    )
