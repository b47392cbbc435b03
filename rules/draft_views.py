"""Rules that a model writes: what is asked for, and how far that has come."""

from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import ProblemError
from llm.runner import is_offline_provider
from rules.draft_rounds import cost_of_rounds, rounds_of
from rules.drafts import MAX_ROUNDS, want_draft
from rules.languages import LANGUAGES
from rules.models import RuleDraft
from rules.starters import STARTERS
from tenants.jobs import LIVE
from tenants.permissions import MemberRequest, Permission, requires

FIELDS = ("language", "prompt", "bad_code", "good_code")
MOST_EARLIER = 10


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_RULES)
def drafts(request: MemberRequest) -> HttpResponse:
    """Show the form; a POST asks a model for a rule and leads to its rounds."""
    source = request.POST if request.method == "POST" else request.GET
    values = {name: source.get(name, "").replace("\r\n", "\n") for name in FIELDS}
    if request.method != "POST":
        return _form(request, values)
    try:
        draft = want_draft(person=request.member.user, now=timezone.now(), **values)
    except ProblemError as error:
        return _form(request, values, problem=error)
    return redirect("rules:draft", request.organization.slug, draft.pk)


@never_cache
@require_safe
@requires(Permission.VIEW)
def draft(request: MemberRequest, draft_id: int) -> HttpResponse:
    """Show the rounds so far; once the last has ended, htmx is led to the editor."""
    shown = get_object_or_404(RuleDraft, id=draft_id)
    is_fragment = request.headers.get("HX-Request") == "true"
    is_live = shown.status in LIVE
    editor = f"{reverse('rules:editor', args=[request.organization.slug])}?draft={shown.pk}"
    if is_fragment and not is_live and shown.best_round:
        response = HttpResponse(status=HTTPStatus.NO_CONTENT)
        response.headers["HX-Redirect"] = editor
        return response
    rounds = rounds_of(shown)
    seen = f"{shown.status}-{len(rounds)}"
    if is_fragment and request.GET.get("seen") == seen:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)  # what somebody reads stays open
    context = {
        "draft": shown,
        "is_live": is_live,
        "seen": seen,
        "rounds": rounds,
        "next_round": min(len(rounds) + 1, MAX_ROUNDS),
        "most_rounds": MAX_ROUNDS,
        "cost_usd": cost_of_rounds(rounds),
        "editor": editor,
    }
    template = "rules/_draft.html" if is_fragment else "rules/draft.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _form(
    request: MemberRequest, values: dict[str, str], problem: ProblemError | None = None
) -> HttpResponse:
    mine = RuleDraft.objects.filter(person=request.member.user)
    context = {
        "values": {**values, "language": values["language"] or "python"},
        "problem": problem,
        "languages": LANGUAGES,
        "is_offline": is_offline_provider(),
        "starters": STARTERS.values(),
        "earlier": mine.defer("rounds", "bad_code", "good_code").order_by("-id")[:MOST_EARLIER],
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "rules/generate.html", context, status=status)
