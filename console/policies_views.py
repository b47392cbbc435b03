"""The Policies pages: the list, and one policy with its rules, rulesets, log and settings."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from console.policies import log_rows, policy_rows, ruleset_rows
from console.policy_forms import TAKE_BACK, PolicyForm, RenameForm, TagForm
from console.policy_rules import PolicyQuery, choices_of, mode_counts, page_of_rules
from core.errors import NotFoundError
from core.numbers import id_of
from rules.models import Mode, Policy
from rules.policy_book import Book, read_book
from rules.policy_log import page_of_changes
from tenants.permissions import MemberRequest, Permission, requires


@require_safe
@requires(Permission.MANAGE_RULES)
def policies(request: MemberRequest) -> HttpResponse:
    """List the policies."""
    return policies_page(request, PolicyForm())


@require_safe
@requires(Permission.MANAGE_RULES)
def policy(request: MemberRequest, policy_id: int) -> HttpResponse:
    """Show the rules of a policy that the address asks for."""
    found, book = get_policy(policy_id), read_book()
    wanted = PolicyQuery.from_query(request.GET)
    page = page_of_rules(policy=found, book=book, wanted=wanted)
    context = _context(found, book, tab="rules") | {
        "wanted": wanted,
        "choices": choices_of(wanted),
        "page": page,
        "modes": Mode.choices,
        "take_back": TAKE_BACK,
        "here": wanted.address(after=wanted.after),
        "first": wanted.address() if wanted.after else "",
        "next": wanted.address(after=page.next_after) if page.next_after else "",
    }
    return render(request, "console/policy.html", context)


@require_safe
@requires(Permission.MANAGE_RULES)
def policy_rulesets(request: MemberRequest, policy_id: int) -> HttpResponse:
    """Show the rulesets, and the mode of each in a policy."""
    found = get_policy(policy_id)
    context = _context(found, read_book(), tab="rulesets") | {
        "rows": ruleset_rows(found),
        "modes": Mode.choices,
        "take_back": TAKE_BACK,
    }
    return render(request, "console/policy_rulesets.html", context)


@require_safe
@requires(Permission.MANAGE_RULES)
def policy_changes(request: MemberRequest, policy_id: int) -> HttpResponse:
    """Show who changed what about a policy, the newest first."""
    found = get_policy(policy_id)
    before = id_of(request.GET.get("before", ""))
    page = page_of_changes(policy_id=found.pk, before=before)
    context = _context(found, read_book(), tab="changes") | {
        "rows": log_rows(page.events),
        "next_before": page.next_before,
        "is_first": before is None,
    }
    return render(request, "console/policy_changes.html", context)


@require_safe
@requires(Permission.MANAGE_RULES)
def policy_settings(request: MemberRequest, policy_id: int) -> HttpResponse:
    """Show a policy's name and tags, and the way to delete it."""
    return settings_page(request, get_policy(policy_id))


def get_policy(policy_id: int) -> Policy:
    """Return a policy; raise NotFoundError for a stranger's."""
    found: Policy | None = Policy.objects.filter(id=policy_id).first()
    if found is None:
        raise NotFoundError(f"There is no policy {policy_id} in this organization.")
    return found


def policies_page(request: MemberRequest, form: PolicyForm) -> HttpResponse:
    """Return the list with the form of a new policy, and what is wrong with it."""
    context = {"rows": policy_rows(read_book()), "form": form}
    return render(request, "console/policies.html", context, status=_status(form))


def settings_page(
    request: MemberRequest, found: Policy, *, rename: Any = None, tag: Any = None
) -> HttpResponse:
    """Return the settings of a policy with their forms, and what is wrong with one of them."""
    context = _context(found, read_book(), tab="settings") | {
        "rename": rename or RenameForm(initial={"name": found.name}),
        "tag": tag or TagForm(initial={"tags": ", ".join(found.tags)}),
    }
    status = _status(rename or tag or RenameForm())
    return render(request, "console/policy_settings.html", context, status=status)


def _context(found: Policy, book: Book, *, tab: str) -> dict[str, Any]:
    return {"policy": found, "counts": mode_counts(book, found), "tab": tab}


def _status(form: PolicyForm) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
