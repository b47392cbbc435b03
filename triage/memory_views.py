"""The pages that show what a memory would change, and that apply it to what is there."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods

from memories.cards import card_of
from memories.models import Memory, MemoryStage
from memories.selectors import get_memory, influenced_counts
from tenants.audit import Actor
from tenants.permissions import MemberRequest, Permission, requires
from triage.applying import apply_memory, plan_application
from triage.estimates import estimate
from triage.models import Analysis
from triage.preview_report import newest_preview, report_of
from triage.previews import findings_to_preview, request_preview, why_no_preview


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_MEMORIES)
def preview(request: MemberRequest, memory_id: int) -> HttpResponse:
    """Show which verdicts a memory would change; a POST has them judged."""
    memory = get_memory(memory_id)
    if request.method == "POST":
        request_preview(memory, Actor.person(request.member.user), timezone.now())
        return redirect("triage:memory-preview", request.organization.slug, memory.pk)
    newest = newest_preview(memory.pk)
    ids = [finding.pk for finding in findings_to_preview(memory)]
    context = {
        "card": _card(memory),
        "report": report_of(newest) if newest else None,
        "is_stale": newest is not None and newest.memory_text != memory.text,
        "estimate": estimate(finding_ids=ids, wanted=[Analysis.JUDGE]),
        "why_not": why_no_preview(memory),
    }
    is_fragment = request.headers.get("HX-Request") == "true"
    template = "triage/_memory_preview.html" if is_fragment else "triage/memory_preview.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_MEMORIES)
def apply(request: MemberRequest, memory_id: int) -> HttpResponse:
    """Show what applying a memory to the findings in its scope takes; a POST does it."""
    memory = get_memory(memory_id)
    if request.method != "POST":
        context = {
            "card": _card(memory),
            "application": plan_application(memory),
            "is_live": memory.stage == MemoryStage.LIVE,
        }
        return render(request, "triage/apply_memory.html", context)
    actor = Actor.person(request.member.user)
    count = apply_memory(memory=memory, actor=actor, now=timezone.now())
    noun = "finding is" if count == 1 else "findings are"
    messages.success(request, f"{count} {noun} being analyzed with this memory.")
    return HttpResponseRedirect(reverse("memories:memories", args=[request.organization.slug]))


def _card(memory: Memory) -> object:
    return card_of(memory, influenced=influenced_counts([memory.pk]).get(memory.pk, 0))
