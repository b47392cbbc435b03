"""Changing policies from their pages; what may block scans is previewed before it is saved."""

from dataclasses import dataclass, replace
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from console.policies_views import get_policy, policies_page, settings_page
from console.policy_forms import PolicyForm, RenameForm, TagForm, mode_change_of
from core.errors import InvalidInputError
from core.numbers import id_of
from insights.policy_preview import PolicyPreview, preview_change
from rules.mode_changes import change_modes
from rules.models import Mode, Policy, Rule
from rules.policy_book import Book, read_book
from rules.policy_changes import (
    DefaultPolicyError,
    create_policy,
    delete_policy,
    rename_policy,
    set_policy_tags,
)
from tenants.audit import Actor
from tenants.permissions import MemberRequest, Permission, requires

SHOWN_RULES = 50
FROM_EDITOR = "editor-"
NEW_SCANS = "Scans that begin from now on get it."


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedRule:
    """A rule whose mode in the policy changes; a blank mode: not in it."""

    path: str
    before: str
    after: str


@require_POST
@requires(Permission.MANAGE_RULES)
def add_policy(request: MemberRequest) -> HttpResponse:
    """Make a policy."""
    form = PolicyForm(request.POST)
    if not form.is_valid():
        return policies_page(request, form)
    try:
        made = create_policy(**form.cleaned_data, actor=_actor(request), now=timezone.now())
    except InvalidInputError as problem:
        form.refuse(problem)
        return policies_page(request, form)
    messages.success(request, f"{made.name} is made. Put rulesets or rules into it.")
    return redirect("console:policy-rulesets", request.organization.slug, made.pk)


@require_POST
@requires(Permission.MANAGE_RULES)
def rename(request: MemberRequest, policy_id: int) -> HttpResponse:
    """Give a policy another name."""
    found, form = get_policy(policy_id), RenameForm(request.POST)
    if form.is_valid():
        try:
            rename_policy(policy_id=found.pk, actor=_actor(request), **form.cleaned_data)
        except InvalidInputError as problem:
            form.refuse(problem)
    if not form.is_valid():
        return settings_page(request, found, rename=form)
    messages.success(request, "The policy is renamed.")
    return redirect("console:policy-settings", request.organization.slug, found.pk)


@require_POST
@requires(Permission.MANAGE_RULES)
def tag(request: MemberRequest, policy_id: int) -> HttpResponse:
    """Show what it would mean to give a policy to other projects; confirmed, do it."""
    found, form = get_policy(policy_id), TagForm(request.POST)
    if form.is_valid() and found.is_default and form.cleaned_data["tags"]:
        form.add_error("tags", "The default policy is for all projects; make another for some.")
    if not form.is_valid():
        return settings_page(request, found, tag=form)
    tags = form.cleaned_data["tags"]
    if not request.POST.get("confirmed"):
        book = read_book()
        page = replace(book.page(found.pk), tags=frozenset(tags))
        fields = [("tags", ", ".join(tags))]
        return _preview(request, found, before=book, after=book.with_page(page), fields=fields)
    set_policy_tags(policy_id=found.pk, tags=tags, actor=_actor(request))
    messages.success(request, f"Saved. {NEW_SCANS}")
    return redirect("console:policy-settings", request.organization.slug, found.pk)


@require_POST
@requires(Permission.MANAGE_RULES)
def modes(request: MemberRequest, policy_id: int) -> HttpResponse:
    """Show what other modes would have done to the newest scans; confirmed, store them."""
    found = get_policy(policy_id)
    back = _back(request, found)
    try:
        change = mode_change_of(found.pk, request.POST)
    except InvalidInputError as problem:
        messages.error(request, problem.detail.partition(": ")[2])
        return HttpResponseRedirect(back)
    if not request.POST.get("confirmed"):
        book = read_book(also=change.ruleset_ids)
        fields = [
            *(("rule", str(key)) for key in sorted(change.rule_ids)),
            *(("ruleset", str(key)) for key in sorted(change.ruleset_ids)),
            ("mode", request.POST["mode"]),
            ("back", request.POST.get("back", "")),
        ]
        return _preview(request, found, before=book, after=change.on(book), fields=fields)
    count = change_modes(change=change, actor=_actor(request), now=timezone.now())
    said = f"{count} changed. {NEW_SCANS}" if count else "Nothing changed: all were so before."
    messages.success(request, said)
    return HttpResponseRedirect(back)


@require_POST
@requires(Permission.MANAGE_RULES)
def delete(request: MemberRequest, policy_id: int) -> HttpResponse:
    """Show what a policy's end would mean; confirmed, delete it."""
    found = get_policy(policy_id)
    if found.is_default:
        raise DefaultPolicyError("The default policy stays: imports go to it.")
    if not request.POST.get("confirmed"):
        book = read_book()
        after = book.without_page(found.pk)
        return _preview(request, found, before=book, after=after, fields=[], is_deletion=True)
    delete_policy(policy_id=found.pk, actor=_actor(request))
    messages.success(request, f"{found.name} is deleted. Its rules are still in the library.")
    return redirect("console:policies", request.organization.slug)


def _preview(
    request: MemberRequest,
    found: Policy,
    *,
    before: Book,
    after: Book,
    fields: list[tuple[str, str]],
    is_deletion: bool = False,
) -> HttpResponse:
    """Show a change before it is saved; the same address saves it, with `confirmed`."""
    preview: PolicyPreview = preview_change(before=before, after=after)
    changed = [] if is_deletion else _changed_rules(found, before, after)
    context = {
        "policy": found,
        "preview": preview,
        "changed": changed[:SHOWN_RULES],
        "more": max(0, len(changed) - SHOWN_RULES),
        "changed_count": len(changed),
        "new_tags": dict(fields).get("tags"),
        "fields": fields,
        "is_deletion": is_deletion,
        "back": _back(request, found),
    }
    return render(request, "console/policy_preview.html", context, status=HTTPStatus.OK)


def _changed_rules(found: Policy, before: Book, after: Book) -> list[ChangedRule]:
    then, now = (book.modes_of(book.page(found.pk)) for book in (before, after))
    ids = [key for key in then.keys() | now.keys() if then.get(key) != now.get(key)]
    paths = Rule.objects.filter(id__in=ids).order_by("path").values_list("id", "path")
    return [
        ChangedRule(path=path, before=_label(then.get(key)), after=_label(now.get(key)))
        for key, path in paths
    ]


def _label(mode: Mode | None) -> str:
    return str(mode.label) if mode else "Not in this policy"


def _back(request: MemberRequest, found: Policy) -> str:
    """Return the page that the change was asked for on, with its filters."""
    back = request.POST.get("back", "")
    if back.startswith(FROM_EDITOR) and (rule_id := id_of(back.removeprefix(FROM_EDITOR))):
        return f"{reverse('rules:editor', args=[request.organization.slug])}?rule={rule_id}"
    names = {"rulesets": "console:policy-rulesets", "settings": "console:policy-settings"}
    address = reverse(names.get(back, "console:policy"), args=[request.organization.slug, found.pk])
    return f"{address}{back}" if back.startswith("?") else address


def _actor(request: MemberRequest) -> Actor:
    return Actor.person(request.member.user)
