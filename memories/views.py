"""The page Memories: what the organization has taught us."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.numbers import id_of
from findings.models import ReportedRule
from llm.configuration import assistant_settings
from llm.runner import is_offline_provider
from memories import services
from memories.cards import cards_of, query_of, tabs_of
from memories.forms import MemoryForm
from memories.models import TEXT_LIMIT, Memory, MemorySource, MemoryStage
from memories.selectors import get_memory, known_classes, page_of_memories
from tenants.audit import Actor
from tenants.models import Project
from tenants.permissions import MemberRequest, Permission, may, requires

LONGEST_SEARCH = 200
MOST_OFFERED = 500
SAID = {
    MemoryStage.LIVE: "It is used from the next analysis on.",
    MemoryStage.SUGGESTED: "It is used once an admin makes it live.",
}


@require_safe
@requires(Permission.VIEW)
def memories(request: MemberRequest) -> HttpResponse:
    """List the memories of one stage, the newest first."""
    stage = _stage(request.GET.get("stage", ""))
    text = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    before = id_of(request.GET.get("before", ""))
    page = page_of_memories(stage=stage, text=text, before=before)
    older = query_of(stage=stage, text=text, before=page.next_before) if page.next_before else ""
    context = {
        "stage": stage,
        "text": text,
        "cards": cards_of(page.memories),
        "tabs": tabs_of(current=stage, text=text),
        "newest": query_of(stage=stage, text=text) if before else "",
        "older": older,
        "may_manage": may(request.member, Permission.MANAGE_MEMORIES),
        "is_offline": is_offline_provider(),
        "is_switched_off": not assistant_settings().uses_memories,
    }
    return render(request, "memories/memories.html", context)


@require_safe
@requires(Permission.VIEW)
def memory(request: MemberRequest, memory_id: int) -> HttpResponse:
    """Lead to where a memory stands in its list."""
    found = get_memory(memory_id)
    address = reverse("memories:memories", args=[request.organization.slug])
    query = query_of(stage=MemoryStage(found.stage), text="", before=found.pk + 1)
    return HttpResponseRedirect(f"{address}{query}#memory-{found.pk}")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.TRIAGE_FINDINGS)
def add(request: MemberRequest) -> HttpResponse:
    """Keep a new memory: live at once by an admin, suggested by a member."""
    form = MemoryForm(request.POST) if request.method == "POST" else MemoryForm()
    if not (form.is_bound and form.is_valid()):
        return _form_page(request, form)
    is_admin = may(request.member, Permission.MANAGE_MEMORIES)
    keep = services.add_memory if is_admin else services.suggest_memory
    kept = keep(
        draft=form.cleaned_data["draft"],
        source=MemorySource.FORM,
        actor=Actor.person(request.member.user),
        now=timezone.now(),
    )
    stage = MemoryStage(kept.stage)
    return _back(request, stage, f"Kept. {SAID[stage]}")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_MEMORIES)
def edit(request: MemberRequest, memory_id: int) -> HttpResponse:
    """Change what a memory says or where it applies."""
    found = get_memory(memory_id)
    form = MemoryForm(request.POST) if request.method == "POST" else MemoryForm.of(found)
    if not (form.is_bound and form.is_valid()):
        return _form_page(request, form, edited=found)
    services.edit(
        memory_id=found.pk,
        draft=form.cleaned_data["draft"],
        actor=Actor.person(request.member.user),
        now=timezone.now(),
    )
    stage = MemoryStage(found.stage)
    return _back(request, stage, f"Saved. {SAID[stage]}")


@require_POST
@requires(Permission.MANAGE_MEMORIES)
def activate(request: MemberRequest, memory_id: int) -> HttpResponse:
    """Make a suggested memory live."""
    actor = Actor.person(request.member.user)
    services.activate(memory_id=memory_id, actor=actor, now=timezone.now())
    return _back(request, MemoryStage.LIVE, "Active. It is used from the next analysis on.")


@require_POST
@requires(Permission.MANAGE_MEMORIES)
def delete(request: MemberRequest, memory_id: int) -> HttpResponse:
    """Use a memory no more; it can be restored."""
    found = get_memory(memory_id)
    actor = Actor.person(request.member.user)
    services.delete(memory_id=found.pk, actor=actor, now=timezone.now())
    said = "Deleted: it is used no more. Under Deleted it can be restored."
    return _back(request, MemoryStage(found.stage), said)


@require_POST
@requires(Permission.MANAGE_MEMORIES)
def restore(request: MemberRequest, memory_id: int) -> HttpResponse:
    """Bring a deleted memory back."""
    actor = Actor.person(request.member.user)
    restored = services.restore(memory_id=memory_id, actor=actor, now=timezone.now())
    stage = MemoryStage(restored.stage)
    return _back(request, stage, f"Restored. {SAID[stage]}")


def _form_page(
    request: MemberRequest, form: MemoryForm, *, edited: Memory | None = None
) -> HttpResponse:
    """Show the form, with all that was typed and what is wrong with it."""
    rules = ReportedRule.objects.order_by("check_id").values_list("check_id", flat=True).distinct()
    context = {
        "form": form,
        "edited": edited,
        "projects": Project.objects.filter(is_archived=False).order_by("name")[:MOST_OFFERED],
        "rules": rules[:MOST_OFFERED],
        "classes": known_classes(),
        "limit": TEXT_LIMIT,
        "may_manage": may(request.member, Permission.MANAGE_MEMORIES),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "memories/memory_form.html", context, status=status)


def _back(request: MemberRequest, stage: MemoryStage, said: str) -> HttpResponse:
    messages.success(request, said)
    address = reverse("memories:memories", args=[request.organization.slug])
    return HttpResponseRedirect(f"{address}{query_of(stage=stage, text='')}")


def _stage(word: str) -> MemoryStage:
    return MemoryStage(word) if word in MemoryStage.values else MemoryStage.LIVE
