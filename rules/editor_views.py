"""The rule editor: its page, the check of what is typed, and saving."""

from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from core.errors import InvalidInputError, NotFoundError, ProblemError
from core.numbers import id_of
from rules.editor_page import page_context, policies_context
from rules.library import StaleRuleError, save_rule
from rules.mode_changes import ModeChange, change_modes
from rules.models import Mode, Rule
from rules.opening import Opened, open_rule, open_wanted, rule_named
from rules.texts import read_one_rule
from tenants.audit import Actor
from tenants.permissions import MemberRequest, Permission, requires

MOST_CHECKED_CHARACTERS = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What the editor's form sends; `version` is the one that its texts began from."""

    text: str
    test_code: str
    note: str
    rule: Rule | None
    version: int | None

    @classmethod
    def read(cls, sent: QueryDict) -> "Posted":
        """Return what was sent, with the line ends of forms undone."""
        # The button that saves over a newer version names it.
        version = id_of(sent.get("over") or sent.get("version") or "")
        named = sent.get("rule", "")
        rule = rule_named(named) if named else None
        return cls(
            text=sent.get("text", "").replace("\r\n", "\n"),
            test_code=sent.get("test_code", "").replace("\r\n", "\n"),
            note=sent.get("note", "").strip(),
            rule=rule,
            # Without a version nobody could tell whether somebody else's work is overwritten.
            version=(version or 0) if rule else None,
        )


@require_safe
@requires(Permission.VIEW)
def editor(request: MemberRequest) -> HttpResponse:
    """Show the editor with what the address asks for."""
    return render(request, "rules/editor.html", page_context(request, open_wanted(request.GET)))


@require_POST
@requires(Permission.MANAGE_RULES)
def check(request: MemberRequest) -> HttpResponse:
    """Say what is wrong in a rule's text as it is typed, without running it."""
    text = request.POST.get("text", "")
    try:
        # A longer one takes too long to be read at each pause; *Run* says the same.
        if len(text) <= MOST_CHECKED_CHARACTERS:
            read_one_rule(text)
    except ProblemError as error:
        return JsonResponse({"problem": error.detail, "line": getattr(error, "line", None)})
    return JsonResponse({"problem": "", "line": None})


@require_POST
@requires(Permission.MANAGE_RULES)
def save(request: MemberRequest) -> HttpResponse:
    """Save the rule as a new version, or say what keeps it from being saved; nothing is lost."""
    posted = Posted.read(request.POST)
    try:
        rule = save_rule(
            text=posted.text,
            test_code=posted.test_code,
            actor=Actor.person(request.member.user),
            now=timezone.now(),
            rule=posted.rule,
            expected_version=posted.version,
            note=posted.note,
        )
    except ProblemError as error:
        return _refused(request, posted, error)
    told = f"{rule.path} is saved as version {rule.version}."
    here = f"{reverse('rules:editor', args=[request.organization.slug])}?rule={rule.pk}"
    if request.headers.get("HX-Request") != "true":
        messages.success(request, told)
        return redirect(here)
    response = render(request, "rules/_saved.html", page_context(request, open_rule(rule)))
    response.headers["HX-Replace-Url"] = here
    response.headers["HX-Trigger"] = f'{{"toast": "Version {rule.version} is saved."}}'
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
@requires(Permission.MANAGE_RULES)
def add_to_policy(request: MemberRequest) -> HttpResponse:
    """Give the rule a mode in a policy, and show its policies anew.

    What may block scans is previewed on the policy's page first.
    """
    rule = rule_named(request.POST.get("rule", ""))
    policy_id, mode = id_of(request.POST.get("policy", "")), request.POST.get("mode", "")
    if policy_id is None:
        raise NotFoundError("policy: choose one of the policies.", field="policy")
    if mode not in Mode.values:
        raise InvalidInputError(f"mode: choose one of {', '.join(Mode.values)}.", field="mode")
    if mode == Mode.BLOCK:
        return _asks_for_preview(request, rule, policy_id)
    change_modes(
        change=ModeChange(policy_id=policy_id, mode=Mode(mode), rule_ids=frozenset({rule.pk})),
        actor=Actor.person(request.member.user),
        now=timezone.now(),
    )
    if request.headers.get("HX-Request") != "true":
        messages.success(request, f"{rule.path} is in the policy now, as {Mode(mode).label}.")
        here = reverse("rules:editor", args=[request.organization.slug])
        return redirect(f"{here}?rule={rule.pk}")
    context = {"rule": rule, "just_added": True, **policies_context(rule)}
    response = render(request, "rules/_policies.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _asks_for_preview(request: MemberRequest, rule: Rule, policy_id: int) -> HttpResponse:
    """Send the form on to the policy's page; a script's answer holds the form that goes there."""
    if request.headers.get("HX-Request") != "true":
        there = reverse("console:policy-modes", args=[request.organization.slug, policy_id])
        return HttpResponseRedirect(there, preserve_request=True)
    context = policies_context(rule)
    chosen = next((page for page in context["policies"] if page.policy_id == policy_id), None)
    if chosen is None:
        raise NotFoundError("policy: choose one of the policies.", field="policy")
    context |= {"rule": rule, "to_block_in": chosen}
    response = render(request, "rules/_policies.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _refused(request: MemberRequest, posted: Posted, error: ProblemError) -> HttpResponse:
    """Show why the rule was not saved: beside the texts, which stay as they are."""
    is_stale = isinstance(error, StaleRuleError)
    newest = Rule.objects.get(id=posted.rule.pk) if is_stale and posted.rule else None
    problem = {
        "problem": error.detail,
        "problem_line": getattr(error, "line", None),
        "newest": newest,
        "began_from": posted.version,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if request.headers.get("HX-Request") == "true":
        response = render(request, "rules/_save_problem.html", problem, status=status)
        response.headers["HX-Retarget"] = "#save-problem"
        response.headers["HX-Reswap"] = "innerHTML"
    else:
        opened = Opened(
            text=posted.text,
            test_code=posted.test_code,
            rule=posted.rule,
            version=posted.version,
            is_unsaved=True,
        )
        context = {**page_context(request, opened), **problem}
        response = render(request, "rules/editor.html", context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response
