"""The panels in which people judge findings: the verdict's and the decision's."""

import json
from http import HTTPStatus
from typing import TypeVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from core.errors import InvalidInputError
from findings.models import Finding, TriageReason, TriageState
from findings.selectors import get_finding
from findings.triage_states import TriageChange, triage_findings
from tenants.audit import Actor
from tenants.permissions import MemberRequest, Permission, requires
from triage.feedback import agree_and_ignore, disagree
from triage.forms import DisagreeForm, NoteForm, SelectionForm, TriageForm
from triage.selectors import latest_feedback, latest_tag, latest_verdict

ONE_CHANGED = "finding-changed"
SEVERAL_CHANGED = "findings-changed"
AnyForm = TypeVar("AnyForm", bound=forms.Form)


@require_safe
@requires(Permission.VIEW)
def verdict_panel(request: MemberRequest, finding_id: int) -> HttpResponse:
    """Show what triage concluded of a finding."""
    return _verdict_panel(request, get_finding(finding_id))


@require_POST
@requires(Permission.TRIAGE_FINDINGS)
def agree(request: MemberRequest, finding_id: int) -> HttpResponse:
    """Agree with the verdict, and ignore the finding as a false positive."""
    actor = Actor.person(request.member.user)
    agree_and_ignore(finding_id=finding_id, actor=actor, now=timezone.now())
    said = "Ignored as a false positive. Thank you: your answer is kept with the verdict."
    return _answer(request, said, finding_id=finding_id)


@require_POST
@requires(Permission.TRIAGE_FINDINGS)
def disagree_with_verdict(request: MemberRequest, finding_id: int) -> HttpResponse:
    """Disagree with the verdict, with a note if there is one; the status stays."""
    form = _valid(DisagreeForm(request.POST))
    disagree(
        finding_id=finding_id,
        note=form.cleaned_data["note"],
        actor=Actor.person(request.member.user),
        now=timezone.now(),
    )
    return _answer(request, "Your disagreement is noted.", finding_id=finding_id)


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
    _triage(request, [finding.pk], form)
    return _answer(request, "Saved.", finding_id=finding_id)


@require_POST
@requires(Permission.TRIAGE_FINDINGS)
def decide_for_selection(request: MemberRequest) -> HttpResponse:
    """Triage the selected findings."""
    form = _valid(SelectionForm(request.POST))
    changed = _triage(request, form.cleaned_data["finding"], form)
    noun = "finding" if len(changed) == 1 else "findings"
    return _answer(request, f"{len(changed)} {noun} triaged.")


@require_POST
@requires(Permission.TRIAGE_FINDINGS)
def add_note(request: MemberRequest, finding_id: int) -> HttpResponse:
    """Add a note to a finding; nothing else changes."""
    form = _valid(NoteForm(request.POST))
    triage_findings(
        finding_ids=[get_finding(finding_id).pk],
        change=TriageChange(note=form.cleaned_data["note"]),
        actor=Actor.person(request.member.user),
        now=timezone.now(),
    )
    return _answer(request, "Note added.", finding_id=finding_id)


def _triage(request: MemberRequest, finding_ids: list[int], form: TriageForm) -> list[int]:
    reason = form.cleaned_data["reason"]
    change = TriageChange(
        state=TriageState(form.cleaned_data["state"]),
        reason=TriageReason(reason) if reason else None,
        note=form.cleaned_data["note"],
    )
    actor = Actor.person(request.member.user)
    return triage_findings(finding_ids=finding_ids, change=change, actor=actor, now=timezone.now())


def _valid(form: AnyForm) -> AnyForm:
    """Return the form; raise InvalidInputError that names its first wrong field."""
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        raise InvalidInputError(f"{field}: {errors[0]}", field=field)
    return form


def _answer(request: MemberRequest, said: str, *, finding_id: int | None = None) -> HttpResponse:
    """Say what was done; with htmx the panels load themselves anew, else the page does."""
    event = SEVERAL_CHANGED if finding_id is None else ONE_CHANGED
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(status=HTTPStatus.NO_CONTENT)
        response.headers["HX-Trigger"] = json.dumps({event: True, "toast": said})
        return response
    messages.success(request, said)
    return HttpResponseRedirect(_came_from(request, finding_id))


def _came_from(request: MemberRequest, finding_id: int | None) -> str:
    """Return the page to go back to; an address of another site is not followed."""
    referrer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referrer, allowed_hosts={request.get_host()}):
        return referrer
    if finding_id is None:
        return reverse("console:findings", args=[request.organization.slug])
    return reverse("console:finding", args=[request.organization.slug, finding_id])


def _verdict_panel(request: MemberRequest, finding: Finding) -> HttpResponse:
    verdict = latest_verdict(finding.pk)
    context = {
        "finding": finding,
        "verdict": verdict,
        "feedback": latest_feedback(verdict.pk) if verdict else [],
        "tag": latest_tag(finding.file_id),
    }
    return render(request, "triage/_verdict_panel.html", context)
