"""The page Settings, Model log."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from core.errors import InvalidInputError
from core.numbers import id_of
from llm.configuration import assistant_settings
from llm.deletion import delete_text, delete_texts
from llm.models import LogMode, ModelCall, Outcome, TextState
from llm.selectors import (
    FILTER_FIELDS,
    CallFilter,
    choices_of,
    exported_lines,
    get_call,
    page_of_calls,
)
from tenants.audit import Actor, record_audit_event
from tenants.permissions import MemberRequest, Permission, requires


@never_cache
@require_safe
@requires(Permission.MANAGE_ASSISTANT)
def calls(request: MemberRequest) -> HttpResponse:
    """List the calls that the address asks for, the newest first."""
    wanted = CallFilter.from_query(request.GET)
    before = id_of(request.GET.get("before", ""))
    limits = assistant_settings()
    context = {
        "wanted": wanted,
        "page": page_of_calls(wanted, before=before),
        "is_first": before is None,
        "purposes": choices_of("purpose"),
        "models": choices_of("model"),
        "outcomes": Outcome.choices,
        "retention_days": limits.retention_days,
        "keeps_figures_only": limits.log_mode == LogMode.METADATA,
    }
    return render(request, "llm/calls.html", context)


@never_cache
@require_safe
@requires(Permission.MANAGE_ASSISTANT)
def call(request: MemberRequest, call_id: int) -> HttpResponse:
    """Show one call: exactly what was sent and what came back, while that is kept."""
    found = get_call(call_id)
    context = {
        "call": found,
        "messages_sent": _messages_of(found),
        "is_kept": found.text_state == TextState.KEPT and bool(found.request),
        "retention_days": assistant_settings().retention_days,
    }
    return render(request, "llm/call.html", context)


@never_cache
@require_safe
@requires(Permission.MANAGE_ASSISTANT)
def export(request: MemberRequest) -> StreamingHttpResponse:
    """Send the calls that the address asks for as JSON Lines."""
    wanted = CallFilter.from_query(request.GET)
    record_audit_event(
        actor=Actor.person(request.member.user), action="model_log.exported", after=wanted.items
    )
    lines = exported_lines(wanted, organization_id=request.organization.pk)
    response = StreamingHttpResponse(lines, content_type="application/jsonl; charset=utf-8")
    name = f"model-log-{request.organization.slug}-{timezone.now():%Y-%m-%d}.jsonl"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
@requires(Permission.MANAGE_ASSISTANT)
def delete_one(request: MemberRequest, call_id: int) -> HttpResponse:
    """Delete the text of one call."""
    delete_text(call=get_call(call_id), actor=Actor.person(request.member.user))
    messages.success(request, "The prompt and the answer are deleted; the figures stay.")
    return redirect("llm:call", organization_slug=request.organization.slug, call_id=call_id)


@require_POST
@requires(Permission.MANAGE_ASSISTANT)
def delete_shown(request: MemberRequest) -> HttpResponse:
    """Delete the texts of all calls that the form's filter asks for."""
    wanted = CallFilter.from_query(request.POST)
    _require_understood(request.POST, wanted)
    count = delete_texts(wanted=wanted, actor=Actor.person(request.member.user))
    messages.success(request, f"The texts of {count} calls are deleted; the figures stay.")
    address = reverse("llm:calls", args=[request.organization.slug])
    return redirect(f"{address}?{wanted.query}" if wanted.query else address)


def _require_understood(sent: Mapping[str, Any], wanted: CallFilter) -> None:
    """Raise InvalidInputError for a filter that asks less than was sent: it would delete more."""
    for name in FILTER_FIELDS:
        if sent.get(name) and name not in wanted.items:
            raise InvalidInputError(
                f"{name}: this makes no sense, so nothing was deleted; load the page again.",
                field=name,
            )


def _messages_of(call: ModelCall) -> Sequence[Mapping[str, Any]]:
    try:
        sent = json.loads(call.request) if call.request else []
    except ValueError:
        # Not ours to mend: shown as it is.
        return [{"role": "request", "content": call.request}]
    return sent if isinstance(sent, list) else []
