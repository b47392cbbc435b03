"""The Rules pages: the library, one rule with its versions, and what changes them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from console.rule_pages import facts_of, get_rule, version_facts
from console.rules import RuleQuery, choices_of, page_of_rules, tabs_of
from core.numbers import id_of
from rules.library import delete_rule, fork_rule, restore_rule, restore_version
from rules.models import Rule
from tenants.audit import Actor
from tenants.permissions import MemberRequest, Permission, requires


@require_safe
@requires(Permission.VIEW)
def rules(request: MemberRequest) -> HttpResponse:
    """List the rules that the address asks for."""
    wanted = RuleQuery.from_query(request.GET)
    page = page_of_rules(wanted)
    context = {
        "wanted": wanted,
        "page": page,
        "tabs": tabs_of(wanted),
        "choices": choices_of(wanted),
        "first": wanted.address() if wanted.after else "",
        "next": wanted.address(after=page.next_after) if page.next_after else "",
        "is_empty_house": not page.rows and not Rule.objects.exists(),
    }
    is_fragment = request.headers.get("HX-Request") == "true"
    template = "console/_rules_list.html" if is_fragment else "console/rules.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
@requires(Permission.VIEW)
def rule(request: MemberRequest, rule_id: int) -> HttpResponse:
    """Show one rule, also one that was deleted."""
    facts = facts_of(get_rule(rule_id))
    return render(request, "console/rule.html", {"facts": facts, "rule": facts.rule})


@require_safe
@requires(Permission.VIEW)
def rule_version(request: MemberRequest, rule_id: int, number: int) -> HttpResponse:
    """Show what a version changed since the one before it, or since the one that is named."""
    found = get_rule(rule_id)
    other = id_of(request.GET.get("against", ""))
    facts = version_facts(found, number=number, other_number=other)
    return render(request, "console/rule_version.html", {"facts": facts, "rule": found})


@require_POST
@requires(Permission.MANAGE_RULES)
def fork(request: MemberRequest, rule_id: int) -> HttpResponse:
    """Make a rule of the organization's own from another."""
    made = fork_rule(get_rule(rule_id), Actor.person(request.member.user), timezone.now())
    messages.success(request, f"{made.path} is yours to change; it is in no policy yet.")
    return redirect("console:rule", request.organization.slug, made.pk)


@require_POST
@requires(Permission.MANAGE_RULES)
def delete(request: MemberRequest, rule_id: int) -> HttpResponse:
    """Take a rule out of the library and its policies."""
    found = get_rule(rule_id)
    delete_rule(found, Actor.person(request.member.user), timezone.now())
    messages.success(request, f"{found.path} is deleted. Under Deleted it can be restored.")
    return redirect("console:rules", request.organization.slug)


@require_POST
@requires(Permission.MANAGE_RULES)
def restore(request: MemberRequest, rule_id: int) -> HttpResponse:
    """Bring a deleted rule back."""
    found = get_rule(rule_id)
    restore_rule(found, Actor.person(request.member.user))
    messages.success(request, f"{found.path} is back. It is in no policy until you add it to one.")
    return redirect("console:rule", request.organization.slug, found.pk)


@require_POST
@requires(Permission.MANAGE_RULES)
def restore_earlier(request: MemberRequest, rule_id: int, number: int) -> HttpResponse:
    """Make an earlier version the newest one."""
    actor = Actor.person(request.member.user)
    changed = restore_version(get_rule(rule_id), number, actor, timezone.now())
    messages.success(request, f"Version {number} is back, as version {changed.version}.")
    return redirect("console:rule", request.organization.slug, changed.pk)
