"""The panels in which people judge findings: the verdict's and the decision's."""

import json
from http import HTTPStatus

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from core.errors import InvalidInputError
from findings.models import Finding, TriageReason, TriageState
from findings.selectors import get_finding
from findings.triage_states import TriageChange, triage_findings
from tenants.audit import Actor
from tenants.permissions import MemberRequest, Permission, may, requires
from triage.feedback import agree_and_ignore, rate_verdict
from triage.forms import (
    FindingsForm,
    NoteForm,
    RateVerdictForm,
    SelectionForm,
    TriageForm,
    VerdictForm,
    valid,
)
from triage.models import Rating
from triage.panels import EVERYTHING, analysis_context, verdict_context
from triage.reasons import analyzable
from triage.remembering import remember_note
from triage.requests import request_analysis

ONE_CHANGED = "finding-changed"
SEVERAL_CHANGED = "findings-changed"
SUGGESTED = " The note is suggested as a memory; an admin may make it live."
NOTHING_TO_ANALYZE = (
    "finding: none of these can be analyzed; the dialog before this says what is in the way."
)


@require_safe
@requires(Permission.VIEW)
def verdict_panel(request: MemberRequest, finding_id: int) -> HttpResponse:
    """Show what triage concluded of a finding."""
    return _verdict_panel(request, get_finding(finding_id))


@require_POST
@requires(Permission.TRIAGE_FINDINGS)
def agree(request: MemberRequest, finding_id: int) -> HttpResponse:
    """Agree with the verdict, and ignore the finding as a false positive."""
    finding = get_finding(finding_id)
    agree_and_ignore(
        finding_id=finding.pk,
        verdict_id=valid(VerdictForm(request.POST)).cleaned_data["verdict"],
        actor=Actor.person(request.member.user),
        now=timezone.now(),
    )
    said = "Ignored as a false positive. Thank you: your answer is kept with the verdict."
    return answer(request, said, finding_id=finding.pk)


@require_POST
@requires(Permission.TRIAGE_FINDINGS)
def rate(request: MemberRequest, finding_id: int) -> HttpResponse:
    """Say what one thinks of the verdict, with a note if there is one; the status stays."""
    finding = get_finding(finding_id)
    form = valid(RateVerdictForm(request.POST))
    rating = Rating(form.cleaned_data["rating"])
    rate_verdict(
        finding_id=finding.pk,
        verdict_id=form.cleaned_data["verdict"],
        rating=rating,
        note=form.cleaned_data["note"],
        actor=Actor.person(request.member.user),
        now=timezone.now(),
    )
    said = "agreement" if rating == Rating.GOOD else "disagreement"
    return answer(request, f"Your {said} is noted.", finding_id=finding.pk)


@require_safe
@requires(Permission.VIEW)
def decision_panel(request: MemberRequest, finding_id: int) -> HttpResponse:
    """Show what was decided about a finding, and the form to decide anew."""
    context = {"finding": get_finding(finding_id), "form": TriageForm()}
    return render(request, "triage/_decision_panel.html", context)


@require_POST
@requires(Permission.TRIAGE_FINDINGS)
def decide(request: MemberRequest, finding_id: int) -> HttpResponse:
    """Triage one finding."""
    finding = get_finding(finding_id)
    form = TriageForm(request.POST)
    if not form.is_valid():
        context = {"finding": finding, "form": form}
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return render(request, "triage/_decision_panel.html", context, status=status)
    _changed, remembered = _triage(request, [finding.pk], form)
    return answer(request, f"Saved.{remembered}", finding_id=finding_id)


@require_POST
@requires(Permission.TRIAGE_FINDINGS)
def decide_for_selection(request: MemberRequest) -> HttpResponse:
    """Triage the selected findings."""
    form = valid(SelectionForm(request.POST))
    changed, remembered = _triage(request, form.cleaned_data["finding"], form)
    noun = "finding" if len(changed) == 1 else "findings"
    return answer(request, f"{len(changed)} {noun} triaged.{remembered}")


@require_POST
@requires(Permission.TRIAGE_FINDINGS)
def add_note(request: MemberRequest, finding_id: int) -> HttpResponse:
    """Add a note to a finding; nothing else changes."""
    form = valid(NoteForm(request.POST))
    triage_findings(
        finding_ids=[get_finding(finding_id).pk],
        change=TriageChange(note=form.cleaned_data["note"]),
        actor=Actor.person(request.member.user),
        now=timezone.now(),
    )
    return answer(request, "Note added.", finding_id=finding_id)


@require_POST
@requires(Permission.TRIAGE_FINDINGS)
def offer_analysis(request: MemberRequest) -> HttpResponse:
    """Show what an analysis of the selected findings would take, and ask whether to begin."""
    form = valid(FindingsForm(request.POST))
    context = analysis_context(form.cleaned_data["finding"])
    is_fragment = request.headers.get("HX-Request") == "true"
    template = "triage/_analysis_offer.html" if is_fragment else "triage/analysis.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
@requires(Permission.TRIAGE_FINDINGS)
def start_analysis(request: MemberRequest) -> HttpResponse:
    """Have the selected findings analyzed; those that cannot be are left out."""
    form = valid(FindingsForm(request.POST))
    chosen = analyzable(form.cleaned_data["finding"]).finding_ids
    if not chosen:
        raise InvalidInputError(NOTHING_TO_ANALYZE, field="finding")
    request_analysis(
        finding_ids=chosen,
        wanted=EVERYTHING,
        is_fresh=form.cleaned_data["is_fresh"],
        actor=Actor.person(request.member.user),
        now=timezone.now(),
    )
    noun = "finding is" if len(chosen) == 1 else "findings are"
    return answer(
        request,
        f"{len(chosen)} {noun} being analyzed.",
        finding_id=chosen[0] if len(chosen) == 1 else None,
        event=SEVERAL_CHANGED,
        goes_back=False,
    )


@transaction.atomic
def _triage(
    request: MemberRequest, finding_ids: list[int], form: TriageForm
) -> tuple[list[int], str]:
    """Triage; return the ids of what was changed, and what to say of the note's memory."""
    reason, note = form.cleaned_data["reason"], form.cleaned_data["note"]
    change = TriageChange(
        state=TriageState(form.cleaned_data["state"]),
        reason=TriageReason(reason) if reason else None,
        note=note,
    )
    actor, now = Actor.person(request.member.user), timezone.now()
    changed = triage_findings(finding_ids=finding_ids, change=change, actor=actor, now=now)
    if not (form.cleaned_data["remember"] and changed):
        return changed, ""
    is_admin = may(request.member, Permission.MANAGE_MEMORIES)
    remember_note(finding_ids=changed, note=note, actor=actor, is_admin=is_admin, now=now)
    return changed, " The note is remembered." if is_admin else SUGGESTED


def answer(
    request: MemberRequest,
    said: str,
    *,
    finding_id: int | None = None,
    event: str = "",
    goes_back: bool = True,
) -> HttpResponse:
    """Say what was done; with htmx the panels load themselves anew, else a page is loaded.

    Unless it `goes_back` to where the person came from, that is the finding's, or the list.
    """
    if request.headers.get("HX-Request") == "true":
        happened = event or (SEVERAL_CHANGED if finding_id is None else ONE_CHANGED)
        response = HttpResponse(status=HTTPStatus.NO_CONTENT)
        response.headers["HX-Trigger"] = json.dumps({happened: True, "toast": said})
        return response
    messages.success(request, said)
    referrer = request.headers.get("Referer", "") if goes_back else ""
    return HttpResponseRedirect(_next_page(request, finding_id, referrer=referrer))


def _next_page(request: MemberRequest, finding_id: int | None, *, referrer: str) -> str:
    """Return the page to go to; an address of another site is not followed."""
    if url_has_allowed_host_and_scheme(referrer, allowed_hosts={request.get_host()}):
        return referrer
    if finding_id is None:
        return reverse("console:findings", args=[request.organization.slug])
    return reverse("console:finding", args=[request.organization.slug, finding_id])


def _verdict_panel(request: MemberRequest, finding: Finding) -> HttpResponse:
    context = {"finding": finding, **verdict_context(finding)}
    return render(request, "triage/_verdict_panel.html", context)
